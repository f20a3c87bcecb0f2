//! Rate limit: each message takes one token from the bucket of its user and one from the bucket of its API key.

use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::pg::{Database, Param, read_json};
use crate::wire::auth_context::Bucket;
use crate::wire::principal::Principal;
use serde::Deserialize;
use serde_json::json;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

const TAKE: &str = sql!("gate/rate_bucket_take");
const LEVELS: &str = sql!("gate/rate_bucket_levels");

/// Bucket levels by holder: tokens, and seconds since that number was stored.
pub type Levels = HashMap<String, (f64, f64)>;

/// A shortfall below this is a rounding error.
const ROUNDING: f64 = 1e-6;

/// Maximum number of cached holders; then the cache is cleared.
const MOST_EMPTIED: usize = 64;

thread_local! {
    /// Holders whose buckets this backend has found empty. Their buckets are checked before any work for a message.
    /// This is only a hint; the table decides.
    static EMPTIED: RefCell<HashSet<String>> = RefCell::default();
}

impl Bucket {
    /// `None` without a limit.
    pub fn new(holder: String, per_minute: i64, burst: i64) -> Option<Self> {
        let burst = burst.max(1);
        let bucket = Self {
            holder,
            per_minute,
            burst,
        };
        (per_minute > 0).then_some(bucket)
    }

    fn level(&self, (tokens, seconds): (f64, f64)) -> f64 {
        let filled = tokens + self.per_minute as f64 / 60.0 * seconds.max(0.0);
        filled.min(self.burst as f64)
    }

    /// Whole seconds until the next token.
    fn wait(&self, level: f64) -> i64 {
        let seconds = (1.0 - level) * 60.0 / self.per_minute as f64;
        (seconds.ceil() as i64).max(1)
    }

    fn refused(&self, level: f64) -> Error {
        let whose = match self.holder.starts_with("user") {
            true => "user",
            false => "API key",
        };
        let (per_minute, burst, wait) = (self.per_minute, self.burst, self.wait(level));
        Error::protocol(
            429,
            code::REFUSED,
            format!(
                "Too many requests: this {whose} may send {per_minute} in a minute and {burst} at once. Send fewer, and \
                 go on after {wait} seconds."
            ),
        )
        .after(wait)
    }
}

/// The buckets of a caller: one for the user, and one for the API key used, if any. `limits` are the key's own limits;
/// 0 means the general limit.
pub fn buckets(caller: Principal, limits: Option<&Limits>, settings: &Settings) -> Vec<Bucket> {
    let Settings {
        rate_per_minute: rate,
        rate_burst: burst,
        ..
    } = *settings;
    let own = |own: i64, general: i64| if own > 0 { own } else { general };
    let key = caller.key_holder().and_then(|holder| {
        let limits = limits.cloned().unwrap_or_default();
        let (rate, burst) = (own(limits.per_minute, rate), own(limits.burst, burst));
        Bucket::new(holder, rate, burst)
    });
    let user = Bucket::new(caller.user_holder(), rate, burst);
    [user, key].into_iter().flatten().collect()
}

/// An API key's own limits; 0: the general limit.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Limits {
    pub per_minute: i64,
    pub burst: i64,
    pub max_concurrent: i64,
    /// Addresses and networks from which the key may be used; empty: anywhere.
    pub networks: String,
}

/// Check buckets that this backend has recently found empty, before any work or write for the message. During a flood a
/// refused message therefore costs one read; other messages cost none.
///
/// # Errors
/// 429 for an empty bucket; errors from PostgreSQL.
pub fn look(db: &dyn Database, buckets: &[Bucket], call_id: &str) -> Result<()> {
    let known = EMPTIED.with_borrow(|emptied| {
        !emptied.is_empty()
            && buckets
                .iter()
                .any(|bucket| emptied.contains(&bucket.holder))
    });
    if !known {
        return Ok(());
    }
    let levels = levels(db, buckets, Some(call_id))?;
    let judged = judge(buckets, &levels);
    if judged.is_ok() {
        EMPTIED.with_borrow_mut(|emptied| {
            for bucket in buckets {
                emptied.remove(&bucket.holder);
            }
        });
    }
    judged
}

/// The current levels of the buckets; with `call_id`, without buckets from which this call has already taken a token.
fn levels(db: &dyn Database, buckets: &[Bucket], call_id: Option<&str>) -> Result<Levels> {
    let holders: Vec<&str> = buckets
        .iter()
        .map(|bucket| bucket.holder.as_str())
        .collect();
    read_json(
        db,
        LEVELS,
        &[Param::from(&json!(holders)), Param::from(call_id)],
    )
}

/// Refuse if a bucket is empty, with the longest wait.
fn judge(buckets: &[Bucket], levels: &Levels) -> Result<()> {
    let empty = buckets.iter().filter_map(|bucket| {
        let level = bucket.level(*levels.get(&bucket.holder)?);
        (level < 1.0 - ROUNDING).then(|| (bucket.wait(level), bucket, level))
    });
    match empty.max_by_key(|(wait, ..)| *wait) {
        None => Ok(()),
        Some((_, bucket, level)) => Err(bucket.refused(level)),
    }
}

/// Take a token from each bucket. If one is empty, the caller's subtransaction rolls back the token of the other and
/// releases both rows.
///
/// # Errors
/// 429 for an empty bucket.
pub fn take(db: &dyn Database, buckets: &[Bucket], call_id: &str) -> Result<()> {
    let of = |at: usize| -> [Param; 3] {
        match buckets.get(at) {
            None => [Param::Text(None), Param::Int(None), Param::Int(None)],
            Some(bucket) => [
                Param::from(bucket.holder.as_str()),
                bucket.per_minute.into(),
                bucket.burst.into(),
            ],
        }
    };
    let ([a, b, c], [d, e, f]) = (of(0), of(1));
    let taken = db.change(TAKE, &[a, b, c, d, e, f, Param::from(call_id)])?;
    if taken == buckets.len() {
        return Ok(());
    }
    Err(empty())
}

