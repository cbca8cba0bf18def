//! What the binary itself takes from the environment; everything else goes through the configuration.

/// Whether somebody asked for no colours (<https://no-color.org>).
pub(crate) fn wants_no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
