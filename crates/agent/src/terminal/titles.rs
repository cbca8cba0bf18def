//! The window's title, and those that programs put aside.

/// How many titles can be put aside; the oldest is forgotten first.
const MAX_DEPTH: usize = 10;
/// The longest title that is kept, in bytes.
const MAX_LENGTH: usize = 4096;

/// The title and the stack of titles.
#[derive(Debug, Default)]
pub(super) struct Titles {
    pub(super) current: String,
    pub(super) aside: Vec<String>,
}

impl Titles {
    pub(super) fn set(&mut self, title: &str) {
        let end = title.floor_char_boundary(MAX_LENGTH);
        title[..end].clone_into(&mut self.current);
    }

    pub(super) fn push(&mut self) {
        if self.aside.len() == MAX_DEPTH {
            self.aside.remove(0);
        }
        self.aside.push(self.current.clone());
    }

    pub(super) fn pop(&mut self) {
        if let Some(title) = self.aside.pop() {
            self.current = title;
        }
    }
}
