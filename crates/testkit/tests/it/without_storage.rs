//! Storage goes away under a working server and comes back: everybody who watches notices nothing,
//! nothing new is promised, and in the end everything is stored once.

use std::time::Instant;

use anyhow::Result;
use pilothouse_core::{commands::State, ids::CommandId, ports::Store as _, streams::StreamKey};
use pilothouse_server::storage::SqlStore;
use pilothouse_testkit::{
    numbered::{lines, print},
    postgres::Postgres,
    program::{Agent, PATIENCE, Server, Surroundings, request},
    small_disk::SmallDisk,
    watcher::Watcher,
};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::NamedTempFile;

use crate::storage::{places::sqlite_url, samples::text_of};

/// More lines than the server keeps in memory without storage, and less than an agent's spool takes.
const FLOOD: u32 = 2_400_000;

/// Nothing of what a test wrote is pruned.
const KEEP: (&str, &str) = ("output.keep_bytes", "200000000");

/// A file for which a command waits until it is gone.
struct Gate(NamedTempFile);

impl Gate {
    fn new() -> Self {
        Self(NamedTempFile::new().unwrap())
    }

    fn wait(&self) -> String {
        format!("while [ -e {} ]; do sleep 0.05; done", self.0.path().display())
    }
}

/// A server whose storage goes, what is connected to it, and what runs.
struct Scene {
    server: Server,
    agents: [Agent; 2],
    watchers: Vec<Watcher>,
    /// A command on the first agent, and one on the second.
    ids: [Value; 2],
    gates: Vec<Gate>,
}

impl Scene {
    fn set(surroundings: Surroundings, settings: &[(&str, &str)]) -> Self {
        let server = Server::start_in(surroundings, settings);
        let agents = [server.agent("agent-1"), server.agent("agent-2")];
        let mut watchers: Vec<_> = (0..3).map(|_| Watcher::of(server.dashboard())).collect();
        let gates: Vec<_> = (0..3).map(|_| Gate::new()).collect();
        let [first, second, third] = [0, 1, 2].map(|place| gates[place].wait());
        let (before, flood, after) = (print('a', 1000), print('b', FLOOD), print('c', 1000));
        let long = format!("{before}; {first}; {flood}; {second}; {after}");
        watchers[0].send(&request("agent-1", &long));
        let id = watchers[0].expect_status(None, "running")["commandId"].take();
        watchers[0].expect_output(&id, "a000001000\n");
        watchers[0].send(&request("agent-2", &format!("{third}; echo over; exit 3")));
        let other = watchers[0].expect_status(None, "running")["commandId"].take();
        Self { server, agents, watchers, ids: [id, other], gates }
    }

    /// What watchers and others see while storage is away.
    fn go_on_without_storage(&mut self, reason: &str) {
        let before = self.server.reset_peak();
        self.gates.remove(0);
        for watcher in &mut self.watchers {
            watcher.expect_output(&self.ids[0], &format!("b{FLOOD:09}\n"));
        }
        let health = self.server.wait_for_health(|health| health["status"] == "degraded");
        let said = health["reasons"][0].as_str().unwrap();
        assert!(said.contains(reason), "{health}");
        let grown = self.server.peak_kib().saturating_sub(before);
        assert!(grown < 96 << 10, "memory grew by {grown} KiB");

        self.watchers[1].send(&request("agent-2", "echo new"));
        assert_eq!(self.watchers[1].expect("error")["code"], "STORAGE_UNAVAILABLE");
        self.gates.pop();
        for watcher in &mut self.watchers {
            assert_eq!(watcher.expect_status(Some(&self.ids[1]), "failed")["exitCode"], 3);
        }
        let mut late = self.server.dashboard();
        assert_eq!(late.expect_status("running")["commandId"], self.ids[0]);
        assert!(self.agents.iter().all(|agent| agent.kept_commands() == 1));
    }

