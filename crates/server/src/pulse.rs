//! Whether every event loop still turns: each is asked to answer, as a peer would have it do.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// Who waits for an answer.
type Answer = oneshot::Sender<()>;

/// Asks the event loops. One question waits per loop; a further one meanwhile finds no room, which is an answer too.
#[derive(Default)]
pub(crate) struct Pulse {
    loops: Vec<mpsc::Sender<Answer>>,
}

impl Pulse {
    /// Takes in one more loop, which has to run [`Beat::answer`].
    pub(crate) fn attach(&mut self) -> Beat {
        let (sender, receiver) = mpsc::channel(1);
        self.loops.push(sender);
        Beat(receiver)
    }

    /// Whether all loops answer in time.
    pub(crate) async fn answers(&self, within: Duration) -> bool {
        let mut answers = Vec::new();
        for asked in &self.loops {
            let (answer, answered) = oneshot::channel();
            if asked.try_send(answer).is_err() {
                return false;
            }
            answers.push(answered);
        }
        let all = async {
            for answered in answers {
                answered.await?;
            }
            Ok::<_, oneshot::error::RecvError>(())
        };
        matches!(tokio::time::timeout(within, all).await, Ok(Ok(())))
    }
}

/// A loop's side.
pub(crate) struct Beat(mpsc::Receiver<Answer>);

impl Beat {
    /// Answers for as long as the loop turns.
    pub(crate) async fn answer(mut self) {
        while let Some(answer) = self.0.recv().await {
            let _ = answer.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_loop_that_hangs_is_noticed() {
        let mut pulse = Pulse::default();
        drop(tokio::spawn(pulse.attach().answer()));
        assert!(pulse.answers(Duration::from_secs(30)).await);
        let hanging = pulse.attach();
        assert!(!pulse.answers(Duration::from_millis(50)).await);
        assert!(!pulse.answers(Duration::from_millis(50)).await, "nor is it later");
        drop(hanging);
        assert!(!pulse.answers(Duration::from_millis(50)).await, "nor when it has ended");
    }
}
