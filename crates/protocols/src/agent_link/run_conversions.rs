//! Between the wire's words about runs and the core's, in both directions.

use std::{sync::Arc, time::Duration};

use base64::Engine as _;
use pilothouse_core::{
    ids::{InvalidId, RunId, SessionId},
    runs::{
        Asking, Ending, LARGEST_PICTURE, Order, Outcome, PageRequest, Report, RunLimits, RunOrder,
        RunResume, Screenshot, WaitKind,
    },
};
use serde_json::Value;

use super::{
    conversions::{cut, milliseconds, sentence},
    messages::{FromAgent, FromServer},
    runs::{
        DecideRun, ReplyRun, RunEnded, RunOutcome, RunStep, RunStored, RunWaitKind, RunWaits,
        StartRun,
    },
};

/// The longest action and the longest list of commands that are kept, in bytes of JSON.
const LONGEST_ACTION: usize = 64 * 1024;
const LONGEST_COMMANDS: usize = 1 << 20;
/// How much is kept of an answer, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How much is kept of a question, of a wait's name, and of a request that is held back, in bytes.
const LONGEST_QUESTION: usize = 4 * 1024;
const LONGEST_WAIT: usize = 128;
const LONGEST_METHOD: usize = 32;
const LONGEST_URL: usize = 2 * 1024;

impl From<&RunOrder> for StartRun {
    fn from(order: &RunOrder) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        // It was JSON when it came in; what is not any more is a text.
        let script = |text: &Arc<str>| {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(owned(text)))
        };
        Self {
            run: order.run.as_str().to_owned(),
            task: order.task.as_ref().map(owned),
            script: order.script.as_ref().map(script),
            session: order.session.as_ref().map(|session| session.as_str().to_owned()),
            steps: order.limits.steps,
            timeout: milliseconds(order.limits.time),
            approval: order.approval,
            allowed: order.allowed.iter().map(owned).collect(),
            heal: order.heals,
        }
    }
}

impl TryFrom<&StartRun> for RunOrder {
    type Error = InvalidId;

    fn try_from(start: &StartRun) -> Result<Self, InvalidId> {
        let time = Duration::from_millis(start.timeout);
        Ok(Self {
            run: RunId::new(&start.run)?,
            task: start.task.as_deref().map(Arc::from),
            script: start.script.as_ref().map(|script| script.to_string().into()),
            session: start.session.as_deref().map(SessionId::new).transpose()?,
            limits: RunLimits { steps: start.steps, time },
            approval: start.approval,
            allowed: start.allowed.iter().map(|host| host.as_str().into()).collect(),
            heals: start.heal,
        })
    }
}

impl From<&RunResume> for RunStored {
    fn from(stored: &RunResume) -> Self {
        Self { run: stored.run.as_str().to_owned(), steps: stored.steps }
    }
}

impl From<&Order> for FromServer {
    fn from(order: &Order) -> Self {
        let owned = |text: &Arc<str>| text.as_ref().to_owned();
        match order {
            Order::Start(order) => Self::StartRun(Box::new(order.as_ref().into())),
            Order::Cancel(run) => Self::CancelRun { run: run.as_str().to_owned() },
            Order::Pause(run) => Self::PauseRun { run: run.as_str().to_owned() },
            Order::Resume(run) => Self::ResumeRun { run: run.as_str().to_owned() },
            Order::Reply { run, wait, text } => Self::ReplyRun(ReplyRun {
                run: run.as_str().to_owned(),
                wait: owned(wait),
                text: owned(text),
            }),
            Order::Decide { run, wait, verdict } => Self::DecideRun(DecideRun {
                run: run.as_str().to_owned(),
                wait: owned(wait),
                granted: verdict.granted,
                reason: verdict.reason.as_ref().map(owned),
                always: verdict.always,
            }),
            Order::Stored(stored) => Self::RunStored(stored.into()),
            Order::Forget(run) => Self::ForgetRun { run: run.as_str().to_owned() },
        }
    }
}

impl TryFrom<RunStep> for Report {
    type Error = InvalidId;

    fn try_from(step: RunStep) -> Result<Self, InvalidId> {
        Ok(Self::Step {
            run: RunId::new(&step.run)?,
            number: step.number,
            action: action(&step.action),
            explanation: sentence(&step.explanation),
            screenshot: step.screenshot.as_deref().and_then(screenshot),
        })
    }
}

impl TryFrom<RunWaits> for Report {
    type Error = InvalidId;

    fn try_from(waits: RunWaits) -> Result<Self, InvalidId> {
        let request = waits.url.as_deref().map(|url| PageRequest {
            method: cut(waits.method.as_deref().unwrap_or("GET"), LONGEST_METHOD),
            url: cut(url, LONGEST_URL),
        });
        let asking = Asking {
            id: wait_name(&waits.wait),
            kind: match waits.kind {
                RunWaitKind::Question => WaitKind::Question,
                RunWaitKind::Approval => WaitKind::Approval,
            },
            text: cut(&waits.text, LONGEST_QUESTION),
            within: waits.timeout.map(Duration::from_millis),
            request,
        };
        Ok(Self::Waits { run: RunId::new(&waits.run)?, asking })
    }
}

impl TryFrom<RunEnded> for Report {
    type Error = InvalidId;

