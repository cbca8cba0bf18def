//! How a watched run ended: told, kept in its folder, and made an exit code.

use std::time::Duration;

use pilothouse_client::Completion;
use serde_json::{Value, json};

use super::{
    look, steps,
    watching::{Stop, Watching},
};
use crate::{
    commands::listing::word,
    failure::{Failure, UNAVAILABLE},
    output,
};

/// The run failed.
const FAILED: u8 = 1;
/// Somebody cancelled the run.
const CANCELLED: u8 = 2;
/// How often a server that told the end is asked how the run ended, and how long is waited in between: it may go
/// away just then.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

impl Watching {
    /// Tells how the run ended, and keeps it.
    pub(super) async fn end(self, completion: Completion) -> Result<u8, Stop> {
        self.break_line();
        let run = self.ended().await;
        if let Some(folder) = &self.folder {
            let known = run.as_ref().ok_or_else(|| {
                let sentence = "the run is over, but the server did not tell it whole";
                Stop::Over(Failure::new(UNAVAILABLE, sentence))
            })?;
            let steps = steps(&self.api, &self.run).await.map_err(Stop::Over)?;
            folder.run(known, &steps).map_err(Stop::Over)?;
        }
        let Completion { error, final_answer, commands, .. } = completion;
        let status = match (&run, &error) {
            (Some(run), _) => word(run, "status"),
            (None, None) => "COMPLETED".to_owned(),
            (None, Some(_)) => "FAILED".to_owned(),
        };
        let run = run.unwrap_or_else(|| {
            json!({ "id": self.run, "status": status, "error": error, "answer": final_answer,
                    "commands": commands })
        });
        self.lines.run("end", &run)?;
        if let Some(answer) = final_answer.filter(|answer| !answer.trim().is_empty()) {
            self.lines.answer(&answer)?;
        }
        if let Some(folder) = &self.folder {
            self.lines.note(&format!("kept in {}", folder.path().display()));
        }
        let taken = run["stepCount"].as_u64().unwrap_or_default();
        let taken = if taken == 1 { "1 step".to_owned() } else { format!("{taken} steps") };
        match status.as_str() {
            "COMPLETED" => {
                self.lines.note(&format!("completed after {taken}"));
                Ok(0)
            }
            "CANCELLED" => {
                self.lines.note(&format!("cancelled after {taken}"));
                Ok(CANCELLED)
            }
            _ => {
                if !self.lines.is_json {
                    let error = output::plain(&error.unwrap_or_default());
                    output::complain(&format!("the run failed after {taken}: {error}"));
                }
                Ok(FAILED)
            }
        }
    }

    /// The run as it ended. A server that was started anew between the end and this is waited for.
    async fn ended(&self) -> Option<Value> {
        for look_number in 1..=LOOKS {
            if let Ok(run) = look(&self.api, &self.run).await {
                return Some(run);
            }
            if look_number < LOOKS {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        None
    }
}
