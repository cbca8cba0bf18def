//! Why an action was not done.

use std::time::Duration;

use crate::browsers::CdpError;

/// Why an action was not done, in words for people and models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DriverError {
    /// There is no such element.
    #[error("there is no such element: {0}")]
    NotFound(String),
    /// Several elements are meant.
    #[error("several elements are meant: {0}")]
    Ambiguous(String),
    /// Something lies over the element.
    #[error("the element is covered by {0}; do something about that first")]
    Covered(String),
    /// It must not be done.
    #[error("{0}")]
    Refused(String),
    /// It took too long; this was waited for.
    #[error("it took too long: {0}")]
    TimedOut(String),
    /// The page crashed or hung, and was ended.
    #[error("the page crashed or did not answer, and is loaded again")]
    Crashed,
    /// A person steered the browser meanwhile; nothing was done.
    #[error("a person steered the browser meanwhile; look at the page again")]
    Held,
    /// The browser is closed.
    #[error("the browser was closed")]
    Gone,
    /// The browser crashed too often, and is not there any more.
    #[error("{0}")]
    Lost(String),
    /// It cannot be done, or not so.
    #[error("{0}")]
    Failed(String),
}

impl DriverError {
    /// What was waited for when the time was over.
    pub(super) fn slow(limit: Duration, what: &str) -> Self {
        Self::TimedOut(format!("{what} (given up after {} s)", limit.as_secs()))
    }
}

impl From<CdpError> for DriverError {
    fn from(error: CdpError) -> Self {
        match error {
            CdpError::Gone => Self::Gone,
            CdpError::Slow => Self::TimedOut("the page does not answer".to_owned()),
            CdpError::Refused(why) if why.contains("Target crashed") => Self::Crashed,
            CdpError::Refused(_) | CdpError::Senseless => Self::Failed(error.to_string()),
        }
    }
}
