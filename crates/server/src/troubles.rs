//! What the server cannot do at present, in words, for `/health`. Each part says it itself and takes it back itself.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// The present troubles, one per part of the server at most.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    by_part: Mutex<BTreeMap<&'static str, String>>,
}

impl Troubles {
    /// A part of the server is in trouble. Replaces what it said before.
    pub(crate) fn raise(&self, part: &'static str, reason: String) {
        self.by_part.lock().insert(part, reason);
    }

    /// A part of the server works again.
    pub(crate) fn clear(&self, part: &'static str) {
        self.by_part.lock().remove(part);
    }

    /// Whether that part of the server is in trouble.
    pub(crate) fn is_raised(&self, part: &'static str) -> bool {
        self.by_part.lock().contains_key(part)
    }

    /// One sentence for each part that is in trouble.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let by_part = self.by_part.lock();
        by_part.iter().map(|(part, reason)| format!("{part}: {reason}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_one_reason_until_it_takes_it_back() {
        let troubles = Troubles::default();
        troubles.raise("storage", "the disk reports an error".to_owned());
        troubles.raise("storage", "the disk is full".to_owned());
        troubles.raise("connections", "no descriptors are left".to_owned());
        troubles.clear("connections");
        assert_eq!(troubles.reasons(), ["storage: the disk is full"]);
    }
}
