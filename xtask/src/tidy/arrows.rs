//! Who may name whom. ARCHITECTURE.md draws these arrows; here they are checked, within crates too.

use super::{
    source::{code, is_test, paths, without_tests, words},
    tree::{Finding, Tree, at},
};

/// What must not be named where. `**::` before a path finds it behind any other path.
struct Arrow {
    inside: &'static [&'static str],
    except: &'static [&'static str],
    forbidden: &'static [&'static str],
    fix: &'static str,
}

const ARROWS: &[Arrow] = &[
    Arrow {
        inside: &["crates/core/src/"],
        except: &[],
        forbidden: &[
            "serde",
            "serde_json",
            "axum",
            "sqlx",
            "tokio",
            "pilothouse_protocols",
            "pilothouse_server",
            "std::net",
            "std::fs",
            "std::process",
            "std::thread",
            "**::SystemTime",
            "**::Instant::now",
        ],
        fix: "the core is pure: let it come in as a parameter or through a port",
    },
    Arrow {
        inside: &["crates/protocols/src/"],
        except: &[],
        forbidden: &[
            "tokio",
            "axum",
            "sqlx",
            "std::net",
            "std::fs",
            "std::process",
            "std::thread",
            "**::Instant",
            "**::SystemTime",
            "pilothouse_server",
            "pilothouse_agent",
            "pilothouse_websocket",
        ],
        fix: "a protocol is input in, actions out: add an Input or an Action, or take the Moment it is given",
    },
    Arrow {
        inside: &["crates/websocket/src/"],
        except: &[],
        forbidden: &[
            "pilothouse_core",
            "pilothouse_protocols",
            "pilothouse_server",
            "serde",
            "axum",
        ],
        fix: "the codec knows nothing of us: let the caller do it",
    },
    Arrow {
        inside: &[
            "crates/server/src/gateway/",
            "crates/server/src/api/",
            "crates/server/src/http/",
        ],
        except: &[],
        forbidden: &["crate::storage", "sqlx", "**::storage::sql"],
        fix: "storage comes in as the core's Store port; only lib.rs and the committer know which",
    },
    Arrow {
        inside: &["crates/agent/", "crates/client/src/"],
        except: &["crates/agent/tests/"],
        forbidden: &["pilothouse_server", "sqlx", "axum"],
        fix: "what both sides need belongs into pilothouse-protocols",
    },
    Arrow {
        inside: &["crates/"],
        except: &["crates/pilothouse/src/page.rs"],
        forbidden: &["pilothouse_web"],
        fix: "the program hands the page to the server, so that the page is built anew without it",
    },
    Arrow {
        inside: &["crates/"],
        except: &[
            "crates/server/src/config",
            "crates/agent/src/config",
            "crates/agent/src/cli",
            "crates/pilothouse/src/access.rs",
            "crates/pilothouse/src/environment.rs",
            "crates/testkit/",
        ],
        forbidden: &["**::env::var", "**::env::var_os", "**::env::vars", "**::env::vars_os"],
        fix: "only the configuration reads the environment: make it a documented key",
    },
];

/// Words of our domain, which the codec must not know.
const OUR_WORDS: &[&str] =
    &["agent", "agents", "dashboard", "dashboards", "viewer", "viewers", "operator"];

/// Finds paths and words that are named where they must not be.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.rust("crates/").filter(|(path, _)| !is_test(path)) {
        let code = code(without_tests(text));
        let arrows = ARROWS.iter().filter(|arrow| covers(arrow, path));
        for arrow in arrows {
            for (line, named) in paths(&code) {
                if arrow.forbidden.iter().any(|forbidden| names(&named, forbidden)) {
                    found.push(at(path, line, format!("must not name `{named}`; {}", arrow.fix)));
                }
            }
        }
        if path.starts_with("crates/websocket/src/") {
            found.extend(our_words(path, &code));
        }
    }
    found
}

fn covers(arrow: &Arrow, path: &str) -> bool {
    let inside = arrow.inside.iter().any(|folder| path.starts_with(folder));
    inside && !arrow.except.iter().any(|folder| path.starts_with(folder))
}

/// Whether the path `named` is the forbidden one or something in it.
fn names(named: &str, forbidden: &str) -> bool {
    let named: Vec<&str> = named.split("::").collect();
    if let Some(anywhere) = forbidden.strip_prefix("**::") {
        let anywhere: Vec<&str> = anywhere.split("::").collect();
        return named.windows(anywhere.len()).any(|part| part == anywhere);
    }
    let forbidden: Vec<&str> = forbidden.split("::").collect();
    named.starts_with(&forbidden)
}

fn our_words(path: &str, code: &str) -> Vec<Finding> {
    let is_ours = |word: &str| word.to_lowercase().split('_').any(|part| OUR_WORDS.contains(&part));
    let named = words(code).into_iter().filter(|(_, word)| is_ours(word));
    named
        .map(|(line, word)| {
            let message =
                format!("`{word}` is a word of our domain; the codec is for anybody: rename it");
            at(path, line, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_arrow_is_seen_when_it_is_broken() {
        let broken = [
            ("crates/core/src/a.rs", "use serde::Serialize;"),
            ("crates/core/src/a.rs", "fn a() { std::time::SystemTime::now(); }"),
            ("crates/protocols/src/a/b.rs", "use std::{fmt, net::TcpStream};"),
            ("crates/protocols/src/a/b.rs", "use std::time::Instant;"),
            ("crates/protocols/src/a/b.rs", "async fn a() { tokio::task::yield_now().await }"),
            ("crates/websocket/src/a.rs", "use pilothouse_core::Event;"),
            ("crates/websocket/src/a.rs", "struct Dashboard; fn f(dashboard: Dashboard) {}"),
            ("crates/server/src/gateway/a.rs", "use crate::{auth, storage::Sql};"),
            ("crates/agent/src/a.rs", "use pilothouse_server::Server;"),
            ("crates/server/src/ui/a.rs", "use pilothouse_web::PAGE;"),
            ("crates/server/src/hub.rs", "use std::env; fn a() { env::var(\"X\"); }"),
        ];
        for (path, text) in broken {
            assert!(!found_in(path, text).is_empty(), "{path}: {text}");
        }
    }

    #[test]
    fn what_is_allowed_is_left_alone() {
        let allowed = [
            ("crates/core/src/a.rs", "//! No serde, no tokio::spawn.\nuse std::time::Duration;"),
            ("crates/core/src/a_tests.rs", "use serde::Serialize;"),
            ("crates/websocket/src/a.rs", "f(\"User-Agent\"); // from the user agent"),
            ("crates/server/src/storage/a.rs", "use sqlx::AnyPool;"),
            ("crates/server/src/config/a.rs", "fn a() { std::env::var_os(\"X\"); }"),
            ("crates/agent/src/a.rs", "fn a() { std::env::current_exe(); env!(\"X\"); }"),
        ];
        for (path, text) in allowed {
            assert_eq!(found_in(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }
}
