//! What a secret leaves behind in all that a run tells, keeps, shows and logs: nothing.

use std::{
    io::{self, Write},
    path::Path,
};

use tracing_subscriber::filter::LevelFilter;

use super::{
    shop::{Shop, VALUE},
    *,
};

/// Where logs go in a test.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// Everything that this process logs from now on, however fine.
    fn begin() -> Self {
        let logs = Self::default();
        let writer = logs.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        logs
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

/// All files below a folder in which the value stands.
fn files_with_it(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.flat_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return files_with_it(&path);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(VALUE.len()).any(|part| part == VALUE.as_bytes());
        holds.then_some(path).into_iter().collect()
    });
    found.collect()
}

/// Has Chromium read pictures: how far the brightness inside of each of three fields is spread in each of them.
const SPREADS: &str = "<title>shown</title><pre id=said></pre><script>(async () => {
    const all = [];
    for (const picture of PICTURES) {
        const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0));
        const image = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        all.push([40, 120, 200].map(top => {
            const { data } = context.getImageData(22, top + 2, 296, 26);
            let [least, most] = [255, 0];
            for (let at = 0; at < data.length; at += 4) {
                least = Math.min(least, data[at]);
                most = Math.max(most, data[at]);
            }
            return most - least;
        }));
    }
    said.textContent = JSON.stringify(all);
})()</script>";

impl Front {
    /// The same for all pictures of a run's steps: those of the fields `plain`, `word` and `pass`.
    async fn spreads(&mut self, shop: &Shop, id: &str) -> Vec<[u32; 3]> {
        let steps = self.steps(id);
        let pictures: Vec<_> = steps.iter().map(|step| step.screenshot.clone().unwrap()).collect();
        *shop.shown.lock() = SPREADS.replace("PICTURES", &json!(pictures).to_string());
        let script = json!([
            {"type": "navigate", "url": format!("{}shown", shop.url())},
            {"type": "wait", "text": "]]"},
            {"type": "extract", "selector": "#said"},
        ]);
        self.script("looks", script);
        let ended = self.end("looks").await;
        serde_json::from_str(&ended.answer.unwrap()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_in_nothing_that_a_run_tells_keeps_shows_or_logs() {
    let logs = Logs::begin();
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    let enter = json!({"type": "navigate", "url": format!("{}enter", shop.url())});
    let script = json!([
        enter,
        {"type": "type", "selector": "#plain", "text": "Ann and her dog"},
        {"type": "type", "selector": "#word", "text": "{{secret:pass}}"},
        {"type": "type", "selector": "#pass", "text": "known to the script"},
        {"type": "click", "selector": "#plain"},
        {"type": "extract"},
        {"type": "navigate", "url": format!("{}enter?t={{{{secret:pass}}}}", shop.url())},
        {"type": "done", "answer": "in with {{secret:pass}}"},
    ]);
    front.script("silent", script);
    let ended = front.end("silent").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    // The page had it, and showed it to whoever reads.
    let answer = ended.answer.unwrap();
    assert!(answer.contains("{{secret:pass}} {{secret:pass}} known to"), "{answer}");
    let commands = ended.commands.unwrap();
    assert_eq!(commands[2]["text"], "{{secret:pass}}");
    let spreads = front.spreads(&shop, "silent").await;
    assert_eq!(spreads.len(), 8);
    // A text that is not hidden is seen; one colour is seen of the others from when they are filled on.
    for (number, [plain, word, pass]) in (1..).zip(spreads).skip(2).take(4) {
        assert!(plain > 100 && word < 60, "step {number}: {plain} {word}");
        assert!(number < 4 || pass < 60, "step {number}: {pass}");
    }
    let list = json!({"type": "select", "selector": "#size", "value": "{{secret:pass}}"});
    front.script("silent-too", json!([enter, list]));
    let error = front.end("silent-too").await.error.unwrap();
    assert!(error.contains("no option \"{{secret:pass}}\""), "{error}");
    front.is_silent();
    let logs = logs.text();
    assert!(logs.contains("a run failed") && logs.contains("run=silent-too"), "{logs}");
    assert!(!logs.contains("hunter2"), "{logs}");
    assert_eq!(files_with_it(&front.folder.path().join("agent")), Vec::<std::path::PathBuf>::new());
}
