//! What the audit promises: order, pages, counts, and an end.

use std::sync::Arc;

use anyhow::Result;
use pilothouse_core::{
    audit::{AuditCount, AuditFilter, AuditPage, AuditRecord, AuditResult},
    ids::AgentId,
    ports::{AuditLog, Store, Write},
    time::Timestamp,
};

use super::{
    places::Place,
    samples::{audited, refused},
};

fn page(before: Option<i64>, offset: u64, limit: usize) -> AuditPage {
    AuditPage { before, offset, limit }
}

async fn details(log: &dyn AuditLog, filter: &AuditFilter, page: AuditPage) -> Result<Vec<String>> {
    let found = log.page(filter, page).await?;
    Ok(found.iter().map(|stored| stored.record.detail.to_string()).collect())
}

fn write(record: AuditRecord) -> Write {
    Write::Audit(Arc::new(record))
}

pub(super) async fn the_audit_keeps_its_order(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let mut all: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    for part in all.chunks(77) {
        store.commit(&part.iter().map(|detail| refused(detail)).collect::<Vec<_>>()).await?;
    }
    all.reverse();
    let filter = AuditFilter::default();
    assert_eq!(details(&store, &filter, page(None, 0, 500)).await?, all);
    Ok(())
}

pub(super) async fn a_record_comes_back_as_it_was(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let plain = AuditRecord {
        agent: None,
        agent_name: "".into(),
        program: "".into(),
        detail: "".into(),
        result: AuditResult::Success,
        refusal: None,
        ..audited(7, "")
    };
    let odd = AuditRecord { action: "tank.fill".into(), ..audited(8, "50%_of 'it' \u{1f511}") };
    store.commit(&[write(plain.clone()), write(odd.clone())]).await?;
    drop(store);
    let store = place.open().await?;
    let found = store.page(&AuditFilter::default(), page(None, 0, 9)).await?;
    assert!(found[0].cursor > found[1].cursor);
    let records: Vec<_> = found.into_iter().map(|stored| stored.record).collect();
    assert_eq!(records, [odd, plain]);
    Ok(())
}

pub(super) async fn the_audit_is_narrowed_and_paged(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let records = [
        audited(10, "one"),
        AuditRecord { actor: "bob".into(), name: "Bob".into(), ..audited(20, "two") },
        AuditRecord { action: "agent.stop".into(), ..audited(30, "three") },
        AuditRecord {
            agent: Some(AgentId::new("b-2")?),
            subject: "b-2".into(),
            ..audited(40, "four")
        },
        AuditRecord { result: AuditResult::Denied, ..audited(50, "50%_of! it") },
    ];
    store.commit(&records.map(write)).await?;
    let all = || AuditFilter::default();
    for (filter, expected) in [
        (AuditFilter { actor: Some("bob".into()), ..all() }, "two"),
        (AuditFilter { actions: vec!["agent.stop".into(), "x".into()], ..all() }, "three"),
        (AuditFilter { agent: Some("b-2".into()), ..all() }, "four"),
        (AuditFilter { subject: Some("b-2".into()), ..all() }, "four"),
        (AuditFilter { result: Some(AuditResult::Denied), ..all() }, "50%_of! it"),
        (AuditFilter { text: Some("50%_OF!".into()), ..all() }, "50%_of! it"),
        (AuditFilter { text: Some("BOB".into()), ..all() }, "two"),
        (AuditFilter { text: Some("_%_%".into()), ..all() }, ""),
        (AuditFilter { text: Some("' OR 1=1 --".into()), ..all() }, ""),
        (AuditFilter { from: Some(Timestamp(20)), to: Some(Timestamp(30)), ..all() }, "three two"),
        (AuditFilter { actor: Some("ann".into()), to: Some(Timestamp(30)), ..all() }, "three one"),
        (AuditFilter { actor: Some("Ann".into()), ..all() }, ""),
    ] {
        let found = details(&store, &filter, page(None, 0, 9)).await?;
        assert_eq!(found.join(" "), expected, "{filter:?}");
        assert_eq!(store.count(&filter).await?, found.len() as u64, "{filter:?}");
    }
    let newest = store.page(&all(), page(None, 0, 2)).await?;
    assert_eq!(newest.len(), 2);
    let next = page(Some(newest[1].cursor), 0, 2);
    assert_eq!(details(&store, &all(), next).await?, ["three", "two"]);
    assert_eq!(details(&store, &all(), page(None, 3, 9)).await?, ["two", "one"]);
    assert_eq!(details(&store, &all(), page(None, u64::MAX, 9)).await?, [""; 0]);
    assert_eq!(store.count(&all()).await?, 5);
    Ok(())
}

