use super::*;
use crate::tools::context::kept;

fn finished(memo: Value, records: Value) -> Value {
    let result = json!({"records": records});
    let zone = chrono_tz::Europe::Brussels;
    let answer = finish(&kept(&memo).unwrap(), result, zone).unwrap();
    answer.structured().cloned().unwrap()
}

fn memo(limit: i64, offset: i64) -> Value {
    json!({"model": "sale.order", "columns": ["partner_id", "date:month", "__count"],
        "shown": {"date:month": "local_day"}, "types": {"partner_id": "many2one", "date:month": "date"},
        "limit": limit, "offset": offset, "most": 1_000_000})
}

#[test]
fn one_more_than_asked_for_tells_that_there_is_more() {
    let record =
        |n: i64| json!({"partner_id": [n, "P"], "date:month": "2026-11-01 00:00:00", "__count": n});
    let all = json!([record(1), record(2), record(3)]);
    let page = finished(memo(2, 0), all.clone());
    assert_eq!(page["has_more"], json!(true));
    assert!(page.get("total").is_none());
    assert_eq!(
        page["rows"],
        json!([[[1, "P"], "2026-11-01", 1], [[2, "P"], "2026-11-01", 2]])
    );
    let last = finished(memo(3, 4), all.clone());
    assert_eq!(
        (&last["has_more"], &last["total"]),
        (&json!(false), &json!(7))
    );
    let beyond = finished(memo(3, 9), json!([]));
    assert!(beyond.get("total").is_none());
    assert_eq!(finished(memo(3, 0), json!([]))["total"], json!(0));
    // No more rows than fit.
    let mut narrow = memo(3, 0);
    narrow["most"] = json!(1_060);
    let page = finished(narrow, all);
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!((&page["has_more"], page.get("total")), (&json!(true), None));
}

#[test]
fn columns_are_named_as_they_were_asked_for() {
    let page = finished(memo(2, 0), json!([]));
    assert_eq!(
        page["columns"],
        json!(["partner_id", "date:month", "count"])
    );
    assert_eq!(page["time_zone"], json!("Europe/Brussels"));
    let mut taken = memo(2, 0);
    taken["columns"] = json!(["count", "__count"]);
    taken["shown"] = json!({});
    let page = finished(taken, json!([{"count": 5, "__count": 1}]));
    assert_eq!(page["columns"], json!(["count", "__count"]));
    assert!(page.get("time_zone").is_none());
}

#[test]
fn buckets_are_local() {
    let zone = chrono_tz::America::New_York;
    let hour = bucket(&json!("2026-07-01 14:00:00"), Shown::Hour, zone);
    assert_eq!(hour, json!("2026-07-01T14:00:00-04:00"));
    let day = bucket(&json!("2026-07-01"), Shown::Day, zone);
    assert_eq!(day, json!("2026-07-01"));
    assert_eq!(bucket(&json!(11.0), Shown::LocalPart, zone), json!(11));
    assert_eq!(bucket(&json!(false), Shown::LocalDay, zone), Value::Null);
}
