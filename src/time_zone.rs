//! Converts datetimes between Odoo (naive UTC) and a user's time zone, with the IANA data of chrono-tz.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::error::{Error, Result};
use crate::text::json::clip;

/// `mcp_to_utc`: converts a local time in the named zone, or a time with an offset, to UTC in PostgreSQL's format.
pub fn utc_text(local: &str, zone_name: &str) -> Result<String> {
    accept_datetime(local, known(zone_name)?)
}

/// `mcp_to_local`: converts a UTC time in PostgreSQL's format to the named zone, with its offset.
pub fn local_text(utc: &str, zone_name: &str) -> Result<String> {
    present_datetime(utc, known(zone_name)?)
        .ok_or_else(|| Error::bad_arguments(format!("{utc:?} is out of range.")))
}

fn known(name: &str) -> Result<Tz> {
    zone(name).ok_or_else(|| Error::bad_arguments(format!("Unknown time zone {name:?}.")))
}

#[cfg(test)]
mod tests;

/// The compiled-in release of the IANA time zone database.
pub const DATA_VERSION: &str = chrono_tz::IANA_TZDB_VERSION;

const ODOO_DATETIME: &str = "%Y-%m-%d %H:%M:%S";
const ISO_DATETIME: &str = "%Y-%m-%dT%H:%M:%S%:z";
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// The zone of exactly this IANA name, as `res.users.tz` holds it.
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// The instant of a local time. A local time in a gap is shifted forward by the length of the gap. An ambiguous one is
/// the earlier instant, as in a browser.
pub fn to_utc(local: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    if let Some(instant) = zone.from_local_datetime(&local).earliest() {
        return instant.naive_utc();
    }
    GapInfo::new(&local, &zone)
        .and_then(|gap| gap.begin)
        .and_then(|(_, before)| local.checked_sub_offset(before.fix()))
        .unwrap_or(local)
}

/// The local time of an instant.
pub fn to_local(utc: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    utc.checked_add_offset(offset).unwrap_or(utc)
}

/// Odoo's `YYYY-MM-DD HH:MM:SS` in UTC as ISO 8601 in `zone`, with its offset: `2026-11-22T14:30:00+01:00`. A fraction
/// of a second is dropped, as in Odoo's `read()`. None for a text in another format.
pub fn present_datetime(odoo_utc: &str, zone: Tz) -> Option<String> {
    let parts = Parts::of(odoo_utc)?;
    if parts.separator != b' ' || !parts.offset.is_empty() {
        return None;
    }
    let utc = parts.naive()?;
    // Local mean times of the 19th century have offsets with seconds, which ISO 8601 cannot write: the offset is cut
    // to minutes and the local time with it, so that the instant stays exact.
    let seconds = zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
    let offset = FixedOffset::east_opt(seconds - seconds.rem_euclid(60))?;
    match utc.checked_add_offset(offset) {
        Some(local) if YEARS.contains(&local.year()) => {
            let local = DateTime::<FixedOffset>::from_naive_utc_and_offset(utc, offset);
            Some(local.format(ISO_DATETIME).to_string())
        }
        _ => Some(utc.and_utc().format(ISO_DATETIME).to_string()),
    }
}

/// Whether the text is a calendar date `YYYY-MM-DD` without a time.
pub fn is_date(text: &str) -> bool {
    has_shape(text, "0000-00-00")
        && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok_and(|date| date.year() > 0)
}

