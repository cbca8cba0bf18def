//! A person who takes the browser over: as long as they steer, nothing is done, and then what was decided before is not.

use pilothouse_protocols::agent_link::messages::FromServer;

use super::*;

fn hold(bench: &Bench, epoch: u64, held: bool) {
    let session = bench.session.to_string();
    bench.browsers.take(&FromServer::BrowserHeld { session, epoch, held });
}

/// Waits until the driver knows.
async fn until_held(bench: &mut Bench, wanted: bool) {
    while bench.driver.driven.now().is_held != wanted {
        assert!(timeout(PATIENCE, bench.driver.driven.changed()).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_while_a_person_steers_and_then_not_what_was_decided_before() {
    let mut bench = Bench::new().await;
    bench.open("tab-two.html").await;
    let click =
        Action::parse(&json!({"type": "click", "role": "button", "name": "Hello"})).unwrap().0;
    hold(&bench, 5, true);
    until_held(&mut bench, true).await;
    {
        let act = bench.driver.act(&click);
        tokio::pin!(act);
        let waits = timeout(Duration::from_secs(2), &mut act).await;
        assert!(waits.is_err(), "{waits:?}");
        let session = bench.session.to_string();
        bench.browsers.take(&FromServer::BrowserHeld { session, epoch: 6, held: false });
        assert_eq!(timeout(PATIENCE, act).await.unwrap(), Err(DriverError::Held));
    }
    assert!(bench.site.hits().is_empty());
    bench.observe().await;
    bench.driver.act(&click).await.unwrap();
    assert_eq!(bench.site.hits(), ["hello"]);
    // Somebody steered for a moment after it was looked at: the look counts no more, once.
    hold(&bench, 7, true);
    until_held(&mut bench, true).await;
    hold(&bench, 8, false);
    until_held(&mut bench, false).await;
    assert_eq!(bench.driver.act(&click).await, Err(DriverError::Held));
    bench.driver.act(&click).await.unwrap();
    assert_eq!(bench.site.hits(), ["hello"]);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_a_person_begins_to_steer_does_nothing_more() {
    let mut bench = Bench::new().await;
    // Its button is covered, so that the click waits.
    bench.open("cookies.html").await;
    let click = json!({"type": "click", "role": "button", "name": "Continue"});
    let click = Action::parse(&click).unwrap().0;
    let (browsers, session) = (bench.browsers.clone(), bench.session.to_string());
    {
        let act = bench.driver.act(&click);
        tokio::pin!(act);
        let waits = timeout(Duration::from_secs(1), &mut act).await;
        assert!(waits.is_err(), "{waits:?}");
        browsers.take(&FromServer::BrowserHeld { session, epoch: 5, held: true });
        assert_eq!(timeout(PATIENCE, act).await.unwrap(), Err(DriverError::Held));
    }
    assert!(bench.site.hits().is_empty());
    bench.close().await;
}
