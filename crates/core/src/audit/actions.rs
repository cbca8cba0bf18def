//! The closed list of what the audit can say was asked, and under which other words it may be looked for.

/// One action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Its word.
    pub name: &'static str,
    /// What it is, for people.
    pub description: &'static str,
}

const fn action(name: &'static str, description: &'static str) -> Action {
    Action { name, description }
}

/// Every action, by name. A request whose word is not here does not pass the tests.
pub const ACTIONS: &[Action] = &[
    action("access.end_sockets", "Closed a user's sockets"),
    action("access.revoke", "Revoked a credential"),
    action("agent.budget", "Set an agent's budget"),
    action("agent.emergency_stop", "Stopped all agents"),
    action("agent.git", "Asked for a git operation"),
    action("agent.link", "Agent connected"),
    action("agent.message", "Sent a message to an agent"),
    action("agent.pause", "Paused an agent"),
    action("agent.report", "Reported for an agent"),
    action("agent.restart", "Restarted an agent"),
    action("agent.resume", "Resumed an agent"),
    action("agent.say", "Reported what a session said"),
    action("agent.stat", "Looked at a path"),
    action("agent.stop", "Stopped an agent"),
    action("agent_type.add", "Added an agent type"),
    action("agent_type.change", "Changed an agent type"),
    action("agent_type.remove", "Removed an agent type"),
    action("attention.dismiss", "Dismissed what waited for a person"),
    action("audit.export", "Exported the audit"),
    action("browser.close", "Closed a browser"),
    action("browser.go", "Had a browser go to a page"),
    action("browser.open", "Opened a browser"),
    action("browser.resize", "Changed the size of a browser's pages"),
    action("browser.tab", "Changed the tabs of a browser"),
    action("code.exchange", "Signed in with a one-time code"),
    action("code.make", "Made a one-time code"),
    action("command.enqueue", "Queued a command"),
    action("command.interrupt", "Interrupted a command"),
    action("command.move", "Moved a command in its queue"),
    action("control.decline", "Kept control of a browser"),
    action("control.expire", "Control of a browser ended by itself"),
    action("control.grant", "Let somebody control a browser"),
    action("control.release", "Gave up control of a browser"),
    action("control.request", "Asked for control of a browser"),
    action("control.take", "Took control of a browser"),
    action("device.approve", "Let a device sign in"),
    action("key.create", "Made an agent key"),
    action("key.delete", "Deleted an agent key"),
    action("key.revoke", "Revoked an agent key"),
    action("preset.add", "Added a command preset"),
    action("preset.change", "Changed a command preset"),
    action("preset.remove", "Removed a command preset"),
    action("recording.delete", "Deleted a recording of pictures"),
    action("recording.start", "Began to record pictures"),
    action("recording.stop", "Ended a recording of pictures"),
    action("repository.add", "Registered a repository"),
    action("repository.remove", "Removed a repository"),
    action("run.cancel", "Cancelled a run"),
    action("run.create", "Made a run"),
    action("run.decide", "Decided what a run may send"),
    action("run.pause", "Paused a run"),
    action("run.reply", "Answered a run"),
    action("run.resume", "Resumed a run"),
    action("session.change", "Changed a session"),
    action("session.create", "Made a session"),
    action("session.delete", "Deleted a session"),
    action("session.stop", "Stopped a session"),
    action("token.make", "Made a token for a session"),
    action("user.created", "Made a user"),
    action("user.deleted", "Deleted a user"),
    action("user.login", "Signed in"),
    action("user.login.failed", "Failed to sign in"),
    action("user.logout", "Signed out"),
    action("user.password.changed", "Changed a password"),
    action("user.refresh", "Stayed signed in"),
    action("user.registered", "Registered"),
    action("user.role.changed", "Changed a user's role"),
    action("user.sign_in.ended", "Ended a sign-in"),
    action("viewer_token.make", "Made a token to watch pictures"),
    action("webhook.add", "Added a webhook"),
    action("webhook.change", "Changed a webhook"),
    action("webhook.redeliver", "Sent a webhook's delivery again"),
    action("webhook.remove", "Removed a webhook"),
    action("webhook.rotate", "Replaced a webhook's secret"),
    action("webhook.test", "Tried a webhook"),
    action("worker.add", "Added a worker"),
    action("worker.attach", "Opened a terminal"),
    action("worker.image", "Sent a picture to a worker"),
    action("worker.remove", "Removed a worker"),
    action("worker.restart", "Restarted a worker"),
];

/// Words that mission control's front end and its users know, and what they are here.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    ("agent.connected", &["agent.link"]),
    ("agent.start", &["agent.link"]),
    ("agent.task.start", &["command.enqueue"]),
    ("login", &["user.login", "user.login.failed"]),
    ("logout", &["user.logout"]),
    ("user.create", &["user.created"]),
    ("user.delete", &["user.deleted"]),
    ("user.update", &["user.role.changed"]),
];

/// The actions that are meant by a word: itself, or what it is called here.
pub fn actions_called(word: &str) -> Vec<&str> {
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word);
    other.map_or_else(|| vec![word], |(_, actions)| actions.to_vec())
}

impl Action {
    /// The action of that name; `None` if only an earlier release knew it.
    pub fn named(name: &str) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_other_words_lead_into_it() {
        assert!(ACTIONS.is_sorted_by(|one, next| one.name < next.name));
        for (word, actions) in OTHER_WORDS {
            assert!(Action::named(word).is_none(), "{word}");
            assert!(actions.iter().all(|action| Action::named(action).is_some()), "{word}");
        }
        assert_eq!(actions_called("agent.connected"), ["agent.link"]);
        assert_eq!(actions_called("agent.stop"), ["agent.stop"]);
    }
}