pub(super) async fn the_audit_is_counted(place: &Place) -> Result<()> {
    let store = place.open().await?;
    assert_eq!((store.stats(Timestamp(0)).await?, store.agents().await?), (vec![], vec![]));
    let stop = |at| AuditRecord { action: "agent.stop".into(), agent: None, ..audited(at, "x") };
    let done = |at| AuditRecord { result: AuditResult::Success, refusal: None, ..stop(at) };
    let other = AuditRecord { agent: Some(AgentId::new("Z")?), ..audited(60, "x") };
    let records = [done(1), done(50), done(51), stop(52), audited(53, "x"), other];
    store.commit(&records.map(write)).await?;
    let count = |action: &str, result, count| AuditCount { action: action.into(), result, count };
    assert_eq!(
        store.stats(Timestamp(50)).await?,
        [
            count("agent.stop", AuditResult::Failure, 1),
            count("agent.stop", AuditResult::Success, 2),
            count("command.enqueue", AuditResult::Failure, 2),
        ]
    );
    let mut agents = store.agents().await?;
    agents.sort();
    assert_eq!(agents, [AgentId::new("Z")?, AgentId::new("agent-1")?]);
    Ok(())
}

pub(super) async fn old_records_are_forgotten_in_pieces(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let records: Vec<Write> = (0..1_500).map(|at| write(audited(at, "x"))).collect();
    store.commit(&records).await?;
    assert_eq!(store.forget(Timestamp(1_400)).await?, 1_024);
    assert_eq!(store.forget(Timestamp(1_400)).await?, 1_400 - 1_024);
    assert_eq!(store.forget(Timestamp(1_400)).await?, 0);
    assert_eq!(store.count(&AuditFilter::default()).await?, 100);
    let oldest = store.page(&AuditFilter::default(), page(None, 99, 9)).await?;
    assert_eq!(oldest[0].record.at, Timestamp(1_400));
    Ok(())
}

pub(super) async fn records_of_an_older_schema_are_readable(place: &Place) -> Result<()> {
    drop(place.open().await?);
    place.tamper("DELETE FROM _sqlx_migrations WHERE version = 10").await?;
    for index in [
        "DROP INDEX audit_by_time",
        "DROP INDEX audit_by_actor",
        "DROP INDEX audit_by_action",
        "DROP INDEX audit_by_agent",
    ] {
        place.tamper(index).await?;
    }
    for column in [
        "ALTER TABLE audit DROP COLUMN id",
        "ALTER TABLE audit DROP COLUMN name",
        "ALTER TABLE audit DROP COLUMN program",
        "ALTER TABLE audit DROP COLUMN agent",
        "ALTER TABLE audit DROP COLUMN agent_name",
        "ALTER TABLE audit DROP COLUMN result",
    ] {
        place.tamper(column).await?;
    }
    place
        .tamper(
            "INSERT INTO audit (at, actor, address, action, subject, detail, refusal) VALUES \
             (5, 'ann', '::1', 'command.enqueue', 'a-1', 'ls', NULL), \
             (6, 'bob', '::1', 'command.interrupt', 'c-1', '', 'this takes the role operator or admin'), \
             (7, 'bob', '::1', 'command.interrupt', 'c-1', '', 'command c-1 is not known')",
        )
        .await?;
    let store = place.open().await?;
    let found = store.page(&AuditFilter::default(), page(None, 0, 9)).await?;
    let results: Vec<_> = found.iter().map(|stored| stored.record.result).collect();
    assert_eq!(results, [AuditResult::Failure, AuditResult::Denied, AuditResult::Success]);
    let oldest = &found[2].record;
    assert_eq!((&*oldest.name, oldest.agent.as_ref().map(AgentId::as_str)), ("ann", Some("a-1")));
    assert_eq!(&*oldest.id, &format!("aud-{}", found[2].cursor));
    Ok(())
}
