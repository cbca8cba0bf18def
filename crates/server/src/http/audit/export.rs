//! The audit as a file: CSV for tables, JSON for programs. Read and sent page by page.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use pilothouse_core::{
    Request,
    audit::{self, AuditFilter, AuditPage, StoredAudit},
    ports::StoreError,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Admin, AuditShape, wanted::Wanted};
use crate::{
    desk,
    gateway::Shared,
    http::{
        pieces::{self, Source},
        problem::Problem,
    },
};

/// How many records are read at once.
const PAGE: usize = 500;
/// The first line of a table.
const HEAD: &str = "id,at,userId,userName,address,program,action,description,subject,agentId,agentName,detail,\
                    result,refusal\r\n";

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Csv,
    Json,
}

/// In which format.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Chosen {
    /// `csv` or `json`.
    #[param(value_type = String)]
    format: Format,
}

/// Who did what, as a file, newest first.
///
/// CSV as RFC 4180 has it; what a spreadsheet would take for a formula begins with an apostrophe. JSON is one array.
#[utoipa::path(
    get, path = "/api/v1/audit/export", params(Chosen, Wanted),
    responses((status = 200, content_type = "text/csv", body = String))
)]
pub(super) async fn export(
    State(shared): State<Arc<Shared>>,
    Admin(caller): Admin,
    chosen: Result<Query<Chosen>, QueryRejection>,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let odd = |reason: String| Problem::new(StatusCode::BAD_REQUEST, reason);
    let Query(Chosen { format }) = chosen.map_err(|rejection| odd(rejection.body_text()))?;
    let filter = wanted.filter().map_err(odd)?;
    let (name, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8; header=present"),
        Format::Json => ("json", "application/json"),
    };
    let export = Request::Audit(audit::Request::Export { format: name });
    shared.hub.ask(&caller, export, desk::WITHIN).await?;
    let pages = Pages { shared, filter, before: None, format, is_first: true };
    let body = pieces::body(pages).await?;
    let fields = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"audit.{name}\"")),
    ];
    Ok((fields, body).into_response())
}

/// The file, a page of records at a time.
struct Pages {
    shared: Arc<Shared>,
    filter: AuditFilter,
    /// The oldest record that was read; `i64::MIN` once there is nothing more.
    before: Option<i64>,
    format: Format,
    is_first: bool,
}

impl Source for Pages {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if self.before == Some(i64::MIN) {
            return Ok(None);
        }
        let page = AuditPage { before: self.before, offset: 0, limit: PAGE };
        let records = self.shared.audit.page(&self.filter, page).await?;
        let is_last = records.len() < PAGE;
        let oldest = records.last().map_or(i64::MIN, |record| record.cursor);
        self.before = Some(if is_last { i64::MIN } else { oldest });
        let is_first = std::mem::replace(&mut self.is_first, false);
        let piece = match self.format {
            Format::Csv => table(&records, is_first),
            Format::Json => array(&records, is_first, is_last),
        };
        Ok(Some(piece.into()))
    }
}

fn table(records: &[StoredAudit], is_first: bool) -> String {
    let mut text = if is_first { HEAD.to_owned() } else { String::new() };
    for stored in records {
        let shape = AuditShape::from(stored);
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            shape.id,
            shape.at,
            shape.user_id,
            shape.user_name,
            shape.address,
            optional(&shape.program),
            shape.action,
            shape.description,
            shape.subject,
            optional(&shape.agent_id),
            optional(&shape.agent_name),
            optional(&shape.detail),
            shape.result.to_owned(),
            optional(&shape.refusal),
        ];
        let cells = cells.map(|cell| self::cell(&cell));
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that no spreadsheet takes for a formula, in quotes where it needs them.
fn cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let plain = if is_formula { format!("'{text}") } else { text.to_owned() };
    if plain.contains([',', '"', '\r', '\n']) || plain.starts_with(' ') || plain.ends_with(' ') {
        format!("\"{}\"", plain.replace('"', "\"\""))
    } else {
        plain
    }
}

fn array(records: &[StoredAudit], is_first: bool, is_last: bool) -> String {
    let mut text = String::new();
    for (place, stored) in records.iter().enumerate() {
        text.push_str(if is_first && place == 0 { "[\n" } else { ",\n" });
        // The shape has text keys and nothing that JSON cannot say.
        text.push_str(&serde_json::to_string(&AuditShape::from(stored)).unwrap_or_default());
    }
    if is_first && records.is_empty() {
        text.push('[');
    }
    if is_last {
        text.push_str("\n]\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_breaks_its_row() {
        for (text, expected) in [
            ("plain", "plain"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\r\nthere", "\"say \"\"hi\"\"\r\nthere\""),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_array_is_json_wherever_its_pages_end() {
        for pieces in
            [vec![array(&[], true, true)], vec![array(&[], true, false), array(&[], false, true)]]
        {
            let value: serde_json::Value = serde_json::from_str(&pieces.concat()).unwrap();
            assert_eq!(value, serde_json::json!([]));
        }
    }
}
