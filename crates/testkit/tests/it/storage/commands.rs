//! What is promised of looking for commands: filters, order, pages.

use anyhow::Result;
use pilothouse_core::{
    commands::{
        Command, CommandFilter, CommandPage, CommandPlace, Ended, Outcome, Standing, State,
    },
    ids::AgentId,
    ports::{CommandHistory, Store, StoredCommand, Write},
    time::Timestamp,
};

use super::{places::Place, samples};

fn ended(outcome: Outcome) -> State {
    State::Ended(Ended { outcome, at: Timestamp(9_000), ran_for: std::time::Duration::ZERO })
}

fn command(id: &str, at: u64, line: &str, state: State) -> Command {
    Command { requested_at: Timestamp(at), line: line.into(), ..samples::command(id, state) }
}

async fn store(store: &dyn Store, commands: Vec<Command>) -> Result<()> {
    let write =
        |command| Write::Command(StoredCommand { command: std::sync::Arc::new(command), rank: 0 });
    Ok(store.commit(&commands.into_iter().map(write).collect::<Vec<_>>()).await?)
}

async fn found(
    history: &dyn CommandHistory,
    filter: &CommandFilter,
    page: &CommandPage,
) -> Result<Vec<String>> {
    let found = history.commands(filter, page).await?;
    Ok(found.into_iter().map(|command| command.id.to_string()).collect())
}

pub(super) async fn commands_are_found_by_what_they_are(place: &Place) -> Result<()> {
    let opened = place.open().await?;
    let exited = |code, signal: Option<&str>| {
        ended(Outcome::Exited { code, signal: signal.map(Into::into) })
    };
    let mut other = command("cmd-8", 80, "echo 50%_OFF!", State::Queued);
    other.agent = AgentId::new("agent-2")?;
    other.requested_by = "ben".into();
    store(
        &opened,
        vec![
            command("cmd-1", 10, "make TEST all", exited(0, None)),
            command("cmd-2", 20, "make", exited(2, None)),
            command("cmd-3", 30, "kill", exited(0, Some("SIGTERM"))),
            command("cmd-4", 40, "x", ended(Outcome::Interrupted { code: Some(130) })),
            command("cmd-5", 50, "x", ended(Outcome::TimedOut { code: None })),
            command("cmd-6", 60, "x", ended(Outcome::AgentLost)),
            command("cmd-7", 70, "x", State::Running { since: Timestamp(71) }),
            other,
        ],
    )
    .await?;
    let all = CommandFilter::default();
    let standing =
        |standings: &[Standing]| CommandFilter { standings: standings.to_vec(), ..all.clone() };
    let words = |words: &[&str]| CommandFilter {
        words: words.iter().map(|&it| it.into()).collect(),
        ..all.clone()
    };
    let page = CommandPage { before: None, limit: 100 };
    for (filter, expected) in [
        (all.clone(), &["8", "7", "6", "5", "4", "3", "2", "1"][..]),
        (standing(&[Standing::Queued]), &["8"]),
        (standing(&[Standing::Running]), &["7"]),
        (standing(&[Standing::Completed]), &["1"]),
        (standing(&[Standing::Failed]), &["6", "5", "3", "2"]),
        (standing(&[Standing::Interrupted, Standing::Completed]), &["4", "1"]),
        (words(&["test", "make"]), &["1"]),
        (words(&["MAKE"]), &["2", "1"]),
        (words(&["50%_off!"]), &["8"]),
        (words(&["%"]), &["8"]),
        (words(&["' or 1=1"]), &[]),
        (CommandFilter { agent: Some(AgentId::new("agent-2")?), ..all.clone() }, &["8"]),
        (CommandFilter { requested_by: Some("ben".into()), ..all.clone() }, &["8"]),
        (
            CommandFilter { from: Some(Timestamp(30)), to: Some(Timestamp(50)), ..all.clone() },
            &["5", "4", "3"],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|number| format!("cmd-{number}")).collect();
        assert_eq!(found(&opened, &filter, &page).await?, expected, "{filter:?}");
    }
    let one = opened.commands(&words(&["all"]), &page).await?.remove(0);
    assert_eq!(one, command("cmd-1", 10, "make TEST all", exited(0, None)));
    Ok(())
}

pub(super) async fn commands_come_in_pages_also_where_moments_are_shared(
    place: &Place,
) -> Result<()> {
    let opened = place.open().await?;
    let many =
        (0..100).map(|number| command(&format!("cmd-{number:03}"), number / 7, "x", State::Queued));
    store(&opened, many.collect()).await?;
    let (mut all, mut before): (Vec<String>, _) = (Vec::new(), None);
    loop {
        let page = CommandPage { before, limit: 9 };
        let part = opened.commands(&CommandFilter::default(), &page).await?;
        let Some(last) = part.last() else { break };
        before = Some(CommandPlace { requested_at: last.requested_at, command: last.id.clone() });
        all.extend(part.iter().map(|command| command.id.to_string()));
    }
    let expected: Vec<_> = (0..100).rev().map(|number| format!("cmd-{number:03}")).collect();
    assert_eq!(all, expected);
    Ok(())
}
