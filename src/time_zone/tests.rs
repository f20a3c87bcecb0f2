use chrono_tz::{America, Asia, Australia, Europe, Pacific, UTC};

use super::*;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, ODOO_DATETIME).unwrap()
}

fn message(text: &str, zone: Tz) -> String {
    accept_datetime(text, zone).unwrap_err().to_string()
}

#[test]
fn a_gap_shifts_forward_by_its_length() {
    for (zone, local, utc) in [
        // 02:00 becomes 03:00 (+01:00 to +02:00).
        (
            Europe::Brussels,
            "2026-03-29 02:30:00",
            "2026-03-29 01:30:00",
        ),
        (
            Europe::Brussels,
            "2026-03-29 02:00:00",
            "2026-03-29 01:00:00",
        ),
        (
            America::New_York,
            "2026-03-08 02:30:00",
            "2026-03-08 07:30:00",
        ),
        // Half an hour only: 02:00 becomes 02:30 (+10:30 to +11:00).
        (
            Australia::Lord_Howe,
            "2026-10-04 02:15:00",
            "2026-10-03 15:45:00",
        ),
        // 30 December 2011 never was (-10:00 to +14:00): its noon is the 31st's noon.
        (Pacific::Apia, "2011-12-30 12:00:00", "2011-12-30 22:00:00"),
        (Pacific::Apia, "2011-12-30 00:00:00", "2011-12-30 10:00:00"),
    ] {
        assert_eq!(to_utc(at(local), zone), at(utc), "{local} in {zone}");
    }
    assert_eq!(
        to_local(at("2011-12-30 22:00:00"), Pacific::Apia),
        at("2011-12-31 12:00:00")
    );
}

