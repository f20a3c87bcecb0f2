//! Lockouts after wrong credentials, per login or key and address, and with a higher limit per address.
//!
//! An attempt is counted before verification, so that parallel guesses get no more attempts than serial ones. A valid
//! credential returns its attempt.

use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, limited};
use crate::wire::address::counted_as;
use crate::wire::http::{Credential, Request};
use serde::Deserialize;

const TAKE: &str = sql!("gate/lockout_take");
const FAILED: &str = sql!("gate/lockout_failed");
const RETURN: &str = sql!("gate/lockout_return");

/// The factor between the attempts of an address and those of one login or key.
const ADDRESS_SHARE: i64 = 10;

/// Failures of an address in a window after which refusals no longer record the attempted logins: an attacker with
/// made-up logins could fill the disk.
const MOST_NAMED: i64 = 20;

/// Seconds to wait while all attempts are taken and none of them has failed yet.
const SOON: i64 = 1;

/// Longest wait, in milliseconds, for a concurrent attempt from the same address.
const MILLISECONDS: u64 = 2_000;

/// The key by which attempts are counted.
#[derive(Debug, PartialEq)]
pub struct Attempt {
    /// `login` or `key`.
    pub kind: &'static str,
    pub name: String,
    pub address: String,
}

/// The columns of a lockout row that concern the request.
#[derive(Debug, Clone, Deserialize)]
pub struct Lockout {
    kind: String,
    failures: i64,
    /// Remaining seconds; none: no lockout in force.
    seconds: Option<i64>,
}

impl Attempt {
    /// The attempt for the request's credential; `None` without a well-formed credential.
    pub fn of(request: &Request) -> Option<Self> {
        let (kind, name) = match request.credential.as_ref()? {
            Credential::Malformed { .. } => return None,
            // Texts that are not shaped like a key count together.
            Credential::Bearer { index, .. } => ("key", index.as_deref().unwrap_or("-")),
            Credential::Basic { login, .. } => ("login", login.trim()),
        };
        Some(Self {
            kind,
            name: name.to_lowercase().chars().take(128).collect(),
            address: counted_as(&request.remote_addr),
        })
    }

    fn params<'a>(&'a self, settings: &Settings) -> [Param<'a>; 6] {
        let most = settings.lockout_failures;
        [
            Param::from(self.kind),
            Param::from(self.name.as_str()),
            Param::from(self.address.as_str()),
            most.into(),
            (most * ADDRESS_SHARE).into(),
            settings.lockout_minutes.into(),
        ]
    }

    /// Take an attempt before the credential is checked.
    ///
    /// # Errors
    /// 429 if there is none left.
    pub fn take(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        // A flood of guesses must not cost one flush each. A crash loses the attempts of the last moments.
        db.relax()?;
        limited(db, MILLISECONDS, || {
            let taken = db.write(TAKE, &self.params(settings))?;
            match taken.as_deref() {
                Some("2") => Ok(()),
                // The error rolls back the other counter, too.
                _ => Err(refused(SOON)),
            }
        })
    }

    /// Count the attempt as failed.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn failed(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        db.write(FAILED, &self.params(settings)).map(drop)
    }

    /// Return the attempt of a valid credential.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn give_back(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        let [kind, name, address, ..] = self.params(settings);
        // A crash that loses the return costs one attempt.
        db.relax()?;
        db.write(RETURN, &[kind, name, address]).map(drop)
    }
}

/// The lockouts that concern a request.
#[derive(Debug, Default)]
pub struct Lockouts(Vec<Lockout>);

impl Lockouts {
    pub fn new(rows: Vec<Lockout>, settings: &Settings) -> Self {
        match settings.lockout_failures {
            0 => Self::default(),
            _ => Self(rows),
        }
    }

    /// Check the lockout of the login or key at this address. It also refuses a valid credential, which would otherwise
    /// reveal itself.
    ///
    /// # Errors
    /// 429.
    pub fn check(&self) -> Result<()> {
        self.check_kind(|kind| kind != "address")
    }

