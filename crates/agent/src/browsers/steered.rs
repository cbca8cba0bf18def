//! A browser that a person steers: what they do is done to the page in front, and what they copy is told.

use std::time::Duration;

use pilothouse_protocols::agent_link::browsers::BrowserInput;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{
    cdp::CdpSession,
    input::{Call, Sight, UnderWay, Wish},
    pictures::Metadata,
    running::{ANSWERS_WITHIN, Done, Running},
};

/// After so long an input counts as done; what comes behind it stays behind it all the same.
const DONE_WITHIN: Duration = Duration::from_secs(1);
/// The longest text that is copied, in bytes.
const LONGEST_COPY: usize = 1 << 20;

/// What is selected, in a field or on the page, in the innermost frame and shadow that has the focus.
const SELECTION: &str = r"(most => {
  const selected = root => {
    const at = root.activeElement;
    if (at?.shadowRoot) return selected(at.shadowRoot);
    if (at?.tagName === 'IFRAME') {
      try { return selected(at.contentDocument); } catch { return ''; }
    }
    try {
      if (at && typeof at.selectionStart === 'number') {
        if (at.type === 'password') return '';
        const text = at.value.slice(at.selectionStart, at.selectionEnd);
        if (text) return text;
      }
    } catch {}
    return String((root.getSelection ? root : root.ownerDocument).getSelection() ?? '');
  };
  return selected(document).slice(0, most);
})";

#[derive(Deserialize)]
struct Evaluated {
    result: Value,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    value: String,
}

impl From<Metadata> for Sight {
    fn from(metadata: Metadata) -> Self {
        Self {
            layout: metadata.layout,
            width: metadata.device_width,
            height: metadata.device_height,
            scale: metadata.page_scale_factor,
            offset_top: metadata.offset_top,
        }
    }
}

impl Running<'_> {
    /// A turn at steering begins or ends.
    pub(super) fn hold(&mut self, turn: u64, is_held: bool) {
        self.lasting.wheel.hold(is_held);
        let calls = self.lasting.steering.begin(turn, is_held);
        self.make(calls);
    }

    /// What is held down does not stay so on a page that is not in front any more.
    pub(super) fn let_go(&mut self) {
        let calls = self.lasting.steering.let_go();
        self.make(calls);
    }

    /// A person did something.
    pub(super) fn input(&mut self, turn: u64, inputs: Vec<BrowserInput>) {
        let useless = self.lasting.steering.take(turn, inputs);
        self.lasting.news.took(&self.lasting.session, turn, useless);
        self.steer();
    }

    /// An input was done, or can have no effect any more.
    pub(super) fn did(&mut self, under_way: UnderWay) {
        self.lasting.steering.did(under_way);
        self.lasting.news.took(&self.lasting.session, under_way.turn, under_way.count);
        self.steer();
    }

    /// Does what waits, as far as it may be done now.
    fn steer(&mut self) {
        while let Some(page) = self.page() {
            let remembered = self.lasting.remembered.clone();
            let remembered = remembered.lock();
            let now = self.now(remembered.newest());
            let picture = |seq| remembered.get(seq).map(Sight::from);
            let Some(step) = self.lasting.steering.step(picture, &now) else { return };
            drop(remembered);
            match step.wish {
                Some(Wish::Copy) => self.copy(&page, step.under_way),
                None => self.make_and_wait(&page, step.calls, step.under_way),
            }
        }
    }

    /// What is there now: what the last picture showed, but in the size that the page was given since.
    fn now(&self, newest: Option<Metadata>) -> Sight {
        let viewport = self.lasting.viewport;
        Sight {
            layout: self.lasting.layout,
            width: viewport.width.into(),
            height: viewport.height.into(),
            scale: newest.map_or(1.0, |newest| newest.page_scale_factor),
            offset_top: 0.0,
        }
    }

    fn make(&self, calls: Vec<Call>) {
        if let Some(page) = self.page() {
            for Call { method, parameters } in calls {
                page.tell(method, parameters);
            }
        }
    }

    /// They are asked now and in this order; their answers are waited for elsewhere.
    fn make_and_wait(&self, page: &CdpSession, calls: Vec<Call>, under_way: UnderWay) {
        let asked: Vec<_> =
            calls.into_iter().map(|call| page.ask(call.method, call.parameters)).collect();
        let done = self.done.clone();
        tokio::spawn(async move {
            let answered = async {
                for answer in asked {
                    let _ = answer.await;
                }
            };
            // A page that hangs answers nothing, and one where something is dragged not before it is dropped.
            let _ = timeout(DONE_WITHIN, answered).await;
            let _ = done.send(Done::Input(under_way)).await;
        });
    }

    fn copy(&self, page: &CdpSession, under_way: UnderWay) {
        let expression = format!("{SELECTION}({LONGEST_COPY})");
        let asked =
            page.ask("Runtime.evaluate", json!({"expression": expression, "returnByValue": true}));
        let (news, session) = (self.lasting.news.clone(), self.lasting.session.clone());
        let done = self.done.clone();
        tokio::spawn(async move {
            if let Ok(Ok(answer)) = timeout(ANSWERS_WITHIN, asked).await {
                let evaluated = serde_json::from_str::<Evaluated>(answer.get());
                let mut text = evaluated.map(|it| it.result.value).unwrap_or_default();
                text.truncate(text.floor_char_boundary(LONGEST_COPY));
                news.copied(&session, under_way.turn, text);
            }
            let _ = done.send(Done::Input(under_way)).await;
        });
    }
}
