//! Lockouts after wrong credentials, per login or key and address, and with a higher limit per address.
//!
//! An attempt is counted before anything is verified, so that parallel guesses get no more attempts than serial ones. A
//! right credential gives its attempt back.

use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, limited};
use crate::wire::address::counted_as;
use crate::wire::http::{Credential, Request};
use serde::Deserialize;

const TAKE: &str = sql!("lockout_take");
const FAILED: &str = sql!("lockout_failed");
const RETURN: &str = sql!("lockout_return");

/// An address has so many times the attempts of one login or key.
const ADDRESS_SHARE: i64 = 10;

/// Failures of an address in a window after which refusals no longer name the logins that are tried: who makes them up
/// could fill the disk.
const MOST_NAMED: i64 = 20;

/// Seconds to wait where all attempts are taken, but none of them has failed yet.
const SOON: i64 = 1;

/// Longest wait for whoever takes an attempt of the same address.
const MILLISECONDS: u64 = 2_000;

/// What attempts are counted by.
#[derive(Debug, PartialEq)]
pub struct Attempt {
    /// `login` or `key`.
    pub kind: &'static str,
    pub name: String,
    pub address: String,
}

/// A row of the table, as far as it concerns the request.
#[derive(Debug, Clone, Deserialize)]
pub struct Lockout {
    kind: String,
    failures: i64,
    /// Until it ends; none: locked out no more, or not yet.
    seconds: Option<i64>,
}

impl Attempt {
    /// Of the request's credential; none where it has none that could be right.
    pub fn of(request: &Request) -> Option<Self> {
        let (kind, name) = match request.credential.as_ref()? {
            Credential::Malformed { .. } => return None,
            // What has not the shape of a key counts together.
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

    /// Take an attempt, before the credential is looked at.
    ///
    /// # Errors
    /// 429 where there is none left.
    pub fn take(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        // A flood of guesses must not cost a flush each; a crash forgets those of its last moments.
        db.relax()?;
        limited(db, MILLISECONDS, || {
            let taken = db.write(TAKE, &self.params(settings))?;
            match taken.as_deref() {
                Some("2") => Ok(()),
                // What was taken of the one is undone with this.
                _ => Err(refused(SOON)),
            }
        })
    }

    /// The attempt was wrong.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn failed(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        db.write(FAILED, &self.params(settings)).map(drop)
    }

    /// The attempt was right.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub fn give_back(&self, db: &dyn Database, settings: &Settings) -> Result<()> {
        if settings.lockout_failures == 0 {
            return Ok(());
        }
        let [kind, name, address, ..] = self.params(settings);
        // A crash that forgets it costs one attempt.
        db.relax()?;
        db.write(RETURN, &[kind, name, address]).map(drop)
    }
}

/// What the table says about a request.
#[derive(Debug, Default)]
pub struct Lockouts(Vec<Lockout>);

impl Lockouts {
    pub fn new(rows: Vec<Lockout>, settings: &Settings) -> Self {
        match settings.lockout_failures {
            0 => Self::default(),
            _ => Self(rows),
        }
    }

    /// Whether its login or key is locked out at this address, whoever comes: the right credential too, or it would tell
    /// itself.
    ///
    /// # Errors
    /// 429.
    pub fn check(&self) -> Result<()> {
        self.check_kind(|kind| kind != "address")
    }

    /// Whether its address is. Keys that have been proven before and are remembered may still come from there: nobody
    /// can guess one, and others share the address.
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

    /// Whether a refusal tells which login was tried.
    pub fn names_logins(&self, settings: &Settings) -> bool {
        let failures = self.0.iter().find(|lockout| lockout.kind == "address");
        settings.lockout_failures > 0
            && failures.is_none_or(|address| address.failures < MOST_NAMED)
    }
}

/// Odoo itself looks at no password from this address for a while (`base.login_cooldown_after`).
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
            "Too many wrong credentials came from this address, so it is locked out for a while. Correct the API key or \
             the password first and try again after {seconds} seconds; an Odoo administrator can end it sooner in MCP > \
             Monitoring > Lockouts."
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
