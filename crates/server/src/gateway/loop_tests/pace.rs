//! When viewers of terminals are sent something, on a clock that the test turns.

use std::time::Duration;

use pilothouse_core::{Role, time::Steady};
use tokio::sync::watch;

use super::{
    peer::Peer,
    terminals::{RING, Scene, here, until},
};
use crate::clock::Clock;

/// One record; sockets take some of them, and no ring takes all that they do.
const RECORD: u64 = 64 << 10;
/// An alarm rings one millisecond behind its moment.
const BUSY: u64 = 8 + 1;

/// A scene whose time stands still.
struct Still {
    scene: Scene,
    hand: watch::Sender<Steady>,
}

impl Still {
    async fn new() -> Self {
        let (hand, time) = watch::channel(Steady(1000));
        Self { scene: Scene::with(Clock::turned_by(time)).await, hand }
    }

    fn turn(&self, milliseconds: u64) {
        self.hand.send_modify(|now| *now = *now + Duration::from_millis(milliseconds));
    }

    async fn viewer(&self) -> Peer {
        let mut viewer = self.scene.view(Role::Viewer, None).await;
        assert!(viewer.hear().await.contains("begin"));
        viewer
    }

    /// Prints until the viewer's socket takes no more; returns how many records that were.
    async fn fill(&mut self) -> u64 {
        let mut records = 0;
        while !self.scene.bench.event_loop.is_blocked() {
            self.scene.print('x', RECORD).await;
            records += 1;
            self.serve().await;
        }
        records
    }

    /// Waits until everything printed was offered to those who are there.
    async fn serve(&self) {
        let hub = &self.scene.bench.event_loop.shared.hub;
        until(|| hub.unserved_terminals() == 0).await;
    }
}

/// All that the viewer is sent at this moment. What it asks for itself is answered whatever else has to wait; after
/// so many answers nothing else is on its way.
async fn heard_now(viewer: &mut Peer) -> Vec<String> {
    let mut heard = Vec::new();
    for _ in 0..5 {
        viewer.say("ping").await;
        loop {
            match viewer.hear().await {
                pong if pong == "pong" => break,
                line => heard.push(line),
            }
        }
    }
    heard
}

#[tokio::test]
async fn an_echo_to_an_idle_viewer_waits_for_no_clock() {
    here(async {
        let mut still = Still::new().await;
        let mut viewer = still.viewer().await;
        for key in 0..100 {
            still.scene.print('k', 1).await;
            assert_eq!(viewer.hear().await, format!("{key}+1:k"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_busy_viewer_is_sent_what_it_missed_once_in_eight_milliseconds() {
    here(async {
        let mut still = Still::new().await;
        let mut viewer = still.viewer().await;
        for round in 0..3 {
            let mut waiting = still.fill().await;
            // It reads everything, so that its socket is free again; what is new waits all the same.
            waiting -= heard_now(&mut viewer).await.len() as u64;
            for _ in 0..3 {
                still.scene.print('y', 7).await;
                still.serve().await;
                waiting += 1;
            }
            assert_eq!(heard_now(&mut viewer).await, [""; 0], "round {round}");
            still.turn(BUSY - 1 - 1);
            assert_eq!(heard_now(&mut viewer).await, [""; 0], "round {round}");
            still.turn(2);
            assert_eq!(heard_now(&mut viewer).await.len() as u64, waiting, "round {round}");
            // It is idle again.
            still.scene.print('z', 1).await;
            assert!(viewer.hear().await.ends_with("+1:z"));
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_follows_the_answer_to_a_close() {
    here(async {
        let mut still = Still::new().await;
        let mut viewer = still.viewer().await;
        still.fill().await;
        heard_now(&mut viewer).await;
        still.scene.print('y', 7).await;
        still.serve().await;
        // What it missed may go out by now, and no alarm has rung yet that would send it.
        still.turn(BUSY - 1);
        viewer.close().await;
        assert_eq!([viewer.hear().await, viewer.hear().await], ["closed", "gone"]);
    })
    .await;
}

#[tokio::test]
async fn who_cannot_follow_begins_anew_with_a_doubling_pause() {
    const STEP: u64 = 50;
    here(async {
        let mut still = Still::new().await;
        let mut viewer = still.viewer().await;
        let mut pauses = Vec::new();
        for _ in 0..6 {
            still.fill().await;
            for _ in 0..RING as u64 / RECORD + 2 {
                still.scene.print('x', RECORD).await;
            }
            still.scene.agent.say("screen").await;
            still.serve().await;
            let mut waited = 0;
            let is_anew = |lines: Vec<String>| lines.iter().any(|line| line.starts_with("anew"));
            while !is_anew(heard_now(&mut viewer).await) {
                still.turn(STEP);
                waited += STEP;
                assert!(waited < 10_000, "it does not begin anew");
            }
            pauses.push(waited);
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
    })
    .await;
}
