//! The `pilothouse` program: its subcommands and nothing else.

fn main() {}
