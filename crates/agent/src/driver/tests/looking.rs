//! What is told of a page: its outline, its text, what happened; and what is never told.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_outline_says_what_is_there_with_references_that_stay() {
    let mut bench = Bench::new().await;
    bench.open("inputs.html").await;
    let seen = bench.observe().await;
    assert_eq!((seen.title.as_str(), seen.tabs.len()), ("inputs", 1));
    assert!(seen.url.ends_with("/inputs.html") && seen.tabs[0].active);
    let outline = &seen.outline;
    assert!(
        outline.contains("textbox \"First name\"") && outline.contains("= \"old\""),
        "{outline}"
    );
    assert!(outline.contains("placeholder \"Your town\"") || outline.contains("\"Your town\""));
    let first = ref_of(outline, "textbox \"First name\"");
    let typed = bench.act(json!({"type": "type", "ref": first, "text": "Ann"})).await.unwrap();
    let command = typed.command.unwrap();
    assert_eq!(command["selector"], "#a");
    assert_eq!((&command["role"], &command["name"]), (&json!("textbox"), &json!("First name")));
    let again = bench.observe().await;
    assert_eq!(ref_of(&again.outline, "textbox \"First name\""), first);
    assert!(again.outline.contains("= \"Ann\""), "{}", again.outline);
    bench.open("tab-two.html").await;
    let gone = bench.act(json!({"type": "click", "ref": first})).await.unwrap_err();
    assert!(matches!(gone, DriverError::NotFound(_)), "{gone:?}");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_secrets_are_in_no_outline_and_no_picture() {
    let mut bench = Bench::new().await;
    bench.open("inputs.html").await;
    let secret =
        |selector: &str| json!({"type": "type", "selector": selector, "text": "hunter2secret"});
    let plain = bench.driver.screenshot().await.unwrap();
    bench.act(secret("#d")).await.unwrap();
    let town = Action::parse(&secret("#b")).unwrap().0;
    let permit = |is_for| crate::driver::Permit(std::sync::Arc::new(move |_: &str| is_for));
    let refused = bench.driver.act_in_secret(&town, permit(false)).await.unwrap_err();
    assert!(refused.to_string().contains("a page that this secret is not for"), "{refused}");
    bench.driver.act_in_secret(&town, permit(true)).await.unwrap();
    let outline = bench.observe().await.outline;
    assert!(!outline.contains("hunter2") && outline.contains("••••"), "{outline}");
    let extract = bench.act(json!({"type": "extract", "selector": "#b"})).await.unwrap();
    assert_eq!(extract.text.as_deref(), Some(""));
    let before = fingerprint(&mut bench).await;
    let picture = bench.driver.screenshot().await.unwrap();
    assert_eq!(fingerprint(&mut bench).await, before, "a picture changes nothing of the page");
    for picture in [&plain, &picture] {
        assert_eq!(picture[..2], [0xff, 0xd8], "it is a JPEG");
    }
    // Where both fields are there is one colour alone; where none is hidden there are more.
    let colours = colours_at(&mut bench, &picture, &["#b", "#d"]).await;
    assert!(colours.iter().all(|spread| *spread < 60), "{colours:?}");
    let colours = colours_at(&mut bench, &picture, &["#a"]).await;
    assert!(colours[0] > 100, "{colours:?}");
    bench.close().await;
}

/// The page as text, attributes and all.
async fn fingerprint(bench: &mut Bench) -> String {
    evaluated(
        bench,
        "document.documentElement.outerHTML.length + ' ' + document.querySelectorAll('*').length",
    )
    .await
}

