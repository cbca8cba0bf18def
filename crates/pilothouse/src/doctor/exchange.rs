//! One HTTP request and its answer, as raw as a proxy sees them.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::Place;

/// How long any single exchange may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of an answer at most; the rest does not matter here.
const MOST: usize = 64 * 1024;

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// Of whom it came from, if TLS was spoken.
    pub(super) certificate: Option<Vec<u8>>,
}

impl Answer {
    /// A field of the head, without regard to case.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(field, _)| field.trim().eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }

    /// The body as JSON, if it is.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What our server says in refusals, or the beginning of what somebody else says.
    pub(super) fn words(&self) -> String {
        let error = self.json().and_then(|body| Some(body["error"].as_str()?.to_owned()));
        let first = || String::from_utf8_lossy(&self.body).lines().next().unwrap_or("").to_owned();
        let words = error.unwrap_or_else(first);
        crate::output::plain(&words.chars().take(120).collect::<String>())
    }
}

/// Asks for `path` with these further fields, and reads until the end, or, after an upgrade, until the
/// first bytes of the new protocol come if `waits_for_bytes`.
pub(super) async fn ask(
    place: &Place,
    path: &str,
    fields: &str,
    waits_for_bytes: bool,
) -> Result<Answer, String> {
    let stream =
        place.connector.connect(&place.address).await.map_err(|error| error.to_string())?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pilothouse-doctor\r\n{fields}\r\n",
        place.authority()
    );
    let certificate = stream.certificate().map(<[u8]>::to_vec);
    let mut answer = Answer { certificate, ..Answer::default() };
    let exchange = exchange(stream, request, waits_for_bytes, &mut answer);
    // What came before an error or the end of our patience counts all the same.
    let failed = match timeout(PATIENCE, exchange).await {
        Ok(outcome) => outcome.err().map(|error| error.to_string()),
        Err(_) => Some("nobody answers in time".to_owned()),
    };
    if let Some(reason) = failed.filter(|_| answer.head.is_empty()) {
        return Err(reason);
    }
    if answer.status == 0 {
        Err("what answers there does not speak HTTP".to_owned())
    } else {
        Ok(answer)
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: String,
    waits_for_bytes: bool,
    answer: &mut Answer,
) -> std::io::Result<()> {
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; 4096];
    while bytes.len() < MOST {
        let read = stream.read(&mut piece).await?;
        bytes.extend_from_slice(&piece[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            if read == 0 {
                answer.head = String::from_utf8_lossy(&bytes).into_owned();
                return Ok(());
            }
            continue;
        };
        if answer.head.is_empty() {
            answer.head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            answer.status = status(&answer.head);
        }
        answer.body = bytes[end + 4..].to_vec();
        let is_whole = match (answer.status, answer.field("content-length")) {
            (101, _) => !waits_for_bytes || !answer.body.is_empty(),
            (_, Some(length)) => {
                length.parse().is_ok_and(|length: usize| answer.body.len() >= length)
            }
            (_, None) => false,
        };
        if read == 0 || is_whole {
            return Ok(());
        }
    }
    Ok(())
}

fn status(head: &str) -> u16 {
    let is_http = head.starts_with("HTTP/1.");
    head.split(' ').nth(1).filter(|_| is_http).and_then(|code| code.parse().ok()).unwrap_or(0)
}