    fn try_from(ended: RunEnded) -> Result<Self, InvalidId> {
        let error = ended.error.as_deref().filter(|error| !error.is_empty()).map(sentence);
        let outcome = match ended.outcome {
            RunOutcome::Completed => Outcome::Completed,
            RunOutcome::Cancelled => Outcome::Cancelled,
            RunOutcome::Failed => Outcome::Failed {
                error: error.unwrap_or_else(|| "the agent gave no reason".into()),
            },
        };
        let commands = ended.commands.map(|commands| Value::Array(commands).to_string());
        let ending = Ending {
            outcome,
            answer: ended.answer.as_deref().map(|answer| cut(answer, LONGEST_ANSWER)),
            commands: commands.filter(|text| text.len() <= LONGEST_COMMANDS).map(Into::into),
        };
        Ok(Self::Ended { run: RunId::new(&ended.run)?, ending })
    }
}

/// What an agent says of a run; `None` if the message is about something else.
pub(super) fn run_report(message: FromAgent) -> Result<Option<Report>, InvalidId> {
    Ok(Some(match message {
        FromAgent::RunBegan { run } => Report::Began(RunId::new(&run)?),
        FromAgent::RunStep(step) => (*step).try_into()?,
        FromAgent::RunWaits(waits) => (*waits).try_into()?,
        FromAgent::RunGoesOn { run, wait } => {
            Report::GoesOn { run: RunId::new(&run)?, wait: wait_name(&wait) }
        }
        FromAgent::RunPaused { run, paused } => Report::Paused { run: RunId::new(&run)?, paused },
        FromAgent::RunEnded(ended) => (*ended).try_into()?,
        _ => return Ok(None),
    }))
}

/// The name of a wait, as much of it as counts.
fn wait_name(name: &str) -> Arc<str> {
    cut(name, LONGEST_WAIT)
}

/// An action as it is kept: an object. One that is too long is kept with its type alone.
fn action(action: &Value) -> Arc<str> {
    let kind = action.get("type").and_then(Value::as_str).or(action.as_str()).unwrap_or("unknown");
    let text = action.to_string();
    if action.get("type").is_some_and(Value::is_string) && text.len() <= LONGEST_ACTION {
        return text.into();
    }
    serde_json::json!({ "type": &*sentence(kind) }).to_string().into()
}

/// What is neither JPEG nor PNG, or too large, is left out: the step counts without it.
fn screenshot(text: &str) -> Option<Screenshot> {
    if text.len() / 4 * 3 > LARGEST_PICTURE + 3 {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    Screenshot::of(bytes.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_is_always_an_object_with_a_type() {
        let long = "x".repeat(LONGEST_ACTION);
        for (told, kept) in [
            (
                json!({"type": "click", "selector": "#a"}),
                json!({"type": "click", "selector": "#a"}),
            ),
            (json!("click"), json!({"type": "click"})),
            (json!(7), json!({"type": "unknown"})),
            (json!({"type": 7}), json!({"type": "unknown"})),
            (json!({"type": "type", "text": long}), json!({"type": "type"})),
        ] {
            assert_eq!(&*action(&told), kept.to_string());
        }
    }

    #[test]
    fn only_pictures_are_kept_as_pictures() {
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 100]].concat();
        let png = [&b"\x89PNG\r\n\x1a\n"[..], &[7; 100]].concat();
        for good in [&jpeg, &png] {
            assert_eq!(screenshot(&encode(good)).unwrap().bytes, good);
        }
        let huge = [&jpeg[..], &vec![7; LARGEST_PICTURE]].concat();
        for bad in [encode(b"GIF89a"), encode(&huge), "no base64 §".to_owned(), String::new()] {
            assert_eq!(screenshot(&bad), None);
        }
    }

    #[test]
    fn a_wait_is_told_as_far_as_it_is_kept() {
        let long = "é".repeat(4 * 1024);
        let told = json!({"run": "run-1", "wait": long, "kind": "approval", "text": long, "timeout": 1500,
                          "url": long, "method": long});
        let report = Report::try_from(serde_json::from_value::<RunWaits>(told).unwrap()).unwrap();
        let Report::Waits { asking, .. } = report else { panic!("{report:?}") };
        let request = asking.request.unwrap();
        let lengths = [&asking.id, &asking.text, &request.method, &request.url].map(|it| it.len());
        assert_eq!(lengths, [128, 4096, 32, 2048]);
        assert_eq!(asking.within, Some(Duration::from_millis(1500)));
        let bare = r#"{"run":"run-1","wait":"w-1","kind":"question","text":"?"}"#;
        let report = Report::try_from(serde_json::from_str::<RunWaits>(bare).unwrap()).unwrap();
        let Report::Waits { asking, .. } = report else { panic!("{report:?}") };
        assert_eq!((asking.request, asking.within), (None, None));
    }

    #[test]
    fn what_an_agent_is_told_of_a_run_is_what_it_reads() {
        let order = RunOrder {
            run: RunId::new("run-1").unwrap(),
            task: None,
            script: Some("[]".into()),
            session: None,
            limits: RunLimits { steps: 5, time: Duration::from_secs(7) },
            approval: true,
            allowed: Arc::new(["shop.example".into()]),
            heals: true,
        };
        assert_eq!(RunOrder::try_from(&StartRun::from(&order)), Ok(order));
        let plain = r#"{"run":"run-1","task":"x","steps":1,"timeout":1}"#;
        let start = serde_json::from_str::<StartRun>(plain).unwrap();
        assert!(!start.approval && !start.heal && start.allowed.is_empty());
        assert_eq!(serde_json::to_string(&start).unwrap(), plain, "servers of before said this");
    }

    #[test]
    fn a_run_that_ends_in_an_unknown_way_failed_with_a_reason() {
        let ended = r#"{"run":"run-1","outcome":"vanished"}"#;
        let report = Report::try_from(serde_json::from_str::<RunEnded>(ended).unwrap()).unwrap();
        let Report::Ended { ending, .. } = report else { panic!("{report:?}") };
        let error = "the agent gave no reason".into();
        assert_eq!(ending.outcome, Outcome::Failed { error });
    }
}