async fn evaluated(bench: &mut Bench, expression: &str) -> String {
    let patience = super::super::patience::Patience::of(PATIENCE);
    let page = bench.driver.page(patience).await.unwrap();
    let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
    let answer: Value =
        bench.driver.ask(&page, &page.session, "Runtime.evaluate", asked, patience).await.unwrap();
    match &answer["result"]["value"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// How far the brightness inside of fields is spread in a picture. Chromium itself reads the picture.
async fn colours_at(bench: &mut Bench, picture: &[u8], fields: &[&str]) -> Vec<u32> {
    use base64::Engine;
    let picture = base64::engine::general_purpose::STANDARD.encode(picture);
    let script = format!(
        "(async () => {{
            const bytes = Uint8Array.from(atob('{picture}'), letter => letter.charCodeAt(0));
            const image = await createImageBitmap(new Blob([bytes], {{ type: 'image/jpeg' }}));
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            return JSON.stringify({fields}.map(field => {{
                const rect = document.querySelector(field).getBoundingClientRect();
                const {{ data }} = context.getImageData(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2);
                let [least, most] = [255, 0];
                for (let at = 0; at < data.length; at += 4) {{
                    least = Math.min(least, data[at]);
                    most = Math.max(most, data[at]);
                }}
                return most - least;
            }}));
        }})()",
        fields = json!(fields),
    );
    serde_json::from_str(&evaluated(bench, &script).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn text_tabs_searches_and_what_happened_are_told() {
    let mut bench = Bench::new().await;
    bench.act(json!({"type": "search", "query": "red lamps & more"})).await.unwrap();
    assert_eq!(bench.site.hits(), ["searched red lamps & more"]);
    bench.open("duplicates.html").await;
    let text = bench.act(json!({"type": "extract"})).await.unwrap().text.unwrap();
    assert!(text.contains("Lamp") && text.contains("Chair"), "{text}");
    let heading = json!({"type": "extract", "role": "heading", "name": "Chair"});
    assert_eq!(bench.act(heading).await.unwrap().text.as_deref(), Some("Chair"));
    let several = bench.act(json!({"type": "handle_click", "identifier": "Add to cart"})).await;
    let several = several.unwrap_err();
    assert!(
        matches!(&several, DriverError::Ambiguous(why) if why.contains("in \"Chair\"")),
        "{several:?}"
    );
    let opened = bench.act(json!({"type": "openTab", "url": bench.site.url("tab-two.html")})).await;
    assert!(opened.unwrap().notes.iter().any(|note| note.contains("a tab opened")));
    assert_eq!(bench.observe().await.title, "tab two");
    bench.act(json!({"type": "switchTab", "tab": "duplicates"})).await.unwrap();
    assert_eq!(bench.observe().await.title, "duplicates");
    bench.act(json!({"type": "closeTab", "tab": 2})).await.unwrap();
    assert_eq!(bench.observe().await.tabs.len(), 1);
    bench.act(json!({"type": "back"})).await.unwrap();
    assert!(bench.observe().await.url.contains("search.html"));
    bench.open("download.html").await;
    let done =
        bench.act(json!({"type": "click", "role": "link", "name": "Get the plan"})).await.unwrap();
    let mut notes = done.notes;
    while !notes.iter().any(|note| note.contains("plan.txt was downloaded")) {
        notes.extend(bench.observe().await.notes);
    }
    let plan = bench.folder.path().join("files/plan.txt");
    assert_eq!(std::fs::read_to_string(plan).unwrap(), "the plan");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_selector_moved_is_healed_by_role_and_name_or_fails() {
    let mut bench = Bench::new().await;
    bench.open("duplicates.html").await;
    let moved = json!({"type": "click", "selector": "#gone", "role": "button", "name": "Add to cart", "nth": 2});
    let done = bench.act(moved).await.unwrap();
    assert!(done.is_healed);
    assert_eq!(bench.site.hits(), ["table"]);
    bench.open("table.html").await;
    // It leads to an element, but to another one than was meant.
    let other = json!({"type": "click", "selector": "tr:nth-of-type(2) button", "role": "button", "name": "Save"});
    let error = bench.act(other).await.unwrap_err();
    assert!(matches!(error, DriverError::NotFound(_)), "{error:?}");
    assert!(bench.site.hits().is_empty());
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_while_the_one_before_is_busy_becomes_calm() {
    // It tells what happens in it late, or too late for anybody to wait for that.
    for ms in [1_000, 5_000] {
        let mut bench = Bench::new().await;
        let now = bench.driver.driven.now();
        let (cdp, front) = (now.cdp.unwrap(), now.tabs[0].id.clone());
        let wanted = json!({"targetId": front, "flatten": true});
        let answer = cdp.browser().ask("Target.attachToTarget", wanted).await.unwrap();
        let answer: Value = serde_json::from_str(answer.get()).unwrap();
        let busy = format!("const since = Date.now(); while (Date.now() - since < {ms});");
        let session = cdp.session(answer["sessionId"].as_str().unwrap());
        session.tell("Runtime.evaluate", json!({"expression": busy}));
        bench.driver = bench.driver.within(Duration::from_secs(20));
        bench.open("tab-two.html").await;
        bench.close().await;
    }
}
