//! Who may bring pictures.