    /// What happens by itself once storage is back.
    fn recover(&mut self) {
        let health = self.server.wait_for_health(|health| health["status"] == "ok");
        assert_eq!(health["reasons"], json!([]));
        self.gates.clear();
        for watcher in &mut self.watchers {
            assert_eq!(watcher.expect_status(Some(&self.ids[0]), "completed")["exitCode"], 0);
        }
        self.watchers[2].send(&request("agent-2", "echo new"));
        self.watchers[2].expect_status(None, "completed");
        let deadline = Instant::now() + PATIENCE;
        while self.agents.iter().any(|agent| agent.kept_commands() > 0) {
            assert!(Instant::now() < deadline, "agents keep what should be stored by now");
            // No message says that an agent may forget.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let output = lines('a', 1000) + &lines('b', FLOOD) + &lines('c', 1000);
        for watcher in &self.watchers {
            assert!(watcher.output_of(&self.ids[0]) == output, "each line once, in order");
            assert_eq!(watcher.output_of(&self.ids[1]), "over\n");
            assert_eq!(watcher.states_of(&self.ids[0]), ["queued", "running", "completed"]);
            assert_eq!(watcher.states_of(&self.ids[1]), ["queued", "running", "failed"]);
        }
    }
}

/// Everything is in the database, once.
async fn assert_stored(url: &str, ids: &[Value; 2]) -> Result<()> {
    let store = SqlStore::open(url).await?;
    let output = lines('a', 1000) + &lines('b', FLOOD) + &lines('c', 1000);
    for (id, output) in ids.iter().zip([output.as_str(), "over\n"]) {
        let id = CommandId::new(id.as_str().unwrap())?;
        let state = store.command(&id).await?.unwrap().state;
        assert!(matches!(state, State::Ended(_)), "{state:?}");
        let groups = store.read_output(&StreamKey::command(id), 0, usize::MAX).await?;
        let mut end = 0;
        for group in &groups {
            assert_eq!(group.position, end, "no hole and no repetition");
            end = group.end();
        }
        assert!(text_of(&groups) == output, "{end} bytes are stored");
    }
    store.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_nothing_that_is_seen_and_nothing_is_missing_afterwards() -> Result<()> {
    let Some(disk) = SmallDisk::mount_or_skip(160) else { return Ok(()) };
    let parent = Some(disk.path().to_owned());
    let mut scene = Scene::set(Surroundings { parent, ..Surroundings::default() }, &[KEEP]);
    disk.fill();
    scene.go_on_without_storage("storage: the disk is full");
    disk.make_room();
    scene.recover();
    let Scene { server, ids, .. } = scene;
    let copy = disk.path().join("copy");
    std::fs::create_dir(&copy)?;
    assert_eq!(stop(server, &copy), Some(0));
    let url = sqlite_url(&copy.join("pilothouse.db"));
    assert_stored(&url, &ids).await?;
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await?;
    let check: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await?;
    assert_eq!(check, ["ok"]);
    Ok(())
}

/// Stops a server; its database outlives its folder in another one.
fn stop(server: Server, keep_in: &std::path::Path) -> Option<i32> {
    let folder = server.folder().to_owned();
    server.terminate_then(|| {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("pilothouse.db") {
                std::fs::rename(entry.path(), keep_in.join(entry.file_name())).unwrap();
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_stops_nothing_that_is_seen_and_nothing_is_missing_afterwards() -> Result<()>
{
    let mut postgres = Postgres::start()?;
    let url = postgres.database("pilothouse")?;
    let mut scene = Scene::set(Surroundings::default(), &[KEEP, ("database.url", &url)]);
    postgres.halt();
    scene.go_on_without_storage("storage: the database cannot be reached");
    postgres.resume()?;
    scene.recover();
    let Scene { server, ids, .. } = scene;
    assert_eq!(server.terminate(), Some(0));
    assert_stored(&url, &ids).await
}
