//! A run as it is listed and shown.

use pilothouse_client::WaitingKind;
use serde_json::{Map, Value};

use crate::{
    commands::{
        listing::word,
        run::{hint, in_words, kind_of},
    },
    output::plain,
};

/// A task is cut to so many characters: a run is one line.
const LONGEST: usize = 60;

/// What a run waits for, if it waits for somebody.
pub(super) fn kind(waiting: &Value) -> Option<WaitingKind> {
    match waiting["kind"].as_str()? {
        "question" => Some(WaitingKind::Question),
        "approval" => Some(WaitingKind::Approval),
        _ => None,
    }
}

/// How a run stands, in a word or two.
pub(super) fn standing(run: &Value) -> String {
    let status = word(run, "status").to_lowercase();
    match kind(&run["waiting"]) {
        Some(kind) => format!("{status} ({})", kind_of(kind)),
        None if run["paused"] == true => format!("{status} (paused)"),
        None => status,
    }
}

/// What a run is to do.
pub(super) fn task(run: &Value) -> String {
    let task = word(run, "task");
    match run["script"].as_array() {
        _ if !task.is_empty() => task,
        Some(script) => format!("a script of {}", counted(script.len(), "action")),
        None => task,
    }
}

fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// A text on one line of a table.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A run with all that there is to say of it.
pub(super) fn whole(id: &str, run: &Value, steps: &[Value]) -> String {
    let mut lines = vec![format!("{id}  {}  on {}", standing(run), word(run, "agentId"))];
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{name:10}{value}"));
        }
    };
    say("task", task(run));
    say("by", format!("{}, {}", word(run, "requestedBy"), word(run, "requestedAt")));
    say("browser", word(run, "browserId"));
    if run["approval"] == true {
        let hosts = run["allowedHosts"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let hosts = hosts.map(plain).collect::<Vec<_>>().join(", ");
        let hosts = if hosts.is_empty() { "no host".to_owned() } else { hosts };
        say("approval", format!("needed; allowed without: {hosts}"));
    }
    let empty = Map::new();
    for step in steps {
        let action = in_words(step["action"].as_object().unwrap_or(&empty));
        let why = word(step, "explanation");
        let why = if why.is_empty() { why } else { format!("  ({why})") };
        lines.push(format!("{:>4}  {action}{why}", step["number"].as_u64().unwrap_or_default()));
    }
    let waiting = &run["waiting"];
    if let Some(kind) = kind(waiting) {
        lines.push(format!("{}: {}", kind_of(kind), word(waiting, "text")));
        let request = format!("{} {}", word(waiting, "method"), word(waiting, "url"));
        // Its words often say it already.
        if !request.trim().is_empty() && !word(waiting, "text").contains(&request) {
            lines.push(format!("      {request}"));
        }
        lines.push(format!("      answer with {}", hint(id, &word(waiting, "id"), kind)));
    }
    for (name, member) in [("error", "error"), ("answer", "answer")] {
        let value = word(run, member);
        if !value.is_empty() {
            lines.push(format!("{name:10}{value}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_shown_with_its_steps_and_what_it_waits_for() {
        let run = json!({
            "id": "run-1", "status": "INPROGRESS", "agentId": "a-1", "task": "buy\nshoes",
            "requestedBy": "ann", "requestedAt": "2026-01-01T00:00:00.000Z", "browserId": "run-1",
            "approval": true, "allowedHosts": ["shop.example"], "paused": false,
            "waiting": {"id": "w-1", "kind": "approval", "text": "POST to pay.example",
                        "method": "POST", "url": "https://pay.example/"}
        });
        let step = json!({"number": 1, "action": {"type": "click", "role": "button", "name": "Buy"},
                          "explanation": "as asked"});
        let expected = "\
run-1  inprogress (wants leave)  on a-1
task      buy shoes
by        ann, 2026-01-01T00:00:00.000Z
browser   run-1
approval  needed; allowed without: shop.example
   1  click button \"Buy\"  (as asked)
wants leave: POST to pay.example
      POST https://pay.example/
      answer with `pilothouse runs approve run-1 --wait w-1` or `pilothouse runs deny run-1 --wait w-1`";
        assert_eq!(whole("run-1", &run, &[step]), expected);
        let mut said = run;
        said["waiting"]["text"] = "POST https://pay.example/ (form, 1 field: card)".into();
        assert!(!whole("run-1", &said, &[]).contains("\n      POST"));
    }

    #[test]
    fn a_run_stands_in_a_word_or_two_and_its_task_on_one_line() {
        let paused = json!({"status": "PENDING", "paused": true, "script": [{}, {}]});
        assert_eq!(standing(&paused), "pending (paused)");
        assert_eq!(task(&paused), "a script of 2 actions");
        assert_eq!(standing(&json!({"status": "COMPLETED", "paused": false})), "completed");
        let long = cut(&"ä".repeat(100));
        assert!(long.chars().count() == LONGEST + 1 && long.ends_with('…'));
    }
}
