//! The command line agents that are known without anybody describing them.

use super::AgentType;
use crate::{ids::AgentTypeId, time::Timestamp};

struct BuiltIn {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    command: &'static str,
    continuing: &'static str,
    headless: &'static str,
    asking: &'static [&'static str],
}

/// A question to be answered with a letter, at the very end of the screen.
const YES_OR_NO: &str = r"[\[(](?:y/n|n/y|yes/no|y/n/a)[\])] ?[:?]?\s*\z";

const ALL: &[BuiltIn] = &[
    BuiltIn {
        id: "claude",
        name: "Claude Code",
        description: "Anthropic's command line agent",
        command: "claude {{prompt}}",
        continuing: "claude -c",
        headless: "claude -p --output-format text {{prompt}}",
        asking: &[
            // Permission for a command, an edit, a fetch or a plan: the options follow the question.
            r"(?:Do you want|Would you like) [^?]*\?\s+[❯›>]? ?1\. Yes",
            // A question with choices, the dialog about trusting a folder, and pickers.
            r"Enter to (?:select|confirm|continue)\b.*\bEsc to (?:cancel|exit|go back)",
            // The last line of newer permission dialogs, also where the question itself has scrolled away.
            r"Esc to cancel · Tab to (?:add|amend)",
            YES_OR_NO,
        ],
    },
    BuiltIn {
        id: "codex",
        name: "Codex",
        description: "OpenAI's command line agent",
        command: "codex {{prompt}}",
        continuing: "codex resume --last",
        headless: "codex exec {{prompt}}",
        asking: &[
            // Approval of a command, an edit, a permission or a host.
            r"(?:Would you like|Do you want) to [^?]*\?[^›❯>]*[›❯>] ?\d\. ",
            // The last line of approvals, choices, and the dialog about trusting a folder.
            r"Press enter to (?:confirm|continue)",
            // Questions that the model asks.
            r"enter to submit (?:answer|all)\b",
            YES_OR_NO,
        ],
    },
    BuiltIn {
        id: "gemini",
        name: "Gemini CLI",
        description: "Google's command line agent",
        command: "gemini {{prompt:+-i}}",
        continuing: "gemini -r latest",
        headless: "gemini -p {{prompt}}",
        asking: &[
            // Shown as long as a tool waits to be allowed.
            r"Waiting for user confirmation",
            // The dialogs themselves: the options follow the question.
            r"(?:Allow execution|Apply this change|Do you want to|Do you trust)[^?]*\?[^●]*● ?\d\. ",
            // Sign-in, theme and settings dialogs, and questions that the model asks.
            r"\(?(?:Use )?Enter to (?:select|submit)(?:\)|.*\bEsc to (?:cancel|close))",
            YES_OR_NO,
        ],
    },
];

/// What older clients call some of them.
const OTHER_NAMES: &[(&str, &str)] = &[("claude-code-builtin", "claude")];

/// The id that is meant by one that older clients know.
pub(super) fn proper_name(id: &str) -> &str {
    OTHER_NAMES.iter().find(|(other, _)| *other == id).map_or(id, |(_, ours)| ours)
}

pub(super) fn all() -> Vec<AgentType> {
    ALL.iter().map(agent_type).collect()
}

fn agent_type(built_in: &BuiltIn) -> AgentType {
    AgentType {
        id: AgentTypeId::new(built_in.id).expect("invariant: built-in ids are plain words"),
        name: built_in.name.to_owned(),
        description: Some(built_in.description.to_owned()),
        is_built_in: true,
        command_template: built_in.command.to_owned(),
        continue_template: Some(built_in.continuing.to_owned()),
        headless_template: Some(built_in.headless.to_owned()),
        asking_patterns: built_in.asking.iter().map(|&pattern| pattern.to_owned()).collect(),
        created_at: Timestamp(0),
    }
}
