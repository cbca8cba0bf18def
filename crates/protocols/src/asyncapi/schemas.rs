//! The messages of one direction as JSON schemas.

use schemars::{
    JsonSchema,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value};

/// Where schemars puts what several messages have in common, and where AsyncAPI has it.
const MADE: &str = "#/definitions/";
const KEPT: &str = "#/components/schemas/";

/// One kind of message.
#[derive(Clone)]
pub(super) struct Message {
    /// Its `type`.
    pub(super) tag: String,
    /// What it means.
    pub(super) summary: String,
    pub(super) schema: Value,
}

/// Messages, and what they have in common.
#[derive(Clone, Default)]
pub(super) struct Part {
    pub(super) messages: Vec<Message>,
    pub(super) definitions: Map<String, Value>,
}

impl Part {
    /// What the server sends: exactly what it writes.
    pub(super) fn sent<M: JsonSchema>() -> Self {
        Self::of(root::<M>(Contract::Serialize))
    }

    /// What the server reads: as much as it tolerates.
    pub(super) fn read<M: JsonSchema>() -> Self {
        Self::of(root::<M>(Contract::Deserialize))
    }

    /// A message that is the only one of its side and whose type is not in its schema.
    pub(super) fn only<M: JsonSchema>(tag: &str) -> Self {
        let mut root = root::<M>(Contract::Serialize);
        root["properties"]["type"]["const"] = tag.into();
        Self::of(root)
    }

    /// Adds a schema that no message names.
    pub(super) fn with<T: JsonSchema>(mut self) -> Self {
        let Value::Object(mut root) = root::<T>(Contract::Serialize) else { return self };
        if let Some(Value::Object(definitions)) = root.remove("definitions") {
            self.definitions.extend(definitions);
        }
        let title = root.remove("title").unwrap_or_default();
        self.definitions.insert(title.as_str().unwrap_or_default().into(), root.into());
        self
    }

    /// The same without some fields having to be there.
    pub(super) fn without_need_of(mut self, fields: &[&str]) -> Self {
        for message in &mut self.messages {
            if let Some(required) = message.schema["required"].as_array_mut() {
                required.retain(|field| !fields.contains(&field.as_str().unwrap_or_default()));
            }
        }
        self
    }

    /// One of its schemas gets another name.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        if let Some(schema) = self.definitions.remove(old) {
            self.definitions.insert(new.into(), schema);
        }
        let (old, new) = (format!("{KEPT}{old}"), format!("{KEPT}{new}"));
        let schemas = self.messages.iter_mut().map(|message| &mut message.schema);
        for schema in schemas.chain(self.definitions.values_mut()) {
            for_each_reference(schema, &mut |reference| {
                if *reference == old {
                    reference.clone_from(&new);
                }
            });
        }
    }

    /// Takes the union apart: what is around it belongs to each of its members.
    fn of(root: Value) -> Self {
        let Value::Object(mut around) = root else { return Self::default() };
        let definitions = match around.remove("definitions") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        };
        around.remove("title");
        let members = match around.remove("oneOf") {
            Some(Value::Array(members)) => {
                around.remove("description");
                members
            }
            _ => vec![Value::Object(Map::new())],
        };
        let messages = members.into_iter().map(|member| message(&around, member)).collect();
        Self { messages, definitions }
    }
}

fn root<T: JsonSchema>(contract: Contract) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.contract = contract;
        settings.meta_schema = None;
    });
    let mut root = settings.into_generator().into_root_schema_for::<T>().to_value();
    for_each_reference(&mut root, &mut |reference| *reference = reference.replacen(MADE, KEPT, 1));
    root
}

fn message(around: &Map<String, Value>, member: Value) -> Message {
    let Value::Object(mut schema) = member else { unreachable!("members of unions are objects") };
    for (key, value) in around {
        match (schema.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(more)) => own.extend(more.clone()),
            (Some(Value::Array(own)), Value::Array(more)) => own.extend(more.clone()),
            _ => {
                schema.insert(key.clone(), value.clone());
            }
        }
    }
    let summary = schema.remove("description");
    let tag = schema["properties"]["type"]["const"].as_str().expect("messages have a type");
    let summary = summary.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    Message { tag: tag.to_owned(), summary, schema: schema.into() }
}

fn for_each_reference(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" => change(reference),
                    value => for_each_reference(value, change),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                for_each_reference(value, change);
            }
        }
        _ => {}
    }
}
