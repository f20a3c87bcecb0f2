//! What a backend has made once and keeps, found by the versions of the rows that it was made of.

use crate::error::Result;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::thread::LocalKey;

/// How many things of one kind are kept; then all are forgotten.
const MOST: usize = 64;

/// Things of one kind by their keys.
pub type Kept<T> = RefCell<HashMap<String, Rc<T>>>;

/// The thing with that key, made where it is not kept yet. The key must name everything that it is made of, down to the versions
/// of its rows: nothing is ever forgotten because it has changed.
///
/// # Errors
/// What making gives; nothing is kept then.
pub fn get_or_make<T>(
    kept: &'static LocalKey<Kept<T>>,
    key: String,
    make: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    if let Some(found) = kept.with_borrow(|map| map.get(&key).cloned()) {
        return Ok(found);
    }
    let made = Rc::new(make()?);
    kept.with_borrow_mut(|map| {
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
        static NUMBERS: Kept<usize> = Kept::default();
    }

    fn number(key: &str, number: usize) -> usize {
        *get_or_make(&NUMBERS, key.to_owned(), || Ok(number)).unwrap()
    }

    #[test]
    fn a_thing_is_made_once_for_each_key() {
        assert_eq!(number("a", 1), 1);
        assert_eq!(number("a", 2), 1);
        assert_eq!(number("b", 2), 2);
    }

    #[test]
    fn what_could_not_be_made_is_not_kept() {
        let failed = get_or_make(&NUMBERS, "c".to_owned(), || {
            Err(Error::Internal("no".into()))
        });
        assert!(failed.is_err());
        assert_eq!(number("c", 3), 3);
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        for at in 0..3 * MOST {
            assert_eq!(number(&format!("k{at}"), at), at);
        }
        assert!(NUMBERS.with_borrow(|map| map.len() <= MOST));
    }
}
