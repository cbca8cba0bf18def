//! Chromium's own protocol, as much of it as a browser takes: questions with numbers, answers, and what happens.
//!
//! It knows no domain of the protocol; whoever asks names the method and reads the answer.

mod codec;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::timeout,
};

pub(crate) use codec::Event;
use codec::{Cutter, Message};

/// How many questions may wait to be written. Overflow rule: more are refused.
const MOST_UNWRITTEN: usize = 1_024;
/// How many events may wait to be looked at. Overflow rule: the pipe is read no further until there is room.
const MOST_EVENTS: usize = 1_024;
/// How long an answer is waited for when nothing else is said.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CdpError {
    /// The browser is gone, or does not read what it is asked.
    #[error("the browser is gone")]
    Gone,
    /// The browser said no.
    #[error("{0}")]
    Refused(String),
    /// Nothing came in time.
    #[error("the page does not answer")]
    Slow,
    /// The answer is another one than expected.
    #[error("the browser's answer makes no sense")]
    Senseless,
}

impl CdpError {
    /// Whether Chromium has just taken one page away and not yet put the next one there.
    pub(crate) fn is_between_pages(&self) -> bool {
        matches!(self, Self::Refused(why) if why.contains("Not attached to an active page"))
    }
}

type Answer = Result<Box<RawValue>, CdpError>;
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Answer>>>>>;

/// A browser at the other end of a pipe. Clones talk to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Cdp {
    last: Arc<AtomicU64>,
    /// Bounded by what may be unwritten and by the patience of whoever asks. Nothing once the browser is gone.
    waiting: Waiting,
    outgoing: mpsc::Sender<Vec<u8>>,
}

/// A page of a browser, or the browser as a whole: what questions are asked of.
#[derive(Debug, Clone)]
pub(crate) struct CdpSession {
    cdp: Cdp,
    id: Option<Arc<str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    id: u64,
    method: &'a str,
    params: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
}

impl Cdp {
    /// Talks over a pipe, until that ends: then the events end too.
    pub(crate) fn over(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
    ) -> (Self, mpsc::Receiver<Event>) {
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let (outgoing, questions) = mpsc::channel(MOST_UNWRITTEN);
        let (events, happened) = mpsc::channel(MOST_EVENTS);
        let waits = waiting.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = listen(read, &waits, events) => {}
                () = talk(write, questions) => {}
            }
            // Whoever waits learns it by the end of its channel.
            waits.lock().take();
        });
        (Self { last: Arc::default(), waiting, outgoing }, happened)
    }

    /// The browser as a whole.
    pub(crate) fn browser(&self) -> CdpSession {
        CdpSession { cdp: self.clone(), id: None }
    }

    /// One of its pages.
    pub(crate) fn session(&self, id: &str) -> CdpSession {
        CdpSession { cdp: self.clone(), id: Some(id.into()) }
    }
}

impl CdpSession {
    /// Asks, and lets the answer come when it comes. It is asked when this returns, not when it is awaited.
    pub(crate) fn ask(
        &self,
        method: &str,
        params: Value,
    ) -> impl Future<Output = Answer> + Send + use<> {
        let asked = self.put(method, params);
        async move { asked?.await.unwrap_or(Err(CdpError::Gone)) }
    }

    /// Asks, and does not care about the answer.
    pub(crate) fn tell(&self, method: &str, params: Value) {
        drop(self.put(method, params));
    }

    /// Asks and waits, as long as is usual.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, CdpError> {
        let answer = timeout(ANSWER_WITHIN, self.ask(method, params)).await;
        let answer = answer.unwrap_or(Err(CdpError::Slow))?;
        serde_json::from_str(answer.get()).map_err(|_| CdpError::Senseless)
    }

    fn put(&self, method: &str, params: Value) -> Result<oneshot::Receiver<Answer>, CdpError> {
        let id = self.cdp.last.fetch_add(1, Ordering::Relaxed) + 1;
        let question = Question { id, method, params, session_id: self.id.as_deref() };
        let mut bytes = serde_json::to_vec(&question).map_err(|_| CdpError::Senseless)?;
        bytes.push(0);
        let (sender, receiver) = oneshot::channel();
        {
            let mut waiting = self.cdp.waiting.lock();
            let waiting = waiting.as_mut().ok_or(CdpError::Gone)?;
            // Those that nobody waits for any more are forgotten when there are many.
            if waiting.len() >= MOST_UNWRITTEN {
                waiting.retain(|_, sender| !sender.is_closed());
            }
            waiting.insert(id, sender);
        }
        if self.cdp.outgoing.try_send(bytes).is_err() {
            if let Some(waiting) = self.cdp.waiting.lock().as_mut() {
                waiting.remove(&id);
            }
            return Err(CdpError::Gone);
        }
        Ok(receiver)
    }
}

async fn listen(mut read: impl AsyncRead + Unpin, waiting: &Waiting, events: mpsc::Sender<Event>) {
    let mut cutter = Cutter::default();
    loop {
        match cutter.next() {
            Ok(Some(Message::Answer { id, result })) => {
                let sender = waiting.lock().as_mut().and_then(|waiting| waiting.remove(&id));
                if let Some(sender) = sender {
                    let _ = sender.send(result.map_err(CdpError::Refused));
                }
            }
            Ok(Some(Message::Event(event))) => {
                if events.send(event).await.is_err() {
                    return;
                }
            }
            Ok(None) => match read.read_buf(cutter.buffer()).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            },
            Err(error) => return tracing::warn!(%error, "the browser is not listened to any more"),
        }
    }
}

async fn talk(mut write: impl AsyncWrite + Unpin, mut questions: mpsc::Receiver<Vec<u8>>) {
    while let Some(question) = questions.recv().await {
        if write.write_all(&question).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn answers_find_whoever_asked_in_any_order_and_the_end_finds_everybody() {
        let (ours, theirs) = duplex(1 << 16);
        let (read, write) = tokio::io::split(ours);
        let (cdp, mut events) = Cdp::over(read, write);
        let page = cdp.session("S1");
        let first = page.ask("Page.a", json!({"x": 1}));
        let second = cdp.browser().ask("Browser.b", json!({}));
        let third = page.ask("Page.c", json!({}));
        let (mut read, mut write) = tokio::io::split(theirs);
        let mut asked = vec![0; 1_000];
        let mut count = 0;
        while asked[..count].split(|byte| *byte == 0).count() <= 3 {
            count += read.read(&mut asked[count..]).await.unwrap();
        }
        let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
        assert!(
            asked.starts_with(r#"{"id":1,"method":"Page.a","params":{"x":1},"sessionId":"S1"}"#)
        );
        write
            .write_all(b"{\"id\":2,\"result\":{\"ok\":2}}\0{\"method\":\"Page.e\"}\0")
            .await
            .unwrap();
        write.write_all(b"{\"id\":1,\"error\":{\"message\":\"no\"}}\0").await.unwrap();
        let second: Value = serde_json::from_str(second.await.unwrap().get()).unwrap();
        assert_eq!(second, json!({"ok": 2}));
        assert_eq!(first.await.unwrap_err(), CdpError::Refused("no".to_owned()));
        assert_eq!(events.recv().await.unwrap().method, "Page.e");
        drop((read, write));
        assert_eq!(third.await.unwrap_err(), CdpError::Gone);
        assert!(events.recv().await.is_none());
        assert_eq!(page.ask("Page.d", json!({})).await.unwrap_err(), CdpError::Gone);
    }
}
