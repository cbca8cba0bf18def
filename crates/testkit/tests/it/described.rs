//! The documents about the interfaces, as programs of others read them.

use std::{fs, path::Path, process::Command};

use pilothouse_testkit::{
    node::NodeProgram,
    program::{self, Server},
};

const PROTOCOLS: [&str; 7] = [
    "agent_link",
    "control_and_stream",
    "dashboard",
    "live_pictures",
    "mission_control",
    "runs",
    "sessions_and_workers",
];

#[test]
fn the_official_parser_finds_nothing_wrong_with_the_asyncapi_documents() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for name in PROTOCOLS {
        let printed = Command::new(program::program()).args(["asyncapi", name]).output().unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        assert_eq!(server.get(&format!("/api/asyncapi/{name}.json")), (200, printed.clone()));
        let kept = format!("../../docs/api/asyncapi/{name}.json");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), printed, "{name}");
        let file = folder.path().join(name);
        fs::write(&file, printed).unwrap();
        files.push(file.to_str().unwrap().to_owned());
    }
    assert_eq!(server.get("/api/asyncapi/none.json").0, 404);
    assert_eq!(server.get("/api/asyncapi/dashboard").0, 404);
    // One that is wrong is seen to be.
    let wrong = folder.path().join("wrong");
    let text = fs::read_to_string(&files[2]).unwrap();
    fs::write(&wrong, text.replace("\"action\": \"send\"", "\"action\": \"shout\"")).unwrap();
    files.push(wrong.to_str().unwrap().to_owned());
    let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    let mut parser = NodeProgram::start("asyncapi.mjs", &arguments);
    for file in &files {
        let parsed = parser.expect("parsed");
        assert_eq!(parsed["file"], file.as_str());
        let found = parsed["wrong"].as_array().unwrap();
        if file.ends_with("/wrong") {
            assert!(!found.is_empty(), "{parsed}");
        } else {
            assert!(found.is_empty(), "{parsed}");
            assert!(parsed["messages"].as_u64().unwrap() > 3, "{parsed}");
        }
    }
    assert!(parser.finish());
}

#[test]
fn the_generated_typescript_is_accepted_by_its_compiler() {
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/typescript/src/wire");
    let files = fs::read_dir(&wire).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.collect();
    assert!(files.len() >= 4, "{files:?}");
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.ts");
    let use_of = wire.join("dashboard.js");
    let text = "import type { Heartbeat } from \"DASHBOARD\";\nexport const one: Heartbeat = { sequence: \"1\" };\n";
    fs::write(&wrong, text.replace("DASHBOARD", use_of.to_str().unwrap())).unwrap();
    assert_eq!(compile(&files), (true, String::new()));
    let (is_good, said) = compile(&[wrong]);
    assert!(!is_good && said.contains("wrong.ts(2,"), "{said}");
}

/// Whether the compiler accepts these files, and what it says.
fn compile(files: &[std::path::PathBuf]) -> (bool, String) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/node");
    let output = Command::new("node_modules/.bin/tsc")
        .args(["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext"])
        .args(files)
        .current_dir(folder)
        .output()
        .expect("`cargo xtask test` installs what is in package.json");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}
