//! What leaves a browser that is under a permission: nothing that needs approval, before it is granted, by any way that
//! a page has; told by the servers that it would have come to.

mod guards;
mod recorder;
mod tls;
mod ways;

use super::*;
use crate::browsers::{Guarded, Happening, Permission, Wanted, permission::Outcome};
use recorder::Recorder;

/// How long questions wait that a test answers.
const USUAL: Duration = Duration::from_mins(5);

/// A browser under a permission, and the servers that it may or may not talk to.
struct Watched {
    bench: Bench,
    recorder: Recorder,
    permission: Permission,
    guarded: Option<Guarded>,
    count: usize,
}

impl Watched {
    /// Pages of the first host are allowed, those of the second are not.
    async fn new() -> Self {
        Self::with_timeout(USUAL).await
    }

    async fn with_timeout(timeout: Duration) -> Self {
        let bench = Bench::new();
        bench.open("still").await;
        Self::over(bench, timeout).await
    }

    async fn over(bench: Bench, timeout: Duration) -> Self {
        Self::beside(bench, Recorder::listen(), timeout).await
    }

    async fn beside(bench: Bench, recorder: Recorder, timeout: Duration) -> Self {
        let permission = Permission::new(&["127.0.0.1"], timeout).unwrap();
        let session = SessionId::new("s-1").unwrap();
        let guarded = bench.browsers.guard(&session, &permission).await.unwrap();
        Self { bench, recorder, permission, guarded: Some(guarded), count: 0 }
    }

    /// Shows a page of the allowed host without waiting for it.
    fn show(&mut self, html: &str) {
        let url = self.recorder.page(html);
        let browsers = self.bench.browsers.clone();
        tokio::spawn(async move {
            let go = Go::To { url };
            browsers.answer(Ask::Browse { session: "s-1".into(), go }).await
        });
    }

    async fn happened(&self) -> Happening {
        let happening = timeout(PATIENCE, self.permission.happened()).await;
        happening
            .unwrap_or_else(|_| panic!("nothing is asked; there came {:#?}", self.recorder.seen()))
    }

    /// The next question.
    async fn wanted(&self) -> Wanted {
        loop {
            if let Happening::Wanted(wanted) = self.happened().await {
                return wanted;
            }
        }
    }

    /// Waits until the browser has done what it does: then what was to come would have come.
    async fn settle(&mut self) {
        self.count += 1;
        let mark = format!("/mark{}", self.count);
        // A page that is on its way is given up for it; what it held back is asked again by nobody.
        let url = format!("{}{mark}", self.recorder.own());
        let _ = self.bench.go(&url).await;
        self.recorder.until(|seen| seen.iter().any(|it| it.path == mark)).await;
    }
}
