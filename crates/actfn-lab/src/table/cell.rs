//! What one cell of a text file says: a number, as people write numbers, a date, or nothing.

/// What separates the whole part of a number from its decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimals {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

/// A number with what is written before or after it: `12 %` and `$5` are 12 and 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    pub value: f64,
    pub unit: Option<char>,
}

const UNITS: [char; 5] = ['%', '$', '€', '£', '¥'];

/// The number that a cell says; infinite if it says so.
pub(super) fn number(text: &str, decimals: Decimals) -> Option<Number> {
    let unit = text.chars().next().into_iter().chain(text.chars().next_back()).find(|c| UNITS.contains(c));
    let bare = match unit {
        Some(unit) => text.strip_prefix(unit).or_else(|| text.strip_suffix(unit))?.trim(),
        None => text,
    };
    let unsigned = bare.strip_prefix(['-', '−', '+']).unwrap_or(bare);
    let sign = if unsigned.len() < bare.len() && !bare.starts_with('+') { -1.0 } else { 1.0 };
    if ["inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Some(Number { value: sign * f64::INFINITY, unit });
    }
    // Nearly all numbers: whole ones, and those that programs write.
    let is_simple = |byte: u8| byte.is_ascii_digit() || byte == b'.' && decimals == Decimals::Point;
    if !unsigned.is_empty() && unsigned.bytes().all(is_simple) {
        return unsigned.parse::<f64>().ok().map(|value| Number { value: sign * value, unit });
    }
    let (point, group) = match decimals {
        Decimals::Point => ('.', ','),
        Decimals::Comma => (',', '.'),
    };
    let (whole, rest) = unsigned.split_at(unsigned.find([point, 'e', 'E']).unwrap_or(unsigned.len()));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.replacen(point, ".", 1);
    let text = if is_plain(whole) { whole.to_string() } else { grouped(whole, group)? } + &rest;
    // `parse` knows words such as NaN, and takes a second sign.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse::<f64>().ok().map(|value| Number { value: sign * value, unit })
}

/// The digits of a number in groups of three, such as 1,234,567, without what stands between them.
fn grouped(whole: &str, group: char) -> Option<String> {
    let between = whole.chars().find(|c| !c.is_ascii_digit())?;
    if ![group, ' ', '\u{a0}', '\u{202f}', '\'', '’'].contains(&between) {
        return None;
    }
    let groups: Vec<&str> = whole.split(between).collect();
    let (first, others) = groups.split_first()?;
    let is_first = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let is_group = |text: &&str| text.len() == 3;
    let are_digits = groups.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    (is_first && others.iter().all(is_group) && are_digits).then(|| groups.concat())
}