/// Converts a client's datetime to Odoo's naive UTC `YYYY-MM-DD HH:MM:SS`.
///
/// Accepts `YYYY-MM-DD HH:MM[:SS[.f]]`, with a space or `T`. The time is local in `zone` unless `Z` or an offset such
/// as `+01:00` or `+0100` follows. Odoo stores whole seconds, so a fraction is dropped. A date alone is an error:
/// whether it means a day or its midnight is the caller's decision, who checks [`is_date`] first.
pub fn accept_datetime(text: &str, zone: Tz) -> Result<String> {
    if is_date(text) {
        return Err(Error::bad_arguments(format!(
            "`{text}` is a date without a time. Expected a datetime such as `{text} 14:30:00`."
        )));
    }
    let parts = Parts::of(text).ok_or_else(|| not_a_datetime(text))?;
    if parts.time.get(6..8) == Some("60") {
        return Err(Error::bad_arguments(format!(
            "`{text}` is a leap second, which Odoo cannot store. Use second 59 or the next minute."
        )));
    }
    let given = parts.naive().ok_or_else(|| not_a_datetime(text))?;
    let utc = match parts.offset {
        "" => Some(to_utc(given, zone)),
        "Z" | "z" => Some(given),
        offset => {
            let offset: FixedOffset = offset.parse().map_err(|_| not_a_datetime(text))?;
            given.checked_sub_offset(offset)
        }
    };
    match utc {
        Some(utc) if YEARS.contains(&utc.year()) && YEARS.contains(&given.year()) => {
            Ok(utc.format(ODOO_DATETIME).to_string())
        }
        _ => Err(Error::bad_arguments(format!(
            "`{text}` is out of range: Odoo stores the years 0001 to 9999, in UTC."
        ))),
    }
}

/// The interpretation of a text in a field without a declared type.
#[derive(Debug, Clone, PartialEq)]
pub enum Undeclared {
    /// Not a datetime.
    Other,
    /// A datetime with `Z` or an offset, converted to UTC.
    Instant(String),
    /// A datetime without a zone.
    NoZone,
}

/// Interprets a text without a declared type. A datetime must have the format that [`accept_datetime`] takes.
pub fn undeclared(text: &str) -> Undeclared {
    let Some(parts) = Parts::of(text) else {
        return Undeclared::Other;
    };
    match (parts.naive(), parts.offset) {
        (None, _) => Undeclared::Other,
        (Some(_), "") => Undeclared::NoZone,
        (Some(_), _) => {
            accept_datetime(text, Tz::UTC).map_or(Undeclared::Other, Undeclared::Instant)
        }
    }
}

/// The parts of a datetime text, with their format checked: chrono's parser also accepts signs, blanks and missing
/// digits.
struct Parts<'a> {
    date: &'a str,
    separator: u8,
    time: &'a str,
    offset: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let separator = *text.as_bytes().get(10)?;
        let (date, rest) = (text.get(..10)?, text.get(11..)?);
        let (time, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let shaped = has_shape(date, "0000-00-00")
            && matches!(separator, b' ' | b'T')
            && (has_shape(clock, "00:00:00") || has_shape(time, "00:00"))
            && !fraction.is_empty()
            && fraction.bytes().all(|byte| byte.is_ascii_digit())
            && (matches!(offset, "" | "Z" | "z")
                || ["+00:00", "-00:00", "+0000", "-0000"]
                    .iter()
                    .any(|shape| has_shape(offset, shape)));
        shaped.then_some(Self {
            date,
            separator,
            time: clock,
            offset,
        })
    }

    fn naive(&self) -> Option<NaiveDateTime> {
        let seconds = if self.time.len() == 5 { ":00" } else { "" };
        let text = format!("{} {}{seconds}", self.date, self.time);
        let naive = NaiveDateTime::parse_from_str(&text, ODOO_DATETIME).ok()?;
        // chrono reads second 60 as a leap second.
        (naive.and_utc().timestamp_subsec_nanos() == 0).then_some(naive)
    }
}

/// Whether the text has a digit wherever `shape` has `0`, and the same character elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(given, wanted)| match wanted {
                b'0' => given.is_ascii_digit(),
                _ => given == wanted,
            })
}

fn not_a_datetime(text: &str) -> Error {
    let shown = clip(text, 60);
    Error::bad_arguments(format!(
        "`{shown}` is not a datetime. Expected `YYYY-MM-DD HH:MM:SS` in the user's time zone, or with an offset: \
         `2026-11-22 14:30:00`, `2026-11-22T14:30:00+01:00` or `2026-11-22T13:30:00Z`."
    ))
}
