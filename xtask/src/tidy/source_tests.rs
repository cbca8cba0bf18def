//! Tests of reading Rust.

use super::*;

fn named(code: &str) -> Vec<String> {
    paths(code).into_iter().map(|(_, path)| path).collect()
}

#[test]
fn lists_of_imports_are_spelled_out() {
    let code =
        "use std::{net::{self, TcpStream}, time::Instant};\nuse crate::a;\nlet x = b::c::d();";
    let expected = ["std::net", "std::net::TcpStream", "std::time::Instant", "crate::a", "b::c::d"];
    assert_eq!(named(code), expected);
}

#[test]
fn paths_know_their_lines() {
    assert_eq!(paths("\nuse std::{\n    env,\n};\n"), [(3, "std::env".to_string())]);
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = "a(\"x // y\\\"\", 'b', '\\n', r#\"q\"q\"#); // c\n/* d */ e::<'f>();";
    let code = code(text);
    for gone in ["x", "y", "b", "q", "c", "d"] {
        assert!(!code.contains(gone), "{gone} is still in {code}");
    }
    assert!(code.contains("e::<'f>") && code.lines().count() == 2, "{code}");
}

#[test]
fn strings_are_found_with_their_lines() {
    assert_eq!(strings("f(\n\"ONE\", r\"TWO\")"), [(2, "ONE"), (2, "TWO")]);
}

#[test]
fn a_test_module_at_the_end_is_cut_off_and_a_file_of_tests_is_recognised() {
    let inline = "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
    assert_eq!(without_tests(inline), "fn a() {}\n");
    let beside = "fn a() {}\n#[cfg(test)]\n#[path = \"a_tests.rs\"]\nmod tests;\n";
    assert_eq!(without_tests(beside), beside);
    assert!(is_test("crates/core/src/ring_tests.rs") && !is_test("crates/core/src/ring.rs"));
}
