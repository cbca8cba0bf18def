//! Tables of what is told over reconnections.

use super::*;
use crate::messages::{
    CommandOrigin, OutputRecord, OutputStream, Priority, QueueHold, QueuedCommand,
};

fn output(sequence: u64) -> TerminalOutput {
    TerminalOutput {
        command_id: "c".into(),
        agent_id: "a".into(),
        data: format!("{sequence} "),
        stream: OutputStream::Stdout,
        sequence,
        gap: None,
    }
}

fn says(ledger: &mut Ledger, sequences: impl IntoIterator<Item = u64>) {
    for sequence in sequences {
        ledger.take(ServerMessage::TerminalOutput(output(sequence)));
    }
}

fn status(state: CommandState) -> CommandStatus {
    CommandStatus {
        command_id: "c".into(),
        agent_id: "a".into(),
        status: state,
        exit_code: None,
        error: None,
        execution_time: None,
        signal: None,
        request_id: None,
        origin: None,
    }
}

fn is(ledger: &mut Ledger, state: CommandState) {
    ledger.take(ServerMessage::CommandStatus(status(state)));
}

/// As it stands in a snapshot.
fn runs(ledger: &mut Ledger) {
    let origin = CommandOrigin {
        command: "make".into(),
        priority: Priority::Normal,
        requested_by: "ann".into(),
        requested_at: 0,
        started_at: Some(0),
    };
    let status = CommandStatus { origin: Some(origin), ..status(CommandState::Running) };
    ledger.take(ServerMessage::CommandStatus(status));
}

fn page(ledger: &mut Ledger, sequences: impl IntoIterator<Item = u64>, is_last: bool) {
    let record = |sequence| OutputRecord {
        data: format!("{sequence} "),
        stream: OutputStream::Stdout,
        sequence,
    };
    ledger.take(ServerMessage::OutputPage(OutputPage {
        command_id: "c".into(),
        agent_id: "a".into(),
        records: sequences.into_iter().map(record).collect(),
        is_last,
        request_id: None,
    }));
}

/// Everything that is told, shortly.
fn told(ledger: &mut Ledger) -> String {
    let mut words = Vec::new();
    while let Some(event) = ledger.pop() {
        words.push(match event {
            Event::Message(ServerMessage::TerminalOutput(output)) => output.data,
            Event::Message(ServerMessage::CommandStatus(status)) => format!("{:?} ", status.status),
            Event::Message(ServerMessage::CommandQueue(queue)) => {
                format!("queue:{} ", queue.queue.len())
            }
            Event::Message(ServerMessage::AgentList(list)) => {
                format!("list:{} ", list.agents.len())
            }
            Event::Gap(gap) => format!("[{}-{}) ", gap.from_sequence, gap.next_sequence),
            Event::Connected { .. } => "connected ".into(),
            Event::Resynced => "resynced ".into(),
            Event::Forgotten { .. } => "forgotten ".into(),
            other => format!("{other:?} "),
        });
    }
    words.concat().trim_end().to_owned()
}

fn asks(ledger: &mut Ledger) -> Option<u64> {
    ledger.question().map(|question| question.after_sequence)
}

/// One that saw a command run and write 1, 2, 3, and has then lost its connection and got another.
fn came_back(follow: Follow) -> Ledger {
    let mut ledger = Ledger::new(follow);
    ledger.begin_snapshot("conn-1".into(), true);
    ledger.end_snapshot();
    is(&mut ledger, CommandState::Queued);
    is(&mut ledger, CommandState::Running);
    says(&mut ledger, 1..=3);
    assert_eq!(told(&mut ledger), "connected resynced Queued Running 1 2 3");
    ledger.begin_snapshot("conn-2".into(), true);
    ledger
}

#[test]
fn what_was_missed_comes_before_what_is_newer_and_nothing_twice() {
    let mut ledger = came_back(Follow::All);
    runs(&mut ledger);
    says(&mut ledger, [7]);
    ledger.end_snapshot();
    assert_eq!(told(&mut ledger), "connected resynced", "the state did not change");
    assert_eq!(asks(&mut ledger), Some(3));
    says(&mut ledger, [8]);
    page(&mut ledger, [4, 5], false);
    assert_eq!((told(&mut ledger).as_str(), asks(&mut ledger)), ("4 5", Some(5)));
    is(&mut ledger, CommandState::Completed);
    page(&mut ledger, [6, 7, 8], true);
    // The answer's own final status repeats the one that came live.
    is(&mut ledger, CommandState::Completed);
    assert_eq!(told(&mut ledger), "6 7 8 Completed");
    assert_eq!(asks(&mut ledger), None);
}

#[test]
fn a_server_that_lost_what_it_had_shown_repeats_it_and_nobody_sees_it() {
    let mut ledger = came_back(Follow::All);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(3));
    page(&mut ledger, [], true);
    says(&mut ledger, 2..=5);
    assert_eq!(told(&mut ledger), "connected resynced 4 5");
}

#[test]
fn a_command_that_ended_meanwhile_is_asked_for_until_its_end() {
    let mut ledger = came_back(Follow::All);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(3));
    page(&mut ledger, [4, 5], true);
    is(&mut ledger, CommandState::Failed);
    assert_eq!(told(&mut ledger), "connected resynced 4 5 Failed");
    says(&mut ledger, [6]);
    assert_eq!(told(&mut ledger), "", "late output of an ended command is nobody's");
}

