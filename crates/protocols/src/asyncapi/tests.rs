//! The documents hold for what is really said, and are written for `cargo xtask codegen`.

use std::{collections::BTreeMap, fs, path::PathBuf};

use jsonschema::Validator;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    document,
    examples::written,
    protocols::{self, readable},
};
use crate::{
    Door, agent_link, control_and_stream, dashboard,
    in_memory::{self, Said},
    mission_control, runs, sessions_and_workers as sessions,
};

/// Everything that is said at a door in the transcripts of a folder.
pub(super) fn said(door: &'static Door, folder: &str) -> Vec<Said> {
    let folder = format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let run = |path: &std::path::PathBuf| {
        in_memory::run(door, &path.to_string_lossy(), &fs::read_to_string(path).unwrap())
    };
    paths.iter().flat_map(run).collect()
}

fn documents() -> BTreeMap<&'static str, Value> {
    protocols::all().into_iter().map(|mut one| (one.name, document(&mut one))).collect()
}

/// Run by `cargo xtask codegen`, which also says where to.
#[test]
fn export_bindings_of_asyncapi() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the same variable as for the types in TypeScript"
    )]
    let folder = std::env::var("TS_RS_EXPORT_DIR").unwrap_or_else(|_| "./bindings".into());
    let folder = PathBuf::from(folder).join("asyncapi");
    fs::create_dir_all(&folder).unwrap();
    for (name, document) in documents() {
        let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
        fs::write(folder.join(format!("{name}.json")), text).unwrap();
    }
}

/// The schemas of one operation's messages, by their types.
struct Schemas(BTreeMap<String, Validator>);

impl Schemas {
    fn of(document: &Value, operation: &str) -> Self {
        let references = document["operations"][operation]["messages"].as_array().unwrap();
        let messages = references.iter().map(|reference| {
            let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
            document.pointer(pointer).expect("operations name messages of their channel")
        });
        let json = messages.filter(|message| message["contentType"].is_null());
        let validators = json.map(|message| {
            let mut schema = message["payload"].clone();
            // References lead to the document's root, so the part that they lead to comes along.
            schema["components"] = json!({"schemas": document["components"]["schemas"]});
            let tag = message["name"].as_str().unwrap().to_owned();
            (tag, jsonschema::draft7::new(&schema).unwrap())
        });
        Self(validators.collect())
    }

    fn accepts(&self, message: &Value) -> Result<(), String> {
        let tag = message["type"].as_str().ok_or("it has no type")?;
        let schema = self.0.get(tag).ok_or("its type is not in the document")?;
        schema.validate(message).map_err(|error| format!("{error} at {}", error.instance_path()))
    }

    fn accept_all(&self, messages: &[Value]) {
        assert!(!messages.is_empty());
        for message in messages {
            self.accepts(message).unwrap_or_else(|error| panic!("{error}: {message}"));
        }
    }
}

/// Whether nothing of a message is lost when it is read and written again.
fn is_kept<M: DeserializeOwned + Serialize>(text: &str) -> bool {
    let message: Value = serde_json::from_str(text).unwrap();
    let read: M = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let again = serde_json::to_value(read).unwrap();
    assert_eq!(again, message);
    true
}

fn all(said: &[Said], by_client: bool, reads: impl Fn(&str) -> bool) -> Vec<Value> {
    readable(said, by_client, reads)
}

#[test]
fn all_that_dashboards_and_the_server_say_is_as_the_document_has_it() {
    use dashboard::messages::{Envelope, ServerMessage, parse};
    let document = documents().remove("dashboard").unwrap();
    let said = said(&dashboard::DOOR, "dashboard/transcripts");
    Schemas::of(&document, "dashboard.send").accept_all(&all(
        &said,
        false,
        is_kept::<Envelope<ServerMessage>>,
    ));
    Schemas::of(&document, "dashboard.receive")
        .accept_all(&all(&said, true, |text| parse(text).is_ok()));
}

