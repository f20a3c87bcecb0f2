//! Confirmation tokens for clients that cannot ask a person. A token is valid for one user, credential, tool and set of
//! arguments, for ten minutes, and for one call. The server stores nothing until a token is used.

use crate::signed_token::{AssociatedData, MARK, TokenCodec};
use crate::wire::principal::Principal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Lifetime of a token.
pub const SECONDS: i64 = 600;
/// Bytes of the expiry time and of the nonce.
const TIME: usize = 4;
const NUMBER: usize = 8;

/// The call that a token is bound to.
#[derive(Debug, Clone, Copy)]
pub struct TokenScope<'a> {
    pub principal: Principal,
    pub tool: &'a str,
    /// Digest of the call's arguments.
    pub digest: &'a str,
}

/// Why a token is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Not a token, or bound to another call.
    NotForThis,
    Late,
}

impl TokenScope<'_> {
    /// Makes a token of 38 characters. `number`: the nonce, at least eight random bytes; `now`: Unix time in seconds.
    pub fn seal(&self, sealer: &TokenCodec, number: &[u8], now: i64) -> String {
        let until = u32::try_from(now + SECONDS).unwrap_or(u32::MAX);
        let mut text = until.to_be_bytes().to_vec();
        text.extend(number.iter().take(NUMBER));
        let mark = self.bound(|binding| sealer.mark(binding, &text));
        text.extend(mark);
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Checks a token and returns its nonce in base64.
    ///
    /// # Errors
    /// Why the token is invalid.
    pub fn open(&self, sealer: &TokenCodec, token: &str, now: i64) -> Result<String, Wrong> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.trim())
            .map_err(|_| Wrong::NotForThis)?;
        if bytes.len() != TIME + NUMBER + MARK {
            return Err(Wrong::NotForThis);
        }
        let (text, mark) = bytes.split_at(TIME + NUMBER);
        if !self.bound(|binding| sealer.is_marked(binding, text, mark)) {
            return Err(Wrong::NotForThis);
        }
        let (time, number) = text.split_at(TIME);
        let until = time.try_into().map_or(0, u32::from_be_bytes);
        match now < i64::from(until) {
            true => Ok(URL_SAFE_NO_PAD.encode(number)),
            false => Err(Wrong::Late),
        }
    }

    fn bound<R>(&self, use_it: impl FnOnce(&AssociatedData) -> R) -> R {
        let user = self.principal.user_id.to_string();
        let credential = self.principal.credential();
        use_it(&AssociatedData {
            purpose: "confirmation",
            bounds: &[&user, &credential, self.tool, self.digest],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn sealer() -> TokenCodec {
        TokenCodec::new("secret").unwrap()
    }

    fn scope<'a>(
        user_id: i64,
        api_key_id: Option<i64>,
        tool: &'a str,
        digest: &'a str,
    ) -> TokenScope<'a> {
        let principal = Principal {
            user_id,
            api_key_id,
        };
        TokenScope {
            principal,
            tool,
            digest,
        }
    }

    fn open(
        user: i64,
        key: Option<i64>,
        tool: &str,
        digest: &str,
        token: &str,
        now: i64,
    ) -> Result<String, Wrong> {
        scope(user, key, tool, digest).open(&sealer(), token, now)
    }

    fn token(number: &[u8]) -> String {
        scope(7, Some(3), "unlink", "d").seal(&sealer(), number, NOW)
    }

    #[test]
    fn it_is_good_for_one_thing_and_ten_minutes() {
        let made = token(b"12345678-more");
        assert_eq!(made.len(), 38);
        let number = open(7, Some(3), "unlink", "d", &made, NOW + SECONDS - 1).unwrap();
        assert_eq!(number, URL_SAFE_NO_PAD.encode(b"12345678"));
        let late = open(7, Some(3), "unlink", "d", &made, NOW + SECONDS);
        assert_eq!(late, Err(Wrong::Late));
        for other in [
            open(8, Some(3), "unlink", "d", &made, NOW),
            open(7, Some(4), "unlink", "d", &made, NOW),
            open(7, None, "unlink", "d", &made, NOW),
            open(7, Some(3), "write", "d", &made, NOW),
            open(7, Some(3), "unlink", "e", &made, NOW),
        ] {
            assert_eq!(other, Err(Wrong::NotForThis));
        }
    }

    #[test]
    fn what_was_changed_is_none() {
        let made = token(b"12345678");
        let bytes = URL_SAFE_NO_PAD.decode(&made).unwrap();
        for at in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[at] ^= 1;
            let forged = URL_SAFE_NO_PAD.encode(forged);
            assert_eq!(
                open(7, Some(3), "unlink", "d", &forged, NOW),
                Err(Wrong::NotForThis)
            );
        }
        for forged in [
            "",
            "yes",
            &made[1..],
            &format!("{made}AA"),
            &made.repeat(1000),
        ] {
            assert_eq!(
                open(7, Some(3), "unlink", "d", forged, NOW),
                Err(Wrong::NotForThis)
            );
        }
        // A nonce that is too short makes no valid token.
        assert_eq!(
            open(7, Some(3), "unlink", "d", &token(b"1"), NOW),
            Err(Wrong::NotForThis)
        );
    }
}