/// The error of [`take`]; [`explain`] gives the details.
pub fn empty() -> Error {
    Error::protocol(429, code::REFUSED, "Too many requests.")
}

/// The error that names the empty bucket after [`take`] has refused. Includes the tokens that other calls have taken
/// meanwhile.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn explain(db: &dyn Database, buckets: &[Bucket]) -> Result<Error> {
    EMPTIED.with_borrow_mut(|emptied| {
        if emptied.len() >= MOST_EMPTIED {
            emptied.clear();
        }
        emptied.extend(buckets.iter().map(|bucket| bucket.holder.clone()));
    });
    let levels = levels(db, buckets, None)?;
    let level = |bucket: &Bucket| {
        levels
            .get(&bucket.holder)
            .map_or(1.0, |level| bucket.level(*level))
    };
    let emptiest = buckets
        .iter()
        .max_by_key(|bucket| bucket.wait(level(bucket)));
    Ok(match emptiest {
        Some(bucket) => bucket.refused(level(bucket)),
        None => Error::Internal("a limit without a bucket".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn bucket(holder: &str, per_minute: i64, burst: i64) -> Bucket {
        Bucket::new(holder.to_owned(), per_minute, burst).unwrap()
    }

    /// Seconds to wait for buckets with the same rate and burst; `held` has the tokens of each and the seconds since
    /// they were counted.
    fn wait(per_minute: i64, burst: i64, held: &[(f64, f64)]) -> Option<i64> {
        let holders = ["user 1", "key 1"];
        let buckets: Vec<Bucket> = holders
            .map(|holder| bucket(holder, per_minute, burst))
            .into();
        let levels = holders
            .iter()
            .zip(held)
            .map(|(holder, level)| ((*holder).to_owned(), *level));
        match judge(&buckets, &levels.collect()) {
            Ok(()) => None,
            Err(Error::Protocol {
                status: 429,
                retry_after: Some(seconds),
                ..
            }) => Some(seconds),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bucket_fills_up_evenly_to_its_burst() {
        assert_eq!(wait(120, 60, &[(60.0, 0.0)]), None);
        assert_eq!(wait(120, 60, &[(0.0, 0.5)]), None);
        assert_eq!(wait(120, 60, &[(0.999_999_9, 0.0)]), None);
        assert_eq!(wait(120, 60, &[(0.0, 0.4)]), Some(1));
        assert_eq!(wait(1, 60, &[(0.0, 0.0)]), Some(60));
        assert_eq!(wait(1, 60, &[(0.0, 15.0)]), Some(45));
        assert_eq!(wait(1, 60, &[(0.0, 15.01)]), Some(45));
        // A bucket never exceeds its burst, however long it stood. A clock set back removes nothing.
        assert_eq!(bucket("key 1", 120, 60).level((3.0, 1e6)), 60.0);
        assert_eq!(bucket("key 1", 120, 60).level((3.0, -5.0)), 3.0);
        assert_eq!(bucket("key 1", 120, 5).level((50.0, 0.0)), 5.0);
        // A bucket without a row is full.
        assert_eq!(wait(1, 1, &[]), None);
    }

    #[test]
    fn user_and_key_both_need_a_token() {
        let (rich, poor, poorer) = ((9.0, 0.0), (-1.0, 0.0), (-4.0, 0.0));
        assert_eq!(wait(60, 10, &[rich, rich]), None);
        assert_eq!(wait(60, 10, &[rich, poor]), Some(2));
        assert_eq!(wait(60, 10, &[poor, rich]), Some(2));
        assert_eq!(wait(60, 10, &[poor, poorer]), Some(5));
    }

    #[test]
    fn which_buckets_there_are() {
        let mut settings = Settings::from_parameters(&Map::new());
        let made = |settings: &Settings, limits: Option<&Limits>| -> Vec<(String, i64, i64)> {
            let caller = Principal {
                user_id: 6,
                api_key_id: limits.map(|_| 2),
            };
            buckets(caller, limits, settings)
                .into_iter()
                .map(|bucket| (bucket.holder, bucket.per_minute, bucket.burst))
                .collect()
        };
        let user = || ("user 6".to_owned(), 120, 60);
        assert_eq!(made(&settings, None), [user()]);
        let own = |per_minute, burst| Limits {
            per_minute,
            burst,
            ..Limits::default()
        };
        assert_eq!(
            made(&settings, Some(&own(0, 0))),
            [user(), ("key 2".into(), 120, 60)]
        );
        assert_eq!(
            made(&settings, Some(&own(10, 0))),
            [user(), ("key 2".into(), 10, 60)]
        );
        assert_eq!(
            made(&settings, Some(&own(0, 5))),
            [user(), ("key 2".into(), 120, 5)]
        );
        settings.rate_per_minute = 0;
        assert!(made(&settings, Some(&own(0, 5))).is_empty());
        // A key's own limit applies even without a general limit.
        assert_eq!(
            made(&settings, Some(&own(10, 5))),
            [("key 2".into(), 10, 5)]
        );
    }

    #[test]
    fn refusals_of_a_minute_have_one_beginning() {
        let beginning = |tokens| {
            let error = bucket("key 1", 120, 60).refused(tokens);
            format!("429: {}", error.for_audit())
                .chars()
                .take(80)
                .collect::<String>()
        };
        assert_eq!(beginning(0.0), beginning(-100.0));
    }
}
