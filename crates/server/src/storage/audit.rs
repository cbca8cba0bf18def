//! The audit as rows, in the order in which it was written.

use std::sync::LazyLock;

use pilothouse_core::audit::AuditRecord;
use sqlx::AnyConnection;

use super::{
    failure::Failure,
    rows::{ManyRows, integer, text},
};

static APPEND: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO audit (at, actor, address, action, subject, detail, refusal) VALUES",
        7,
        "",
    )
});

/// Appends records.
pub(super) async fn append(
    connection: &mut AnyConnection,
    records: &[&AuditRecord],
) -> Result<(), Failure> {
    APPEND
        .run(connection, records, |query, record| {
            query
                .bind(integer(record.at.0))
                .bind(text(&record.actor))
                .bind(text(&record.address))
                .bind(record.action)
                .bind(text(&record.subject))
                .bind(text(&record.detail))
                .bind(record.refusal.as_deref().map(text))
        })
        .await?;
    Ok(())
}