    /// Check the lockout of the address. Does not apply to keys with a cached claim: nobody can guess a key, and its
    /// users may share the address with an attacker.
    ///
    /// # Errors
    /// 429.
    pub fn check_address(&self) -> Result<()> {
        self.check_kind(|kind| kind == "address")
    }

    fn check_kind(&self, is_meant: impl Fn(&str) -> bool) -> Result<()> {
        let meant = self.0.iter().filter(|lockout| is_meant(&lockout.kind));
        match meant.filter_map(|lockout| lockout.seconds).max() {
            None => Ok(()),
            Some(seconds) => Err(refused(seconds)),
        }
    }

    /// Whether a refusal records the attempted login.
    pub fn names_logins(&self, settings: &Settings) -> bool {
        let failures = self.0.iter().find(|lockout| lockout.kind == "address");
        settings.lockout_failures > 0
            && failures.is_none_or(|address| address.failures < MOST_NAMED)
    }
}

/// Odoo checks no passwords from this address for a while (`base.login_cooldown_after`).
pub fn paused(seconds: i64) -> Error {
    let seconds = seconds.max(1);
    Error::protocol(
        429,
        code::REFUSED,
        format!(
            "Odoo checks no password from this address for {seconds} seconds, since several were wrong. An API key works \
             meanwhile."
        ),
    )
    .after(seconds)
}

fn refused(seconds: i64) -> Error {
    let seconds = seconds.max(1);
    Error::protocol(
        429,
        code::REFUSED,
        format!(
            "Too many wrong credentials came from this address, so this login, key or address is locked out for a \
             while. Correct the API key or the password and try again after {seconds} seconds. An MCP administrator \
             can end the lockout in MCP > Monitoring > Lockouts."
        ),
    )
    .after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value, json};

    fn subject(credential: Value) -> Option<Attempt> {
        let request = json!({"call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "remote_addr": "::ffff:192.0.2.7",
            "credential": credential});
        Attempt::of(&serde_json::from_value(request).unwrap())
    }

    #[test]
    fn what_attempts_are_counted_by() {
        let name = |credential| {
            let subject = subject(credential).unwrap();
            assert_eq!(subject.address, "192.0.2.7");
            format!("{} {}", subject.kind, subject.name)
        };
        assert_eq!(
            name(json!({"scheme": "bearer", "index": "ABCD1234"})),
            "key abcd1234"
        );
        assert_eq!(name(json!({"scheme": "bearer", "index": null})), "key -");
        for login in ["demo", " Demo", "DEMO "] {
            assert_eq!(
                name(json!({"scheme": "basic", "login": login, "index": "abcd1234"})),
                "login demo"
            );
        }
        assert_eq!(subject(json!(null)), None);
        assert_eq!(
            subject(json!({"scheme": "malformed", "reason": "several"})),
            None
        );
    }

    #[test]
    fn each_lockout_is_for_its_own() {
        let settings = Settings::from_parameters(&Map::new());
        let rows = |rows: Value| Lockouts::new(serde_json::from_value(rows).unwrap(), &settings);
        let row = |kind: &str, failures: i64, seconds: Option<i64>| json!({"kind": kind, "failures": failures, "seconds": seconds});
        let wait = |checked: Result<()>| match checked {
            Err(Error::Protocol {
                status: 429,
                retry_after,
                ..
            }) => retry_after,
            other => panic!("{other:?}"),
        };
        let free = rows(json!([row("address", 19, None), row("key", 9, None)]));
        assert!(free.check().is_ok() && free.check_address().is_ok());
        assert!(free.names_logins(&settings));
        let key = rows(json!([row("address", 20, None), row("key", 10, Some(7))]));
        assert_eq!(wait(key.check()), Some(7));
        assert!(key.check_address().is_ok() && !key.names_logins(&settings));
        let address = rows(json!([row("address", 100, Some(0))]));
        assert_eq!(wait(address.check_address()), Some(1));
        assert!(address.check().is_ok());
        let off = Settings {
            lockout_failures: 0,
            ..settings.clone()
        };
        let none = Lockouts::new(address.0, &off);
        assert!(none.check_address().is_ok() && !none.names_logins(&off));
    }
}
