//! What becomes of requests when the connection goes.

use super::*;
use crate::messages::{CommandState, Heartbeat};

type Answer = oneshot::Receiver<Result<String, Error>>;

fn run(name: &str) -> (Request, Answer) {
    let (answer, answered) = oneshot::channel();
    let request = CommandRequest { request_id: Some(name.into()), ..CommandRequest::default() };
    (Request::Run { request, answer }, answered)
}

fn queued(name: &str) -> CommandStatus {
    CommandStatus {
        command_id: format!("cmd-of-{name}"),
        agent_id: "a".into(),
        status: CommandState::Queued,
        exit_code: None,
        error: None,
        execution_time: None,
        signal: None,
        request_id: Some(name.into()),
        origin: None,
    }
}

#[test]
fn a_lost_answer_is_found_in_the_snapshot_or_told_as_unknown() {
    let mut requests = Requests::new(0);
    let (found, mut is_found) = run("found");
    let (lost, mut is_lost) = run("lost");
    assert!(requests.depart(found).is_some() && requests.depart(lost).is_some());
    requests.line_lost();
    assert_eq!(requests.answered(&queued("found")).as_deref(), Some("cmd-of-found"));
    assert_eq!(requests.answered(&queued("somebody's")), None);
    let (later, mut is_later) = run("later");
    requests.depart(later);
    requests.snapshot_ended();
    assert_eq!(is_found.try_recv().unwrap().unwrap(), "cmd-of-found");
    let unknown = is_lost.try_recv().unwrap();
    assert!(matches!(unknown, Err(Error::Unknown { request_id }) if request_id == "lost"));
    assert!(is_later.try_recv().is_err(), "this one was sent over the new connection");
}

#[test]
fn beyond_the_bound_the_newest_is_refused_and_who_gave_up_takes_no_place() {
    let mut requests = Requests::new(1);
    let (first, given_up) = run("first");
    requests.while_away(first);
    drop(given_up);
    let (second, mut is_second) = run("second");
    requests.while_away(second);
    let (third, mut is_third) = run("third");
    requests.while_away(third);
    assert!(matches!(is_third.try_recv().unwrap(), Err(Error::TooManyWaiting)));
    assert!(is_second.try_recv().is_err(), "it waits");
    assert_eq!(requests.take_waiting().len(), 1);
    requests.end();
}

#[test]
fn a_message_that_waits_is_answered_at_once() {
    let mut requests = Requests::new(1);
    let (sent, mut is_sent) = oneshot::channel();
    let message = ClientMessage::Heartbeat(Heartbeat { sequence: 1.into() });
    requests.while_away(Request::Message { message, sent: Some(sent) });
    assert!(is_sent.try_recv().unwrap().is_ok());
    assert_eq!(requests.take_waiting().len(), 1);
}
