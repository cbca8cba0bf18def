//! AsyncAPI documents, one for each protocol, made from the types that are on the wire and from the doors.
//!
//! Only tests make them: `cargo xtask codegen` keeps them in `docs/api/asyncapi`, and the server has them from there.

mod channels;
mod examples;
mod protocols;
mod schemas;
mod tests;

use serde_json::{Map, Value, json};

pub(crate) use examples::written as said_in;
pub(crate) use protocols::LIVE_PICTURES;

use channels::{Channel, Side};
use schemas::Part;

/// All that is said of one protocol.
struct Protocol {
    /// Its folder, and the name of its document.
    name: &'static str,
    title: &'static str,
    version: String,
    description: &'static str,
    channels: Vec<Channel>,
    /// Schemas that no message names, since they stand where any value may.
    further: Part,
}

/// The document of a protocol.
fn document(protocol: &mut Protocol) -> Value {
    let schemas = schemas(protocol);
    let channels: Map<String, Value> =
        protocol.channels.iter().map(|one| (one.name.to_owned(), one.described())).collect();
    let operations: Map<String, Value> =
        protocol.channels.iter().flat_map(Channel::operations).collect();
    let security: Vec<Value> = ["header", "query", "subprotocol"]
        .iter()
        .map(|scheme| json!({"$ref": format!("#/components/securitySchemes/{scheme}")}))
        .collect();
    let server = |scheme: &str, description: &str| json!({"host": "127.0.0.1:7717", "protocol": scheme, "description": description, "security": security});
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": protocol.title,
            "version": protocol.version,
            "description": protocol.description,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "plain": server("ws", "A server on the same machine, or behind a proxy that speaks TLS."),
            "tls": server("wss", "A server that speaks TLS itself, with `tls.certificate` and `tls.key`."),
        },
        "channels": channels,
        "operations": operations,
        "components": {"schemas": schemas, "securitySchemes": security_schemes()},
    })
}

/// The schemas of all sides in one place; where both directions have one of the same name that differs, the one of
/// what is read gets another name.
fn schemas(protocol: &mut Protocol) -> Map<String, Value> {
    let mut all = Map::new();
    let (sent, mut read): (Vec<&mut Side>, Vec<&mut Side>) = protocol
        .channels
        .iter_mut()
        .flat_map(|channel| [Some(&mut channel.server), channel.client.as_mut()])
        .flatten()
        .partition(|side| side.is_server);
    for side in sent {
        all.extend(side.part.definitions.clone());
    }
    loop {
        let differs = |(name, schema): (&String, &Value)| {
            all.get(name).is_some_and(|other| other != schema).then(|| name.clone())
        };
        let found = read.iter().find_map(|side| side.part.definitions.iter().find_map(differs));
        let Some(name) = found else { break };
        for side in &mut read {
            side.part.rename(&name, &format!("{name}AsRead"));
        }
    }
    for side in read {
        all.extend(side.part.definitions.clone());
    }
    for (name, schema) in &protocol.further.definitions {
        all.entry(name.clone()).or_insert_with(|| schema.clone());
    }
    all
}

fn security_schemes() -> Value {
    json!({
        "header": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer TOKEN` in the handshake: for all who can set header fields.",
        },
        "query": {
            "type": "httpApiKey",
            "in": "query",
            "name": "token",
            "description": "`?token=TOKEN` in the handshake's address.",
        },
        "subprotocol": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": "`pilothouse.v1, bearer.TOKEN`: for browsers, which can set no other header field. \
                `pilothouse.v1` is what the server selects.",
        },
    })
}
