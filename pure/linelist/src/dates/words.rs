//! Days written with month names or Chinese characters: `22 Jan 2020`, `end of December 2019`, `2020年1月20日`,
//! `1月上旬`.

use super::Written;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Which part of a month is meant. Early, middle and late are the three ten-day periods (旬) of Chinese usage:
/// 1 to 10, 11 to 20, 21 to the end; English lists that say `end of December` mean much the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Third {
    Early,
    Middle,
    Late,
}

/// `text` is lower case and trimmed.
pub fn english(text: &str) -> Option<Written> {
    let mut month = None;
    let mut third = None;
    let mut numbers: Vec<(i32, usize)> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if let Some(number) = number_of(word) {
            numbers.push(number);
        } else if let Some(found) = month_of(word) {
            if month.replace(found).is_some() {
                return None;
            }
        } else if let Some(found) = third_of(word) {
            third = Some(found);
        } else if !matches!(word, "of" | "the" | "in") && weekday(word).is_none() {
            return None;
        }
    }
    let month = month?;
    match (third, numbers.as_slice()) {
        (Some(third), [(year, 4)]) => Some(Written::Third(*year, month, third)),
        (None, [(year, 4)]) => Some(Written::Month(*year, month)),
        (None, [(day, 1 | 2)]) => Some(Written::MonthDay(month, *day)),
        (None, [(year, 4), (day, 1 | 2)] | [(day, 1 | 2), (year, 4)]) => {
            Some(Written::Day(*year, month, *day))
        }
        // `22-Jan-20`: every locale that abbreviates so writes the day first.
        (None, [(day, 1 | 2), (year, 2)]) => Some(Written::Day(2000 + *year, month, *day)),
        _ => None,
    }
}

fn number_of(word: &str) -> Option<(i32, usize)> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    if digits.is_empty() || !matches!(ending, "" | "st" | "nd" | "rd" | "th") {
        return None;
    }
    Some((digits.parse().ok()?, digits.len()))
}

fn month_of(word: &str) -> Option<i32> {
    if word.len() < 3 {
        return None;
    }
    let place = MONTHS
        .iter()
        .position(|month| month.starts_with(word) || (word == "sept" && *month == "september"))?;
    i32::try_from(place + 1).ok()
}

fn third_of(word: &str) -> Option<Third> {
    match word {
        "early" | "beginning" | "start" => Some(Third::Early),
        "mid" | "middle" => Some(Third::Middle),
        "end" | "late" => Some(Third::Late),
        _ => None,
    }
}

fn weekday(word: &str) -> Option<()> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    (word.len() >= 3 && days.iter().any(|day| day.starts_with(word))).then_some(())
}

/// `2020年1月20日`, `2020年1月`, `2020年`, `1月20日`, `2020年1月上旬`; `号` for `日`.
pub fn chinese(text: &str) -> Option<Written> {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (year, rest) = match squeezed.split_once('年') {
        Some((year, rest)) => (Some(year_of(year)?), rest),
        None => (None, squeezed.as_str()),
    };
    if rest.is_empty() {
        return year.map(Written::Year);
    }
    let (month, rest) = rest.split_once('月')?;
    let month = month.parse().ok()?;
    let day = rest.trim_end_matches(['日', '号']);
    match (year, day) {
        (Some(year), "" | "份") => Some(Written::Month(year, month)),
        (Some(year), "上旬" | "初") => Some(Written::Third(year, month, Third::Early)),
        (Some(year), "中旬") => Some(Written::Third(year, month, Third::Middle)),
        (Some(year), "下旬" | "底") => Some(Written::Third(year, month, Third::Late)),
        (Some(year), day) => Some(Written::Day(year, month, day.parse().ok()?)),
        (None, day) => Some(Written::MonthDay(month, day.parse().ok()?)),
    }
}

fn year_of(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}
