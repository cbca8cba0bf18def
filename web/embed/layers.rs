//! Where the page comes from: one decision, made of facts that come in.

use std::{fmt, path::PathBuf};

/// What a build finds.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// `PILOTHOUSE_WEB_DIST`.
    pub(crate) given: Option<PathBuf>,
    /// Whether the folder `dist` beside this crate has a page.
    pub(crate) has_dist: bool,
    /// Whether the sources of the page are here; packages have none.
    pub(crate) has_sources: bool,
    /// Whether people are to use what is built.
    pub(crate) is_release: bool,
    /// `BUILD_UI`: 1 builds the page also for a debug build, 0 never.
    pub(crate) wish: Option<bool>,
}

/// Whether the page can be built here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tools {
    /// Node.js and npm are there.
    Ready,
    /// They are not, for this reason.
    Missing(String),
}

/// Where the page comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Somebody built it and said where it is.
    Given(PathBuf),
    /// It is built now.
    Build,
    /// It was built before, in `dist`.
    Dist,
    /// `dist`, although there are sources that may be newer, since they cannot be built.
    MaybeStale(String),
    /// It is read from `dist` while the server runs, so that it is built anew without cargo.
    Folder,
    /// There is none.
    Absent(String),
}

/// Decides. Tools are looked for only if they are needed.
pub(crate) fn decide(here: &Surroundings, tools: impl FnOnce() -> Tools) -> Layer {
    if let Some(given) = &here.given {
        return Layer::Given(given.clone());
    }
    if !here.has_sources {
        return if here.has_dist {
            Layer::Dist
        } else {
            Layer::Absent("The package that this was built from came without it.".to_owned())
        };
    }
    if here.wish.unwrap_or(here.is_release) {
        return match tools() {
            Tools::Ready => Layer::Build,
            Tools::Missing(reason) => without_tools(here, reason),
        };
    }
    if here.is_release {
        return without_tools(here, "BUILD_UI=0 was set.".to_owned());
    }
    Layer::Folder
}

/// What is left when the page cannot be built.
pub(crate) fn without_tools(here: &Surroundings, reason: String) -> Layer {
    if here.has_dist { Layer::MaybeStale(reason) } else { Layer::Absent(reason) }
}

/// A version of Node.js.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node {
    major: u32,
    minor: u32,
}

impl Node {
    /// Reads what `node --version` prints.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix('v')?.split('.');
        let mut next = || numbers.next()?.parse().ok();
        Some(Self { major: next()?, minor: next()? })
    }

    /// Whether the page can be built with it: what Vite asks for.
    pub(crate) fn suffices(self) -> bool {
        match self.major {
            20 => self.minor >= 19,
            21 => false,
            22 => self.minor >= 12,
            later => later > 22,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release build of the repository.
    fn here() -> Surroundings {
        Surroundings {
            given: None,
            has_dist: false,
            has_sources: true,
            is_release: true,
            wish: None,
        }
    }

    fn missing() -> Tools {
        Tools::Missing("No npm.".to_owned())
    }

    fn nobody() -> Tools {
        panic!("nobody is to look for Node.js")
    }

    #[test]
    fn what_is_given_comes_first() {
        let given = Some(PathBuf::from("/page"));
        for has_sources in [true, false] {
            let here = Surroundings { given: given.clone(), has_sources, has_dist: true, ..here() };
            assert_eq!(decide(&here, nobody), Layer::Given("/page".into()));
        }
    }

    #[test]
    fn a_release_of_the_repository_builds_anew_whatever_lies_in_dist() {
        for has_dist in [true, false] {
            assert_eq!(decide(&Surroundings { has_dist, ..here() }, || Tools::Ready), Layer::Build);
        }
    }

    #[test]
    fn without_node_a_release_takes_what_there_is() {
        let absent = Layer::Absent("No npm.".to_owned());
        assert_eq!(decide(&here(), missing), absent);
        let with_dist = Surroundings { has_dist: true, ..here() };
        assert_eq!(decide(&with_dist, missing), Layer::MaybeStale("No npm.".to_owned()));
        let debug = Surroundings { is_release: false, wish: Some(true), ..here() };
        assert_eq!(decide(&debug, missing), absent, "nor does it fail when it was asked for");
    }

    #[test]
    fn a_package_has_its_page_or_none_and_never_asks_for_node() {
        for is_release in [true, false] {
            let package = Surroundings { has_sources: false, is_release, ..here() };
            assert!(matches!(decide(&package, nobody), Layer::Absent(_)));
            let package = Surroundings { has_dist: true, ..package };
            assert_eq!(decide(&package, nobody), Layer::Dist);
        }
    }

    #[test]
    fn a_debug_build_reads_the_folder_and_builds_only_on_request() {
        let debug = Surroundings { is_release: false, ..here() };
        assert_eq!(decide(&debug, nobody), Layer::Folder);
        let asked = Surroundings { wish: Some(true), ..debug };
        assert_eq!(decide(&asked, || Tools::Ready), Layer::Build);
    }

    #[test]
    fn a_release_can_be_told_not_to_build() {
        let told = Surroundings { wish: Some(false), ..here() };
        assert!(matches!(decide(&told, nobody), Layer::Absent(_)));
    }

    #[test]
    fn versions_of_node_are_compared_as_vite_does() {
        let suffices = |text| Node::read(text).unwrap().suffices();
        for good in ["v20.19.0\n", "v20.20.2", "v22.12.0", "v24.0.0", "v120.1.0"] {
            assert!(suffices(good), "{good}");
        }
        for bad in ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0"] {
            assert!(!suffices(bad), "{bad}");
        }
        assert_eq!(Node::read("node"), None);
        assert_eq!(Node::read("v20"), None);
    }
}
