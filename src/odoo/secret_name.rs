//! Which names mean a secret: what is never logged and never a default column.

/// Words that make any name holding them secret.
const WORDS: [&str; 19] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "totp",
    "otp",
    "pin",
    "cvv",
];

/// Endings of a word written together: `newpassword`, `accesstoken`.
const ENDINGS: [&str; 5] = ["password", "passwd", "secret", "token", "apikey"];

/// What `key` must follow to be a secret.
const KEYS: [&str; 8] = [
    "api",
    "private",
    "access",
    "secret",
    "encryption",
    "signing",
    "auth",
    "ssh",
];

/// Whether a field, argument or parameter of this name holds a secret: by whole words, so that `smtp_pass` and
/// `oauthAccessToken` do and `compass` does not.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let last_is = |word: &str| words.last().is_some_and(|last| last == word);
    words.iter().any(|word| {
        WORDS.contains(&word.as_str()) || ENDINGS.iter().any(|ending| word.ends_with(ending))
    }) || last_is("pass")
        || words.windows(2).any(|pair| {
            matches!(pair[1].as_str(), "key" | "keys") && KEYS.contains(&pair[0].as_str())
        })
}

/// The words of `snake_case`, `camelCase`, `HTTPHeader` and dotted names, in lower case, without numbers at their ends.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let hump = letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase()
                    && letters.peek().is_some_and(char::is_ascii_lowercase)));
        if hump || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words
        .iter()
        .map(|word| {
            word.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_words() {
        for name in [
            "password",
            "new_password",
            "passwd",
            "smtp_pass",
            "smtpPass",
            "oauth_access_token",
            "accessToken",
            "refresh_token",
            "API_KEY",
            "apiKey",
            "APIKey",
            "api_keys",
            "x-api-key",
            "private_key",
            "client_secret",
            "Authorization",
            "set-cookie",
            "totp_secret",
            "user_id.password",
            "pin",
            "cvv",
            "auth_token",
            "database.secret",
            "signup_token",
            "newpassword",
            "oldPassword2",
            "HTTPAuthToken",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn likenesses_are_not_secrets() {
        for name in [
            "",
            "compass",
            "bypass",
            "pass_rate",
            "passenger",
            "key",
            "keyboard",
            "monkey",
            "name",
            "pinned",
            "is_pinned",
            "shipping",
            "secretary",
            "tokenizer",
            "optout",
            "author_id",
            "key_account",
            "partner_key",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
