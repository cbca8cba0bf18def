//! The `pilothouse` program: its subcommands and nothing else.