/// Words that say that there is no value, in whatever column they stand.
pub(crate) fn says_missing(text: &str) -> bool {
    const IN_ANY_CASE: [&str; 5] = ["na", "n/a", "nan", "null", "#n/a"];
    matches!(text, "" | "?" | "None") || IN_ANY_CASE.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Words that say so among numbers. In other columns they may be categories: no garage, a result that is + or −.
pub(super) fn may_say_missing(text: &str) -> bool {
    ["-", "–", "—", "--", "."].contains(&text) || text.eq_ignore_ascii_case("none")
}

/// Whether a cell is a date, a month of a year or a time: 2024-01-31, 31.1.2024, 1/31/24, 31 Jan 2024, 2024-01, each with a time
/// after it or not; 12:30.
pub(super) fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once('T').or_else(|| text.split_once(' ')) {
        Some((date, time)) if is_time(time) => (date, true),
        _ => (text, false),
    };
    let parts: Vec<&str> = date.split(['-', '/', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let day = |text: &str| whole(text, 1..=2).is_some_and(|day| (1..=31).contains(&day));
    let month = |text: &str| {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        let begin = text.get(..3).map(str::to_ascii_lowercase);
        let is_word = text.chars().all(char::is_alphabetic) && begin.is_some_and(|b| MONTHS.contains(&b.as_str()));
        is_word || whole(text, 1..=2).is_some_and(|month| (1..=12).contains(&month))
    };
    let long_year = |text: &str| whole(text, 4..=4).is_some_and(|year| (1000..3000).contains(&year));
    let year = |text: &str| long_year(text) || whole(text, 2..=2).is_some();
    match parts[..] {
        [a, b, c] => long_year(a) && month(b) && day(c) || year(c) && (day(a) && month(b) || month(a) && day(b)),
        // A decimal number is none: 1.2024.
        [a, b] => !date.contains(['.', ',']) && (long_year(a) && month(b) || month(a) && long_year(b)),
        _ => !time && is_time(text),
    }
}

fn is_time(text: &str) -> bool {
    let text = text.trim();
    let (clock, zone) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(text.len()));
    if !zone.is_empty() && !zone.starts_with(['Z', 'z', '+', '-', ' ', 'A', 'P', 'a', 'p']) {
        return false;
    }
    let parts: Vec<&str> = clock.split(':').collect();
    let seconds = |text: &str| text.split('.').next().is_some_and(|text| whole(text, 2..=2).is_some());
    match parts[..] {
        [hour, minute] => whole(hour, 1..=2).is_some() && whole(minute, 2..=2).is_some(),
        [hour, minute, second] => whole(hour, 1..=2).is_some() && whole(minute, 2..=2).is_some() && seconds(second),
        _ => false,
    }
}

/// A whole number of so many digits.
fn whole(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_whole = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, decimals: Decimals) -> Option<f64> {
        number(text, decimals).map(|number| number.value)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, point, comma) in [
            ("12", Some(12.0), Some(12.0)),
            ("-3.5", Some(-3.5), None),
            ("−3,5", None, Some(-3.5)),
            ("+.5", Some(0.5), None),
            ("5.", Some(5.0), None),
            ("4e2", Some(400.0), Some(400.0)),
            ("1,5e-3", None, Some(0.0015)),
            ("1,234", Some(1234.0), Some(1.234)),
            ("1.234", Some(1.234), Some(1234.0)),
            ("0.680", Some(0.68), None),
            ("1,234,567.25", Some(1_234_567.25), None),
            ("1.234.567,25", None, Some(1_234_567.25)),
            ("1 234,5", None, Some(1234.5)),
            ("1'234.5", Some(1234.5), None),
            ("1,23,4", None, None),
            ("1,234 567", None, None),
            ("12 %", Some(12.0), Some(12.0)),
            ("$5", Some(5.0), Some(5.0)),
            ("5,20 €", None, Some(5.2)),
            ("-inf", Some(f64::NEG_INFINITY), Some(f64::NEG_INFINITY)),
            ("", None, None),
            ("-", None, None),
            ("--5", None, None),
            ("NaN", None, None),
            ("1_000", None, None),
            ("12abc", None, None),
            ("e5", None, None),
            ("%", None, None),
            (".", None, None),
            ("٣", None, None),
        ] {
            assert_eq!(value(text, Decimals::Point), point, "{text} with a point");
            assert_eq!(value(text, Decimals::Comma), comma, "{text} with a comma");
        }
        assert_eq!(number("12 %", Decimals::Point).unwrap().unit, Some('%'));
        assert_eq!(number("€ 7", Decimals::Point).unwrap().unit, Some('€'));
    }

    #[test]
    fn dates_are_told_from_numbers_and_words() {
        for text in [
            "2024-01-31",
            "2024/1/31",
            "31.01.2024",
            "1/31/24",
            "31/1/2024",
            "31 Jan 2024",
            "January 31, 2024",
            "31-Dec-19",
            "2024-01-31T10:00:00Z",
            "2024-01-31 10:00:00.123",
            "31.1.2024 09:30",
            "1/31/2024 5:30 PM",
            "2024-01-31T10:00:00-05:00",
            "2024-01",
            "Jan 2024",
            "03/2024",
            "12:30",
            "09:30:15",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "1.234.567",
            "3-4",
            "10-20",
            "A-1-2",
            "192.168.1.1",
            "1:2",
            "red",
            "",
            "45/45/2024",
            "ABC 1 22",
            "1.2024",
            "2019-20",
            "may",
            "5:30x",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