#[test]
fn all_that_is_said_on_the_control_plane_is_as_the_document_has_it() {
    use control_and_stream::messages::{ClientMessage, Envelope, ServerMessage};
    let document = documents().remove("control_and_stream").unwrap();
    let said = said(&control_and_stream::DOOR, "control_and_stream/transcripts");
    // What is said before a protocol was claimed is of none.
    let is_its = |text: &str| !text.contains(r#""type":"error""#);
    let is_kept = |text: &str| is_its(text) && is_kept::<Envelope<ServerMessage>>(text);
    Schemas::of(&document, "control.send").accept_all(&all(&said, false, is_kept));
    // What lacks a token is read, too, so that it can be told so; and clients' timestamps, whatever they are, are not.
    let has_moment = |text: &str| !text.contains(r#""timestamp":7"#);
    let is_whole =
        |text: &str| has_moment(text) && serde_json::from_str::<ClientMessage>(text).is_ok();
    Schemas::of(&document, "control.receive").accept_all(&all(&said, true, is_whole));
}

#[test]
fn all_that_is_said_of_runs_is_as_the_document_has_it() {
    use runs::messages::{ClientMessage, ServerMessage};
    let document = documents().remove("runs").unwrap();
    let said = said(&runs::DOOR, "runs/transcripts");
    Schemas::of(&document, "runs.send").accept_all(&all(&said, false, is_kept::<ServerMessage>));
    // What lacks a token is read, too, so that it can be told so.
    let is_whole = |text: &str| serde_json::from_str::<ClientMessage>(text).is_ok();
    Schemas::of(&document, "runs.receive").accept_all(&all(&said, true, is_whole));
}

#[test]
fn all_that_mission_control_says_is_as_the_document_has_it() {
    let document = documents().remove("mission_control").unwrap();
    let said = said(&mission_control::DOOR, "mission_control/transcripts");
    let told = all(&said, false, is_kept::<mission_control::messages::ServerMessage>);
    Schemas::of(&document, "fleet.send").accept_all(&told);
    Schemas::of(&document, "audit.send").accept_all(&[mission_control::audit::tests::told()]);
}

#[test]
fn all_that_is_said_of_sessions_and_workers_is_as_the_document_has_it() {
    use sessions::messages::{AppServerMessage, WorkerServerMessage, parse_app, parse_worker};
    let document = documents().remove("sessions_and_workers").unwrap();
    let said_there = said(&sessions::APP_DOOR, "sessions_and_workers/transcripts/app");
    Schemas::of(&document, "app.send").accept_all(&all(
        &said_there,
        false,
        is_kept::<AppServerMessage>,
    ));
    Schemas::of(&document, "app.receive")
        .accept_all(&all(&said_there, true, |text| parse_app(text).is_ok()));
    let said_there = said(&sessions::WORKER_DOOR, "sessions_and_workers/transcripts/worker");
    Schemas::of(&document, "worker.send").accept_all(&all(
        &said_there,
        false,
        is_kept::<WorkerServerMessage>,
    ));
    Schemas::of(&document, "worker.receive")
        .accept_all(&all(&said_there, true, |text| parse_worker(text).is_ok()));
}

/// The example of the document for people, without what is no JSON.
fn example_for_people() -> String {
    let text = include_str!("../../../../docs/protocols/agent_link.md");
    let (_, example) = text.split_once("## Example\n```\n").unwrap();
    let lines = example.lines().take_while(|line| *line != "```");
    lines.filter(|line| line.contains('{')).collect::<Vec<_>>().join("\n")
}

#[test]
fn all_that_is_written_of_a_link_is_as_the_document_has_it() {
    use agent_link::messages::{FromAgent, FromServer};
    let document = documents().remove("agent_link").unwrap();
    for text in [protocols::LINK, &example_for_people()] {
        let said = written(text);
        let orders = all(&said, false, is_kept::<FromServer>);
        Schemas::of(&document, "link.send").accept_all(&orders);
        let reports = all(&said, true, |text| {
            serde_json::from_str::<FromAgent>(text).is_ok_and(|one| one != FromAgent::Unknown)
        });
        assert_eq!(reports.len(), said.len() - orders.len());
        Schemas::of(&document, "link.receive").accept_all(&reports);
    }
}

#[test]
fn every_message_has_an_example() {
    for (name, document) in documents() {
        for channel in document["channels"].as_object().unwrap().values() {
            for (key, message) in channel["messages"].as_object().unwrap() {
                let has = message["examples"][0]["payload"].is_object()
                    || message["x-record"]["example"].is_object();
                assert!(has, "{name}: {key}");
                assert!(!message["summary"].as_str().unwrap().is_empty(), "{name}: {key}");
            }
        }
    }
}

#[test]
fn what_lacks_a_field_or_has_a_wrong_one_is_not_accepted() {
    let document = documents().remove("dashboard").unwrap();
    let schemas = Schemas::of(&document, "dashboard.receive");
    let request =
        json!({"type": "command:request", "payload": {"agentId": "a-1", "command": "ls"}});
    assert_eq!(schemas.accepts(&request), Ok(()));
    for (place, value) in [
        ("/payload", json!({"command": "ls"})),
        ("/payload/command", json!(7)),
        ("/payload", Value::Null),
        ("/type", json!("command:output")),
    ] {
        let mut wrong = request.clone();
        *wrong.pointer_mut(place).unwrap() = value;
        assert!(schemas.accepts(&wrong).is_err(), "{wrong}");
    }
}
