//! The key of the audit log's HMACs, and the metadata of its secret.

use crate::error::{Error, Result};
use crate::pg::{Database, read_json};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use std::fmt::Write;

const SECRET: &str = sql!("audit/secret");
const KEYS: &str = sql!("audit/keys");

/// The key of the HMACs.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Read the key, anew for each row: a reinstalled addon creates a new secret, and backends survive that.
    ///
    /// # Errors
    /// If the addon's table has no secret.
    pub fn read(db: &dyn Database) -> Result<Self> {
        let secret = db.read(SECRET, &[])?.ok_or_else(no_secret)?;
        Self::new(&secret)
    }

    /// # Errors
    /// None in practice: HMAC accepts keys of any length.
    pub fn new(secret: &str) -> Result<Self> {
        Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| Error::Internal("the audit secret is no HMAC key".into()))
    }

    /// HMAC-SHA256 over the texts, in hexadecimal. The input has each text with its position and length, so that no
    /// other list of texts has the same input. It omits `None`: a column of a later version therefore leaves the HMACs
    /// of old rows unchanged.
    pub fn mac<T: AsRef<str>>(&self, texts: &[Option<T>]) -> String {
        let mut whole = String::new();
        for (number, text) in texts.iter().enumerate() {
            if let Some(text) = text.as_ref().map(AsRef::as_ref) {
                // Writing to a string does not fail.
                let _ = write!(whole, "{number}:{}:{text}", text.len());
            }
        }
        let mut mac = self.0.clone();
        mac.update(whole.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

fn no_secret() -> Error {
    Error::Internal("the audit has no secret: update the addon".into())
}

/// The secret and its metadata.
#[derive(Deserialize)]
pub struct Keys {
    secret: String,
    /// Rows up to this id were written with the secret of the database from which this one was copied.
    pub since: i64,
    pub database_uuid: Option<String>,
    pub current_uuid: Option<String>,
    /// HMAC of the last seal.
    pub head: Option<String>,
}

impl Keys {
    /// Read the current keys. `fresh`: use a newer snapshot than that of the running statement. The running statement
    /// must then be allowed to write.
    ///
    /// # Errors
    /// If the addon's table has no secret.
    pub fn read(db: &dyn Database, fresh: bool) -> Result<Self> {
        if !fresh {
            return read_json(db, KEYS, &[]);
        }
        let text = db.write(KEYS, &[])?.ok_or_else(no_secret)?;
        serde_json::from_str(&text).map_err(|error| Error::Internal(format!("audit keys: {error}")))
    }

    /// # Errors
    /// None in practice: HMAC accepts keys of any length.
    pub fn key(&self) -> Result<Key> {
        Key::new(&self.secret)
    }

    /// Whether the secrets were made for another database.
    pub fn are_of_another_database(&self) -> bool {
        matches!((&self.database_uuid, &self.current_uuid), (Some(made), Some(now)) if made != now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_change_places_or_columns() {
        let key = Key::new("secret").unwrap();
        let text = |text: &str| Some(text.to_owned());
        let rows = [
            [text("ab"), text("c"), None],
            [text("a"), text("bc"), None],
            [text("ab"), None, text("c")],
            [text("ab"), text("c"), text("")],
            [text("ab1:1:c"), None, None],
        ];
        let macs: Vec<String> = rows.iter().map(|row| key.mac(row)).collect();
        for (at, one) in macs.iter().enumerate() {
            assert!(!macs[..at].contains(one), "{:?}", rows[at]);
        }
        assert_eq!(key.mac(&rows[0]), macs[0]);
    }
}
