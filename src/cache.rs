//! Per-backend caches. A key contains the versions of the source rows, so that an entry never needs invalidation.

use crate::error::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::thread::LocalKey;

/// Maximum number of entries in one cache. A full cache is emptied.
const MOST: usize = 64;

/// One cache: entries by key.
pub type Cache<T> = RefCell<HashMap<String, Rc<T>>>;

/// Returns the entry of that key; a missing one is made first. The key must cover all inputs of the entry, down to the
/// versions of the source rows.
///
/// # Errors
/// The error of `make`; the cache is then unchanged.
pub fn get_or_insert_with<T>(
    cache: &'static LocalKey<Cache<T>>,
    key: String,
    make: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    get_or_insert_if(cache, key, |_| true, make)
}

/// As [`get_or_insert_with`], but keeps only an entry for which `may_keep` holds.
///
/// # Errors
/// The error of `make`; the cache is then unchanged.
pub fn get_or_insert_if<T>(
    cache: &'static LocalKey<Cache<T>>,
    key: String,
    may_keep: impl FnOnce(&T) -> bool,
    make: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    if let Some(found) = cache.with_borrow(|map| map.get(&key).cloned()) {
        return Ok(found);
    }
    let made = Rc::new(make()?);
    if !may_keep(&made) {
        return Ok(made);
    }
    cache.with_borrow_mut(|map| {
        if map.len() >= MOST {
            map.clear();
        }
        map.insert(key, Rc::clone(&made));
    });
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    thread_local! {
        static NUMBERS: Cache<usize> = Cache::default();
    }

    fn number(key: &str, number: usize) -> usize {
        *get_or_insert_with(&NUMBERS, key.to_owned(), || Ok(number)).unwrap()
    }

    #[test]
    fn a_thing_is_made_once_for_each_key() {
        assert_eq!(number("a", 1), 1);
        assert_eq!(number("a", 2), 1);
        assert_eq!(number("b", 2), 2);
    }

    #[test]
    fn what_could_not_be_made_is_not_kept() {
        let failed = get_or_insert_with(&NUMBERS, "c".to_owned(), || {
            Err(Error::Internal("no".into()))
        });
        assert!(failed.is_err());
        assert_eq!(number("c", 3), 3);
    }

    #[test]
    fn what_may_not_be_kept_is_made_again() {
        let made =
            |number| get_or_insert_if(&NUMBERS, "d".to_owned(), |n| *n > 1, || Ok(number)).unwrap();
        assert_eq!([*made(1), *made(2), *made(3)], [1, 2, 2]);
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        for at in 0..3 * MOST {
            assert_eq!(number(&format!("k{at}"), at), at);
        }
        assert!(NUMBERS.with_borrow(|map| map.len() <= MOST));
    }
}
