//! Messages that carry a token can be printed, and the token is not.

use super::messages::{Connect, TokenRefresh};

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").field("client_info", &self.client_info).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TokenRefresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRefresh").finish_non_exhaustive()
    }
}
