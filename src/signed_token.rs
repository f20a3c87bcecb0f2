//! Signed tokens (not encrypted) that a client carries: cursors and `requestState`. HMAC-SHA256 over the purpose, the
//! associated data, the expiry and the payload.

use crate::error::{Error, Result};
use crate::pg::Database;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Maximum length of a token in bytes; a longer text is rejected without parsing.
pub const MOST_BYTES: usize = 65_536;

/// Bytes of a truncated HMAC: 128 bits cannot be guessed.
pub const MARK: usize = 16;

/// Signs and verifies tokens with one secret.
pub struct TokenCodec {
    key: Hmac<Sha256>,
}

/// The associated data of a token: it verifies only with the same purpose and bounds.
pub struct AssociatedData<'a> {
    /// The kind of token, such as `tools/list`.
    pub purpose: &'a str,
    /// Values that must be equal at signing and verification, such as the user's id.
    pub bounds: &'a [&'a str],
}

impl TokenCodec {
    /// The codec with this database's secret. A copy of the database with another uuid does not accept the original's
    /// tokens.
    ///
    /// # Errors
    /// [`Error::Internal`] when the addon has not been updated.
    pub fn read(db: &dyn Database) -> Result<Self> {
        const SECRET: &str = sql!("token_secret");
        let missing = || Error::Internal("there is no token secret: update the addon".into());
        let secret = db.read(SECRET, &[])?.ok_or_else(missing)?;
        Self::new(&secret).ok_or_else(missing)
    }

    /// A codec with this secret; none for an invalid key.
    pub fn new(secret: &str) -> Option<Self> {
        let key = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        Some(Self { key })
    }

    /// Signs `payload`. The token consists of letters, digits, `-`, `_` and one `.`. `expires`: Unix time in seconds,
    /// none for a token that is valid as long as the secret.
    pub fn seal(&self, binding: &AssociatedData, payload: &Value, expires: Option<i64>) -> String {
        let body = serde_json::json!([expires, payload]).to_string();
        let mac = self.mac(binding, body.as_bytes()).finalize().into_bytes();
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(body),
            URL_SAFE_NO_PAD.encode(mac)
        )
    }

    /// Verifies a token and returns its payload. Returns none for a foreign token, another purpose, and a token that
    /// has expired at `now` (Unix time in seconds). The caller cannot tell these cases apart.
    pub fn open(&self, binding: &AssociatedData, text: &str, now: i64) -> Option<Value> {
        if text.len() > MOST_BYTES {
            return None;
        }
        let (body, mac) = text.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        // Compares in constant time.
        self.mac(binding, &body).verify_slice(&mac).ok()?;
        let (expires, payload): (Option<i64>, Value) = serde_json::from_slice(&body).ok()?;
        expires
            .is_none_or(|expires| now < expires)
            .then_some(payload)
    }

    /// A truncated HMAC of a text, for short tokens.
    pub fn mark(&self, binding: &AssociatedData, text: &[u8]) -> [u8; MARK] {
        let whole = self.mac(binding, text).finalize().into_bytes();
        let mut mark = [0; MARK];
        mark.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        mark
    }

    /// Whether a truncated HMAC belongs to the text.
    pub fn is_marked(&self, binding: &AssociatedData, text: &[u8], mark: &[u8]) -> bool {
        // Compares in constant time.
        mark.len() == MARK && self.mac(binding, text).verify_truncated_left(mark).is_ok()
    }

    /// Each part is preceded by its length, so that no two associated data have the same encoding.
    fn mac(&self, binding: &AssociatedData, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        let parts = std::iter::once(binding.purpose).chain(binding.bounds.iter().copied());
        for part in parts.map(str::as_bytes).chain([body]) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LIST: AssociatedData = AssociatedData {
        purpose: "tools/list",
        bounds: &["7"],
    };

    fn sealer() -> TokenCodec {
        TokenCodec::new("secret").unwrap()
    }

    #[test]
    fn opens_what_it_sealed_until_it_expires() {
        let text = sealer().seal(&LIST, &json!({"after": ["ä", 3]}), Some(100));
        assert_eq!(
            sealer().open(&LIST, &text, 99),
            Some(json!({"after": ["ä", 3]}))
        );
        assert_eq!(sealer().open(&LIST, &text, 100), None);
        let forever = sealer().seal(&LIST, &json!(1), None);
        assert_eq!(sealer().open(&LIST, &forever, i64::MAX), Some(json!(1)));
    }

    #[test]
    fn opens_nothing_else() {
        let text = sealer().seal(&LIST, &json!(1), None);
        for (purpose, bounds) in [
            ("tools/list", &["8"][..]),
            ("tools/list", &[][..]),
            ("tools/list7", &[][..]),
            ("prompts/list", &["7"][..]),
        ] {
            assert_eq!(
                sealer().open(&AssociatedData { purpose, bounds }, &text, 0),
                None,
                "{purpose} {bounds:?}"
            );
        }
        assert_eq!(
            TokenCodec::new("other").unwrap().open(&LIST, &text, 0),
            None
        );
        let (body, mac) = text.split_once('.').unwrap();
        let longer = format!("{}.{mac}", URL_SAFE_NO_PAD.encode("[null,2]"));
        for forged in ["", ".", "x", body, &format!("{body}."), &longer, &text[1..]] {
            assert_eq!(sealer().open(&LIST, forged, 0), None, "{forged}");
        }
        assert_eq!(sealer().open(&LIST, &"x.y".repeat(10_000), 0), None);
    }
}
