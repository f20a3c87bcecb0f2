//! Dates relative to now, as Odoo 19 has them in domains (odoo/tools/date_utils.py, `parse_date`).

const DAYS: [&str; 8] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "week_start",
];

/// Whether a text is a relative date, such as `today -7d`, `-1m =1d` or `=week_start +1w =9H`: `today`, `now` or
/// neither, then steps.
pub fn is_relative(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    let has_start = words
        .next_if(|word| matches!(*word, "today" | "now"))
        .is_some();
    (has_start || words.peek().is_some()) && words.all(is_step)
}

fn is_step(word: &str) -> bool {
    let Some(rest) = word.strip_prefix(['+', '-', '=']) else {
        return false;
    };
    let number = rest
        .strip_suffix(['d', 'w', 'm', 'y', 'H', 'M', 'S'])
        .unwrap_or("");
    let counts = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    counts || DAYS.contains(&rest)
}

#[cfg(test)]
mod tests {
    use super::is_relative;

    #[test]
    fn the_whole_grammar_is_known() {
        for good in [
            "today",
            "now",
            "today -7d",
            "now +1H =0M",
            "today =week_start",
            "today +monday",
            "-7d",
            "+1d =0H",
            "=monday",
            "=week_start +1w",
            "-1m =1d",
            "=6m =1d",
            "=1y",
            "+3S",
            "  -2w  ",
        ] {
            assert!(is_relative(good), "{good}");
        }
    }

    #[test]
    fn other_words_are_no_date() {
        for bad in [
            "",
            " ",
            "yesterday",
            "today 7d",
            "today -d",
            "today -7q",
            "today -7dd",
            "nowish",
            "7d",
            "-d",
            "=day",
            "now today",
            "+-1d",
            "2026-01-01",
        ] {
            assert!(!is_relative(bad), "{bad}");
        }
    }
}