#[test]
fn what_is_not_kept_is_told_once_where_it_is_missing() {
    let mut ledger = came_back(Follow::All);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(3));
    says(&mut ledger, [12]);
    page(&mut ledger, [7, 8], true);
    // Storage said that this was all, but 9 to 11 are still missing: it is asked once more.
    assert_eq!(asks(&mut ledger), Some(8));
    page(&mut ledger, [], true);
    assert_eq!(told(&mut ledger), "connected resynced [4-7) 7 8 [9-12) 12");
}

#[test]
fn commands_of_others_are_not_fetched_but_their_holes_and_ends_are_told() {
    let mut ledger = came_back(Follow::Own);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), None);
    says(&mut ledger, [6]);
    assert_eq!(told(&mut ledger), "connected resynced [4-6) 6");
    ledger.begin_snapshot("conn-3".into(), true);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(BEYOND_ALL));
    page(&mut ledger, [], true);
    is(&mut ledger, CommandState::Interrupted);
    assert_eq!(told(&mut ledger), "connected resynced Interrupted");
}

#[test]
fn a_server_that_cannot_be_asked_leaves_nothing_unsaid() {
    let mut ledger = came_back(Follow::All);
    ledger.begin_snapshot("conn-3".into(), false);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), None);
    says(&mut ledger, [6]);
    assert_eq!(told(&mut ledger), "connected connected resynced [4-6) 6");
    ledger.begin_snapshot("conn-4".into(), false);
    ledger.end_snapshot();
    assert_eq!(told(&mut ledger), "connected forgotten resynced");
}

#[test]
fn a_slow_readers_gap_is_fetched_and_everybodys_is_told() {
    let mut ledger = came_back(Follow::All);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(3));
    page(&mut ledger, [], true);
    let notice = |from_position, next_sequence| {
        let gap = crate::messages::Gap { next_sequence, from_position, to_position: None };
        let data = "\n[gone]\n".to_owned();
        ServerMessage::TerminalOutput(TerminalOutput { data, gap: Some(gap), ..output(0) })
    };
    ledger.take(notice(None, 9));
    says(&mut ledger, [9]);
    assert_eq!(asks(&mut ledger), Some(3));
    page(&mut ledger, 4..=8, true);
    // The notice itself is a reason to ask once more: nobody knows how much was skipped.
    while asks(&mut ledger).is_some() {
        page(&mut ledger, [], true);
    }
    ledger.take(notice(Some(100), 15));
    says(&mut ledger, [15]);
    assert_eq!(told(&mut ledger), "connected resynced 4 5 6 7 8 9 [10-15) 15");
}

#[test]
fn queues_that_emptied_meanwhile_are_told_and_the_others_are_not() {
    let queue = |agent: &str| {
        let entry = QueuedCommand {
            command_id: "c".into(),
            command: "make".into(),
            priority: Priority::Normal,
            position: 1,
            requested_by: "ann".into(),
            requested_at: 0,
        };
        ServerMessage::CommandQueue(CommandQueue {
            agent_id: agent.into(),
            queue: vec![entry],
            held: None,
        })
    };
    let list = || ServerMessage::AgentList(AgentList { agents: Vec::new() });
    let mut ledger = Ledger::new(Follow::All);
    ledger.begin_snapshot("conn-1".into(), true);
    for message in [list(), queue("a"), queue("b")] {
        ledger.take(message);
    }
    ledger.end_snapshot();
    assert_eq!(told(&mut ledger), "connected list:0 queue:1 queue:1 resynced");
    ledger.begin_snapshot("conn-2".into(), true);
    for message in [list(), queue("a")] {
        ledger.take(message);
    }
    ledger.end_snapshot();
    assert_eq!(told(&mut ledger), "connected queue:0 resynced");
}

#[test]
fn live_output_beyond_the_bound_is_fetched_instead_of_held() {
    let mut ledger = came_back(Follow::All);
    runs(&mut ledger);
    ledger.end_snapshot();
    assert_eq!(asks(&mut ledger), Some(3));
    let large = "x".repeat(1 << 20);
    for sequence in 5..=12 {
        let output = TerminalOutput { data: large.clone(), ..output(sequence) };
        ledger.take(ServerMessage::TerminalOutput(output));
    }
    is(&mut ledger, CommandState::Completed);
    page(&mut ledger, [4, 5], true);
    assert_eq!(asks(&mut ledger), Some(5), "what was dropped is stored by now");
    page(&mut ledger, 6..=12, true);
    while asks(&mut ledger).is_some() {
        page(&mut ledger, [], true);
    }
    assert_eq!(told(&mut ledger), "connected resynced 4 5 6 7 8 9 10 11 12 Completed");
}

#[test]
fn a_queue_that_was_held_or_let_go_meanwhile_is_told() {
    let queue = |cause: Option<&str>| {
        let hold = |cause: &str| QueueHold {
            cause: cause.into(),
            reason: "ann did it".into(),
            since: 0,
            until: None,
        };
        let (agent_id, queue) = ("a".to_owned(), Vec::new());
        let held = cause.map(hold);
        ServerMessage::CommandQueue(CommandQueue { agent_id, queue, held })
    };
    let list = || ServerMessage::AgentList(AgentList { agents: Vec::new() });
    let mut ledger = Ledger::new(Follow::All);
    let mut comes_back = |queues: &[Option<&str>]| {
        ledger.begin_snapshot("conn".into(), true);
        ledger.take(list());
        for held in queues {
            ledger.take(queue(*held));
        }
        ledger.end_snapshot();
        told(&mut ledger)
    };
    assert_eq!(comes_back(&[Some("paused")]), "connected list:0 queue:0 resynced");
    assert_eq!(comes_back(&[Some("paused")]), "connected resynced");
    assert_eq!(comes_back(&[Some("stopped")]), "connected queue:0 resynced");
    assert_eq!(comes_back(&[]), "connected queue:0 resynced");
}
