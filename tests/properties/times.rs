//! Datetimes and names of time zones.

use chrono::{DateTime, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use odoo_mcp::time_zone::{
    accept_datetime, is_date, present_datetime, to_local, to_utc, utc_text, zone,
};
use proptest::prelude::*;

use crate::inputs::{damaged, repeated, text};
use crate::runner::Suite;

fn any_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(TZ_VARIANTS.to_vec())
}

/// Seconds since 1970 within the years that Odoo stores, except the first and last day.
fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        -62_135_500_000..253_402_200_000_i64,
        // The range in which zones change their clocks.
        1_000_000_000..2_000_000_000_i64,
    ]
}

fn odoo(seconds: i64) -> String {
    let instant = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn written() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec![
        "", "Z", "z", ".5", ".123Z", "+01:00", "-0930", "+14:00", "+99:99",
    ]);
    (instant(), any::<bool>(), end).prop_map(|(seconds, iso, end)| {
        let text = odoo(seconds) + end;
        if iso {
            text.replacen(' ', "T", 1)
        } else {
            text
        }
    })
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "time: an instant that is shown in a zone comes back from it",
        (instant(), any_zone()),
        |(seconds, zone)| {
            let utc = odoo(seconds);
            let shown = present_datetime(&utc, zone);
            prop_assert!(shown.is_some(), "{} in {}", utc, zone);
            let shown = shown.unwrap_or_default();
            // With its offset, the time means the same in any zone.
            for reader in [zone, Tz::UTC] {
                prop_assert_eq!(
                    accept_datetime(&shown, reader),
                    Ok(utc.clone()),
                    "{}",
                    shown
                );
            }
            Ok(())
        },
    );
    suite.property(
        "time: a local time that exists is the local time of its instant",
        (instant(), any_zone()),
        |(seconds, zone)| {
            let utc = DateTime::from_timestamp(seconds, 0)
                .unwrap_or_default()
                .naive_utc();
            let local = to_local(utc, zone);
            let again = to_utc(local, zone);
            prop_assert_eq!(to_local(again, zone), local);
            // The earlier of two instants with the same local time.
            prop_assert!(again <= utc);
            Ok(())
        },
    );
    suite.property(
        "time: any text is refused with itself or becomes what Odoo stores",
        (prop_oneof![damaged(written()), text()], any_zone()),
        |(given, zone)| {
            match accept_datetime(&given, zone) {
                Ok(utc) => {
                    prop_assert_eq!(
                        present_datetime(&utc, Tz::UTC).map(|text| text.len()),
                        Some(25)
                    );
                    prop_assert_eq!(accept_datetime(&utc, Tz::UTC), Ok(utc));
                }
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(
                        said.starts_with('`') && said.chars().count() < 400,
                        "{}",
                        said
                    );
                }
            }
            Ok(())
        },
    );
    suite.property(
        "time: a date is a day of the calendar and nothing more",
        prop_oneof![
            damaged(instant().prop_map(|seconds| odoo(seconds)[..10].to_owned())),
            text(),
        ],
        |given| {
            let parts: Vec<&str> = given.split('-').collect();
            let digits = |part: &str, many: usize| {
                part.len() == many && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            let expected = match parts.as_slice() {
                [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
                    let number = |part: &str| part.parse::<u32>().unwrap_or_default();
                    number(year) > 0
                        && NaiveDate::from_ymd_opt(number(year) as i32, number(month), number(day))
                            .is_some()
                }
                _ => false,
            };
            prop_assert_eq!(is_date(&given), expected);
            Ok(())
        },
    );
    suite.property(
        "time: any name is a zone's own or refused",
        damaged(prop_oneof![
            any_zone().prop_map(|zone| zone.name().to_owned()),
            text()
        ]),
        |name| {
            match zone(&name) {
                Some(zone) => prop_assert_eq!(zone.name(), name),
                None => prop_assert!(utc_text("2026-11-22 14:30:00", &name).is_err()),
            }
            Ok(())
        },
    );
    suite.growth(
        "time",
        &[
            ("digits", |n| "2".repeat(n)),
            ("a long fraction", |n| {
                format!("2026-11-22 14:30:00.{}", "0".repeat(n))
            }),
            ("signs", |n| format!("2026-11-22 14:30:00{}", "+".repeat(n))),
            ("letters", |n| repeated("ä", n)),
        ],
        |given: String| {
            let _ = accept_datetime(&given, Tz::Europe__Brussels);
            let _ = present_datetime(&given, Tz::Europe__Brussels);
            let _ = is_date(&given);
            let _ = zone(&given);
        },
    );
}
