//! Which records a request wants: one set of names, and mission control's two sets beside it.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use pilothouse_core::audit::{AuditFilter, AuditResult, actions_called};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    gateway::Shared,
    http::{moments, problem::Problem},
};

/// The longest value, in bytes.
const LONGEST: usize = 1024;

/// Which records are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only this user's; the id.
    #[serde(alias = "user")]
    pub(super) user_id: Option<String>,
    /// Only these actions, with commas between them.
    pub(super) action: Option<String>,
    /// Only what concerns this agent; the id.
    #[serde(alias = "agent")]
    pub(super) agent_id: Option<String>,
    /// Only what was asked of this.
    pub(super) subject: Option<String>,
    /// `success`, `failure` or `denied`.
    pub(super) result: Option<String>,
    /// Only with this text in one of their words.
    #[serde(alias = "search")]
    pub(super) q: Option<String>,
    /// Not before this moment: ISO 8601, a day, or milliseconds since 1970.
    #[serde(alias = "startDate")]
    pub(super) from: Option<String>,
    /// Not after this moment; of a day, not after its end.
    #[serde(alias = "endDate")]
    pub(super) to: Option<String>,
    /// How many at most; 100 if absent, up to 1000.
    pub(super) limit: Option<usize>,
    /// `next` of the page before.
    pub(super) before: Option<i64>,
}

impl FromRequestParts<Arc<Shared>> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let query = Query::<Self>::from_request_parts(parts, shared).await;
        let invalid = |reason: String| Problem::new(StatusCode::BAD_REQUEST, reason);
        query.map(|Query(wanted)| wanted).map_err(|rejection| invalid(rejection.body_text()))
    }
}

impl Wanted {
    /// The same as the storage understands it. What is empty does not matter.
    pub(super) fn filter(&self) -> Result<AuditFilter, String> {
        let given = |text: &Option<String>| {
            text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let word = |text: &Option<String>, name: &str| match given(text) {
            Some(text) if text.len() > LONGEST => {
                Err(format!("{name} has at most {LONGEST} bytes"))
            }
            given => Ok(given.map(Arc::from)),
        };
        let actions = given(&self.action).unwrap_or_default();
        let actions = actions.split(',').map(str::trim).filter(|word| !word.is_empty());
        let result = given(&self.result).map(|name| {
            AuditResult::named(&name).ok_or("result is success, failure or denied".to_owned())
        });
        let (from, to) = moments::span(self.from.as_deref(), self.to.as_deref())?;
        Ok(AuditFilter {
            actor: word(&self.user_id, "userId")?,
            actions: actions.flat_map(actions_called).map(Into::into).collect(),
            agent: word(&self.agent_id, "agentId")?,
            subject: word(&self.subject, "subject")?,
            result: result.transpose()?,
            text: word(&self.q, "q")?,
            from,
            to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sets_of_names_mean_the_same_and_nothing_means_all() {
        let one: Wanted = serde_json::from_value(serde_json::json!({
            "userId": "ann", "action": "agent.stop,login,", "startDate": "1", "endDate": "2", "result": "denied"
        }))
        .unwrap();
        let other: Wanted = serde_json::from_value(serde_json::json!({
            "user": "ann", "action": "agent.stop,user.login,user.login.failed", "from": "1", "to": "2",
            "result": "denied", "search": ""
        }))
        .unwrap();
        assert_eq!(one.filter(), other.filter());
        assert_eq!(one.filter().unwrap().actions.len(), 3);
        assert_eq!(Wanted::default().filter(), Ok(AuditFilter::default()));
        let odd = Wanted { result: Some("maybe".into()), ..Wanted::default() };
        assert!(odd.filter().is_err());
    }
}
