//! Whether upgrades really pass: proxies like to lose the upgrade, the host, or what comes after.

use super::{
    Finding, Place,
    exchange::{Answer, ask},
};

const CHECK: &str = "websocket";
/// Any 16 bytes do; the answer to these is known.
const KEY: &str = "cGlsb3Rob3VzZSBkb2N0bw==";
const ACCEPT: &str = "BQzvCD958jKj396Tyurif0RkJzg=";

/// Tries an upgrade with the token, and one as a page of the same address would.
pub(super) async fn upgrades(place: &Place) -> Vec<Finding> {
    let token = place.token.as_ref();
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let answer = open(place, &authorization.unwrap_or_default(), token.is_some()).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            return vec![Finding::problem(CHECK, format!("no answer to an upgrade: {reason}"))];
        }
    };
    let mut found = Vec::new();
    match judge(&answer, token.is_some()) {
        Ok(()) if answer.status == 401 => {
            found.push(Finding::ok(CHECK, "upgrades reach the server"));
            found.push(Finding::problem(
                "token",
                format!("the server refuses it: {}", answer.words()),
            ));
        }
        Ok(()) => {
            found.push(Finding::ok(CHECK, "upgrades and messages pass"));
            let sentence = "none was given, so it was not tried; give one with --token-file";
            found.push(match token {
                Some(_) => Finding::ok("token", "the server takes it"),
                None => Finding::warning("token", sentence),
            });
        }
        Err(sentence) => return vec![Finding::problem(CHECK, sentence)],
    }
    found.extend(page(place).await);
    found
}

async fn open(place: &Place, fields: &str, waits_for_bytes: bool) -> Result<Answer, String> {
    let fields = format!(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{fields}"
    );
    ask(place, &place.path("/ws/dashboard"), &fields, waits_for_bytes).await
}

/// What an answer to an upgrade means.
fn judge(answer: &Answer, has_token: bool) -> Result<(), String> {
    let upgrade_lost = "the upgrade gets lost on the way; let the proxy pass it on, in nginx with: \
                        proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                        proxy_set_header Connection \"upgrade\";";
    match answer.status {
        101 if answer.field("sec-websocket-accept") != Some(ACCEPT) => {
            Err("something on the way answers the upgrade itself; look at the proxy".to_owned())
        }
        101 if has_token && answer.body.is_empty() => Err(
            "the upgrade passes, but no message comes after it; let the proxy pass both directions on without buffering".to_owned(),
        ),
        101 | 401 => Ok(()),
        403 => Err(format!("the server refuses: {}", answer.words())),
        404 => Err("there is no door at this path; let the proxy pass paths on unchanged".to_owned()),
        200 | 400 | 426 => Err(format!("answered with {} instead of 101: {upgrade_lost}", answer.status)),
        502..=504 => Err(format!(
            "a proxy answers the upgrade with {}; let it reach the server over HTTP/1.1",
            answer.status
        )),
        status => Err(format!("answered with {status} instead of 101: {}", answer.words())),
    }
}

/// Whether a page that is opened at this address may connect: a proxy that changes the host breaks that.
async fn page(place: &Place) -> Option<Finding> {
    let scheme = if place.url.starts_with("https") || place.url.starts_with("wss") {
        "https"
    } else {
        "http"
    };
    let authority = place.authority();
    // Browsers leave the usual port out.
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let origin = format!("{scheme}://{}", authority.strip_suffix(usual).unwrap_or(&authority));
    let answer = open(place, &format!("Origin: {origin}\r\n"), false).await.ok()?;
    Some(match answer.status {
        101 | 401 => Finding::ok("page", format!("a page opened at {origin} may connect")),
        _ => Finding::problem(
            "page",
            format!(
                "a page opened at {origin} may not connect ({}); let the proxy pass Host on, or add it to origins.allowed",
                answer.words()
            ),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, head: &str, body: &str) -> Answer {
        Answer { status, head: head.to_owned(), body: body.as_bytes().to_vec(), certificate: None }
    }

    #[test]
    fn each_answer_says_what_to_do() {
        let accepted = format!("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: {ACCEPT}");
        assert!(judge(&answer(101, &accepted, "."), true).is_ok());
        assert!(judge(&answer(101, &accepted, ""), false).is_ok());
        assert!(judge(&answer(401, "", ""), true).is_ok());
        let wrong = [
            (answer(101, &accepted, ""), "no message comes"),
            (answer(101, "", "."), "answers the upgrade itself"),
            (answer(426, "", ""), "proxy_set_header Upgrade"),
            (answer(200, "", "<html>"), "proxy_set_header Upgrade"),
            (answer(404, "", ""), "paths on unchanged"),
            (
                answer(403, "", r#"{"error":"this host name is not allowed; see hosts.allowed"}"#),
                "hosts.allowed",
            ),
            (answer(502, "", ""), "HTTP/1.1"),
            (answer(500, "", "oops\nmore"), "500 instead of 101: oops"),
        ];
        for (answer, expected) in wrong {
            let sentence = judge(&answer, true).unwrap_err();
            assert!(sentence.contains(expected), "{sentence}");
        }
    }
}
