//! The caller: a user, and the API key that the user signed in with.

use serde::{Deserialize, Serialize};

/// Everything that is counted, bound or restricted by caller uses this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    pub user_id: i64,
    /// None: signed in with the password, or a user of SQL.
    pub api_key_id: Option<i64>,
}

impl Principal {
    /// The credential that stored answers and signed tokens are bound to: `key 3`, or `password`.
    pub fn credential(self) -> String {
        match self.api_key_id {
            Some(id) => format!("key {id}"),
            None => "password".to_owned(),
        }
    }

    /// The holder of the user's rate limit: `user 7`.
    pub fn user_holder(self) -> String {
        format!("user {}", self.user_id)
    }

    /// The holder of the API key's own rate limit, if there is a key: `key 3`.
    pub fn key_holder(self) -> Option<String> {
        self.api_key_id.map(|id| format!("key {id}"))
    }

    /// The holder of the concurrency limit: the API key, or the user if signed in with the password.
    pub fn holder(self) -> String {
        self.key_holder().unwrap_or_else(|| self.user_holder())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_holder_of_its_own() {
        let by_key = Principal {
            user_id: 7,
            api_key_id: Some(3),
        };
        let by_password = Principal {
            api_key_id: None,
            ..by_key
        };
        assert_eq!([by_key.holder(), by_password.holder()], ["key 3", "user 7"]);
        assert_eq!(
            [by_key.user_holder(), by_password.user_holder()],
            ["user 7", "user 7"]
        );
        let credentials = [by_key.credential(), by_password.credential()];
        assert_eq!(credentials, ["key 3", "password"]);
    }
}