#[test]
fn just_outside_a_gap_nothing_shifts() {
    for (local, utc) in [
        ("2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("2026-03-29 03:00:00", "2026-03-29 01:00:00"),
    ] {
        assert_eq!(to_utc(at(local), Europe::Brussels), at(utc));
    }
}

#[test]
fn an_overlap_is_the_earlier_instant() {
    for (zone, local, utc) in [
        (
            Europe::Brussels,
            "2026-10-25 02:30:00",
            "2026-10-25 00:30:00",
        ),
        (
            America::New_York,
            "2026-11-01 01:30:00",
            "2026-11-01 05:30:00",
        ),
        (
            Australia::Lord_Howe,
            "2026-04-05 01:45:00",
            "2026-04-04 14:45:00",
        ),
        (Pacific::Apia, "2012-04-01 03:30:00", "2012-03-31 13:30:00"),
    ] {
        assert_eq!(to_utc(at(local), zone), at(utc), "{local} in {zone}");
    }
}

#[test]
fn a_zone_that_changes_nothing_has_neither() {
    // When the others change.
    for (local, utc) in [
        ("2026-03-29 02:30:00", "2026-03-28 21:00:00"),
        ("2026-10-25 02:30:00", "2026-10-24 21:00:00"),
        ("2026-03-08 02:30:00", "2026-03-07 21:00:00"),
    ] {
        assert_eq!(to_utc(at(local), Asia::Kolkata), at(utc), "{local}");
        assert_eq!(to_local(at(utc), Asia::Kolkata), at(local), "{local}");
    }
}

#[test]
fn every_instant_of_an_overlap_is_presented_apart() {
    assert_eq!(
        present_datetime("2026-10-25 00:30:00", Europe::Brussels).as_deref(),
        Some("2026-10-25T02:30:00+02:00")
    );
    assert_eq!(
        present_datetime("2026-10-25 01:30:00", Europe::Brussels).as_deref(),
        Some("2026-10-25T02:30:00+01:00")
    );
}

#[test]
fn presents_with_the_offset_and_without_a_fraction() {
    for (zone, shown) in [
        (UTC, "2026-11-22T13:30:00+00:00"),
        (Europe::Brussels, "2026-11-22T14:30:00+01:00"),
        (Asia::Kolkata, "2026-11-22T19:00:00+05:30"),
        (America::New_York, "2026-11-22T08:30:00-05:00"),
    ] {
        assert_eq!(
            present_datetime("2026-11-22 13:30:00.123456", zone).as_deref(),
            Some(shown)
        );
    }
    for text in [
        "",
        "2026-11-22",
        "2026-11-22T13:30:00",
        "2026-13-01 00:00:00",
        "2026-11-22 13:30:60",
        "2026-11-22 13:30:00+01:00",
        "2026-11-22 1:30:00",
        "hello world, 12:00",
        "é026-11-22 13:30:00",
    ] {
        assert_eq!(present_datetime(text, UTC), None, "{text}");
    }
}

#[test]
fn what_is_presented_is_accepted_as_the_same_instant() {
    for odoo in [
        "0001-01-01 00:00:00",
        "1879-06-01 12:00:00",
        "1899-12-31 23:59:59",
        "1970-01-01 00:00:00",
        "2011-12-30 09:59:59",
        "2011-12-30 10:00:00",
        "2026-10-25 00:59:59",
        "2026-10-25 01:00:00",
        "2090-07-01 00:00:00",
        "9999-12-31 23:59:59",
    ] {
        for zone in [
            UTC,
            Europe::Brussels,
            America::New_York,
            Australia::Lord_Howe,
            Asia::Kolkata,
            Pacific::Apia,
        ] {
            let shown = present_datetime(odoo, zone).unwrap();
            assert_eq!(shown.len(), "2026-11-22T14:30:00+01:00".len(), "{shown}");
            assert_eq!(
                accept_datetime(&shown, UTC).unwrap(),
                odoo,
                "{shown} in {zone}"
            );
        }
    }
}

#[test]
fn accepts_local_times_and_offsets() {
    for (text, utc) in [
        ("2026-11-22 14:30", "2026-11-22 13:30:00"),
        ("2026-11-22T14:30:15", "2026-11-22 13:30:15"),
        ("2026-07-22 14:30:15.999999", "2026-07-22 12:30:15"),
        ("2026-11-22T14:30:00Z", "2026-11-22 14:30:00"),
        ("2026-11-22 14:30:00.5z", "2026-11-22 14:30:00"),
        ("2026-11-22T14:30:00+05:30", "2026-11-22 09:00:00"),
        ("2026-11-22T14:30-0330", "2026-11-22 18:00:00"),
        ("2026-11-22T00:30:00+01:00", "2026-11-21 23:30:00"),
    ] {
        assert_eq!(
            accept_datetime(text, Europe::Brussels).unwrap(),
            utc,
            "{text}"
        );
    }
}

#[test]
fn refuses_what_is_not_plainly_a_datetime() {
    for text in [
        "",
        "now",
        "2026-11-22 ",
        "2026-11-22 14",
        "2026-11-22 24:00:00",
        "2026-11-22 14:60",
        "2026-02-29 10:00",
        "22-11-2026 14:30",
        "2026-11-22 14:30:00.",
        "2026-11-22 14:30.5",
        "2026-11-22 14:30 CET",
        "2026-11-22 14:30:00+25:00",
        "2026-11-22 14:30:00+01",
        "+2026-1-22 14:30:00",
        "2026-11-22\u{a0}14:30",
        "2026-11-22 14:30:00 ",
        "12026-11-22 14:30:00",
    ] {
        let said = message(text, Europe::Brussels);
        assert!(
            said.contains("is not a datetime. Expected"),
            "{text}: {said}"
        );
    }
    assert!(message("2016-12-31T23:59:60Z", UTC).contains("leap second"));
    assert!(message("0000-06-01 00:00:00", UTC).contains("out of range"));
    assert!(message("0001-01-01 00:10:00", Europe::Brussels).contains("out of range"));
    assert!(message("9999-12-31 23:30:00", America::New_York).contains("out of range"));
    assert!(message("2026-11-22", UTC).contains("date without a time"));
    assert!(message("2026-02-30", UTC).contains("is not a datetime"));
}

#[test]
fn a_date_is_a_real_day_in_ten_characters() {
    assert!(is_date("2024-02-29"));
    for text in [
        "2026-02-29",
        "2026-1-1",
        "0000-01-01",
        "2026-01-01 ",
        "2026/01/01",
        "+026-01-01",
        "٢٠٢٦-01",
    ] {
        assert!(!is_date(text), "{text}");
    }
}

#[test]
fn zones_go_by_their_exact_name() {
    assert_eq!(zone("Europe/Brussels"), Some(Europe::Brussels));
    assert!(zone("Asia/Calcutta").is_some());
    assert_eq!(zone("europe/brussels"), None);
    assert_eq!(zone(""), None);
    assert!(DATA_VERSION.starts_with("20"));
}
