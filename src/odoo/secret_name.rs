//! Names of secrets. Their values are never logged and never shown by default.

/// Words that make any name with them secret.
const WORDS: [&str; 21] = [
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
    "cvc",
    "bearer",
];

/// Words for a password or a secret in other languages, also as the ending of a word.
const FOREIGN: [&str; 33] = [
    "passwort",
    "kennwort",
    "geheimnis",
    "motdepasse",
    "contrasena",
    "contraseña",
    "secreto",
    "senha",
    "segredo",
    "parola",
    "wachtwoord",
    "geheim",
    "lösenord",
    "losenord",
    "adgangskode",
    "passord",
    "salasana",
    "hasło",
    "haslo",
    "heslo",
    "jelszó",
    "jelszo",
    "şifre",
    "sifre",
    "lozinka",
    "пароль",
    "пароля",
    "κωδικός",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "비밀번호",
];

/// Sequences of words that make a name secret.
const PHRASES: [&[&str]; 3] = [
    &["pass", "word"],
    &["mot", "de", "passe"],
    &["mot", "passe"],
];

/// Names of payment accounts and cards.
const PAYMENT: [&[&str]; 6] = [
    &["iban"],
    &["card", "number"],
    &["cardnumber"],
    &["credit", "card"],
    &["creditcard"],
    &["pan"],
];

/// Endings of compound words: `newpassword`, `accesstoken`.
const ENDINGS: [&str; 5] = ["password", "passwd", "secret", "token", "apikey"];

/// Words that make a following `key` secret.
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

/// Whether a field, argument or parameter of this name holds a secret. Compares whole words, so that `smtp_pass` and
/// `oauthAccessToken` match and `compass` does not.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let last_is = |word: &str| words.last().is_some_and(|last| last == word);
    words.iter().any(|word| {
        let ends = |ending: &&str| word.ends_with(*ending);
        WORDS.contains(&word.as_str()) || ENDINGS.iter().any(ends) || FOREIGN.iter().any(ends)
    }) || last_is("pass")
        || has_phrase(&words, &PHRASES)
        || words.windows(2).any(|pair| {
            matches!(pair[1].as_str(), "key" | "keys") && KEYS.contains(&pair[0].as_str())
        })
}

/// [`is_secret_name`] for a method, where `pin` is a verb.
pub fn is_secret_method(name: &str) -> bool {
    let words = words(name);
    let others: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "pin")
        .collect();
    is_secret_name(&others.join("_"))
}

/// Whether a name is one of a payment account or card: not a secret in Odoo, but irrelevant to the audit log.
pub fn is_payment_name(name: &str) -> bool {
    has_phrase(&words(name), &PAYMENT)
}

fn has_phrase(words: &[String], phrases: &[&[&str]]) -> bool {
    let stands = |phrase: &&[&str]| {
        words
            .windows(phrase.len())
            .any(|part| part.iter().eq(phrase.iter()))
    };
    phrases.iter().any(stands)
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
            word.extend(letter.to_lowercase());
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
            "pass_word",
            "bearer",
            "Passwort",
            "neues_kennwort",
            "mot_de_passe",
            "motDePasse",
            "CONTRASEÑA",
            "пароль",
            "パスワード",
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
            "pass_wording",
            "clave_sat",
            "paroles",
            "iban",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn methods_that_pin_deal_with_no_secrets() {
        assert!(!is_secret_method("set_message_pin") && !is_secret_method("channel_pin"));
        assert!(is_secret_method("renew_token") && is_secret_method("change_password"));
    }

    #[test]
    fn accounts_and_cards_are_known_by_their_names() {
        for name in [
            "iban",
            "partner_iban",
            "cardNumber",
            "card_number",
            "credit_card",
        ] {
            assert!(is_payment_name(name), "{name}");
        }
        for name in ["urban", "card", "number", "panel", "business_card"] {
            assert!(!is_payment_name(name), "{name}");
        }
    }
}
