use super::*;

const PARTNER: [&str; 14] = [
    "active",
    "bank_ids",
    "category_id",
    "child_ids",
    "city",
    "country_id",
    "customer_rank",
    "display_name",
    "email",
    "name",
    "parent_id",
    "phone",
    "state_id",
    "supplier_rank",
];

fn first(name: &str) -> Option<&'static str> {
    nearest(name, PARTNER.into_iter(), 1).first().copied()
}

#[test]
fn finds_what_was_meant() {
    for (wrong, right) in [
        ("nmae", "name"),
        ("nam", "name"),
        ("Name", "name"),
        ("e-mail", "email"),
        ("emial", "email"),
        ("customer", "customer_rank"),
        ("country", "country_id"),
        ("countryId", "country_id"),
        ("parentid", "parent_id"),
        ("supplier rank", "supplier_rank"),
        ("phone_number", "phone"),
        ("categories", "category_id"),
    ] {
        assert_eq!(first(wrong), Some(right), "{wrong}");
    }
}

#[test]
fn says_nothing_rather_than_anything() {
    for wrong in ["", "x", "zzzz", "qty_invoiced", "ab", "日本語"] {
        assert_eq!(first(wrong), None, "{wrong}");
    }
}

#[test]
fn the_likeliest_comes_first_and_ties_are_by_name() {
    let candidates = ["date_b", "date_a", "date", "update"];
    assert_eq!(
        nearest("date", candidates.into_iter(), 3),
        ["date", "date_a", "date_b"]
    );
    assert_eq!(nearest("dat_a", candidates.into_iter(), 1), ["date_a"]);
    assert!(nearest("date", candidates.into_iter(), 0).is_empty());
}

#[test]
fn repeated_candidates_are_named_once() {
    assert_eq!(nearest("nme", ["name", "name"].into_iter(), 5), ["name"]);
}

#[test]
fn the_sentence_is_empty_when_nothing_is_near() {
    assert_eq!(
        did_you_mean("nmae", PARTNER.into_iter()),
        " Did you mean `name`?"
    );
    assert_eq!(did_you_mean("zzzz", PARTNER.into_iter()), "");
}

#[test]
fn a_very_long_name_is_nearest_to_what_it_begins_like() {
    let many: Vec<String> = (0..20_000).map(|i| format!("x_studio_{i:0>54}")).collect();
    let slip = many[77].replace("_studio", "_stdio");
    // Only a limited number of candidates, and a limited part of each name, is compared.
    let found = nearest(&slip, many.iter().map(String::as_str), 3);
    assert_eq!(found.first(), Some(&many[77].as_str()));
    let long = "x_studio_".repeat(100_000);
    assert!(nearest(&long, many.iter().map(String::as_str), 3).len() <= 3);
}
