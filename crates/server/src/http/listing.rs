//! Lists a page at a time: what a query wants, and the link that leads to the next page.

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, Query},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::problem::Problem;
use crate::gateway::Shared;

/// How many things a page has if nobody says, and at most.
pub(super) const USUAL: usize = 100;
pub(super) const MOST: usize = 1_000;

/// The longest value in a query, in bytes.
const LONGEST: usize = 1024;

/// What a query says, and the query itself, for the link to the next page.
pub(super) struct Wanted<T> {
    pub(super) query: T,
    text: String,
}

impl<T: DeserializeOwned> FromRequestParts<Arc<Shared>> for Wanted<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Problem> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|rejection| invalid(rejection.body_text()))?;
        Ok(Self { query, text: parts.uri.query().unwrap_or_default().to_owned() })
    }
}

impl<T> Wanted<T> {
    /// A page, with a link to the next one if there is one: the same query with another `cursor`.
    pub(super) fn page<R>(&self, reply: R, cursor: &str, next: Option<&str>) -> Page<R> {
        let link = next.and_then(|next| {
            let is_other = |pair: &&str| {
                !pair.is_empty() && pair.split('=').next().is_some_and(|name| name != cursor)
            };
            let mut pairs: Vec<&str> = self.text.split('&').filter(is_other).collect();
            let next = format!("{cursor}={next}");
            pairs.push(&next);
            // Relative, so that it is right under any base path and behind any proxy.
            HeaderValue::from_str(&format!("<?{}>; rel=\"next\"", pairs.join("&"))).ok()
        });
        Page { reply, link }
    }
}

/// A page of a list that is not narrowed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// `next` of the page before.
    after: Option<String>,
    /// How many at most; 1000 if absent, which is also the most.
    limit: Option<usize>,
}

impl Wanted<After> {
    /// The things of this page, and the place of the last one if there are more. They have to be in the order of their
    /// places.
    pub(super) fn after<T, K: Ord + FromStr>(
        &self,
        all: Vec<T>,
        place: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, Option<K>), Problem> {
        let After { after, limit: wanted } = &self.query;
        let wrong = |_| invalid("after is what next of the page before was");
        let after: Option<K> = after.as_deref().map(str::parse).transpose().map_err(wrong)?;
        let (page, has_more) = cut(all, &place, after.as_ref(), limit(*wanted, MOST, MOST));
        let next = page.last().filter(|_| has_more).map(place);
        Ok((page, next))
    }
}

/// One page of a list.
pub(super) struct Page<R> {
    reply: R,
    link: Option<HeaderValue>,
}

impl<R: Serialize> IntoResponse for Page<R> {
    fn into_response(self) -> Response {
        let mut response = Json(self.reply).into_response();
        if let Some(link) = self.link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// How many things are wanted.
pub(super) fn limit(wanted: Option<usize>, usual: usize, most: usize) -> usize {
    wanted.unwrap_or(usual).clamp(1, most)
}

/// The first `limit` of those that come after `after`, and whether there are more. They have to be in the order of
/// their places.
pub(super) fn cut<T, K: Ord>(
    all: impl IntoIterator<Item = T>,
    place: impl Fn(&T) -> K,
    after: Option<&K>,
    limit: usize,
) -> (Vec<T>, bool) {
    let is_behind = |thing: &T| after.is_none_or(|after| place(thing) > *after);
    let mut page: Vec<T> = all.into_iter().filter(is_behind).take(limit + 1).collect();
    let has_more = page.len() > limit;
    page.truncate(limit);
    (page, has_more)
}

/// An id in a query.
pub(super) fn id<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    let wrong = |_| invalid(format!("{name} is no id"));
    text.map(str::parse).transpose().map_err(wrong)
}

/// The words in a query that all have to be there, in lower case.
pub(super) fn words(text: Option<&str>) -> Result<Vec<Arc<str>>, Problem> {
    let text = text.unwrap_or_default();
    if text.len() > LONGEST {
        return Err(invalid(format!("q has at most {LONGEST} bytes")));
    }
    Ok(text.split_whitespace().map(|word| word.to_lowercase().into()).collect())
}

/// Whether one of these texts has each word in it.
pub(super) fn has_all(words: &[Arc<str>], texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    words.iter().all(|word| texts.iter().any(|text| text.contains(&**word)))
}

/// What was asked makes no sense.
pub(super) fn invalid(reason: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_the_last_says_so() {
        let all = [1, 2, 4, 5];
        let page = |after: Option<i32>, limit| cut(all, |number| *number, after.as_ref(), limit);
        assert_eq!(page(None, 2), (vec![1, 2], true));
        assert_eq!(page(Some(2), 2), (vec![4, 5], false));
        assert_eq!(page(Some(3), 1), (vec![4], true));
        assert_eq!(page(Some(5), 9), (vec![], false));
    }

    #[test]
    fn a_link_asks_the_same_from_another_place() {
        let wanted = Wanted { query: (), text: "limit=2&after=a&q=x%20y".to_owned() };
        let link = |next| wanted.page((), "after", next).link;
        assert_eq!(link(Some("b")).unwrap(), "<?limit=2&q=x%20y&after=b>; rel=\"next\"");
        assert_eq!(link(None), None);
    }

    #[test]
    fn words_are_found_in_any_order_and_case() {
        let words = words(Some(" Make  TEST ")).unwrap();
        assert!(has_all(&words, &["test with make"]));
        assert!(has_all(&words, &["tests", "cmake"]));
        assert!(!has_all(&words, &["make"]));
    }
}
