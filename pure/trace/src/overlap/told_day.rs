//! Days in free text: "2020年1月22日", "1月22日", "2020-01-22".
//!
//! Deliberately absent: `1.22`, which is as often a distance in metres, and names of months.

use base::Day;

/// A day as a text says it, mostly without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldDay {
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
}

impl ToldDay {
    /// The day meant; without a year of its own, of the years around `near` the one that brings it nearest. Never after `until`.
    pub fn near(&self, near: Day, until: Day) -> Option<Day> {
        let in_year = |year: i16| Day::of(year, self.month, self.day).filter(|day| *day <= until);
        match self.year {
            Some(year) => in_year(year),
            None => {
                (near.year() - 1..=near.year() + 1).filter_map(in_year).min_by_key(|day| (*day - near).abs())
            }
        }
    }

    /// In a text that named `before` with its year, the years of later days follow from it.
    pub(super) fn after(self, before: Option<ToldDay>) -> ToldDay {
        let named = before.and_then(|before| Day::of(before.year?, before.month, before.day));
        let year = named.and_then(|named| {
            let years = (named.year() - 1..=named.year() + 1).filter(|year| *year < 9_999);
            let days = years.filter_map(|year| Day::of(year, self.month, self.day));
            days.min_by_key(|day| (*day - named).abs()).map(Day::year)
        });
        ToldDay { year: self.year.or(year), ..self }
    }
}

/// The day that begins at a number, and where it ends.
pub(super) fn told_day_at(letters: &[char], at: usize, end: usize) -> Option<(ToldDay, usize)> {
    let first = number(letters, at, end)?;
    let separator = letters.get(end)?;
    let (second, second_end) = number_at(letters, end + 1)?;
    match separator {
        '月' if matches!(letters.get(second_end), Some('日' | '号') | None) => {
            sound(None, first, second).map(|told| (told, second_end))
        }
        // A year before: the next two numbers are month and day.
        '-' | '/' | '.' | '年' if (1900..=2200).contains(&first) => {
            matches!(letters.get(second_end)?, '-' | '/' | '.' | '月').then_some(())?;
            let (third, third_end) = number_at(letters, second_end + 1)?;
            sound(Some(first), second, third).map(|told| (told, third_end))
        }
        _ => None,
    }
}

fn number_at(letters: &[char], at: usize) -> Option<(u32, usize)> {
    let end = at + letters.get(at..)?.iter().take_while(|c| c.is_ascii_digit()).count();
    Some((number(letters, at, end)?, end))
}

fn number(letters: &[char], from: usize, to: usize) -> Option<u32> {
    let digits = letters.get(from..to)?;
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(char::is_ascii_digit) {
        return None;
    }
    digits.iter().collect::<String>().parse().ok()
}

/// Without a year 29 February can be.
fn sound(year: Option<u32>, month: u32, day: u32) -> Option<ToldDay> {
    let year = year.map(i16::try_from).transpose().ok()?;
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Day::of(year.unwrap_or(2020), month, day).map(|_| ToldDay { year, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn told(text: &str) -> Option<ToldDay> {
        let letters: Vec<char> = text.chars().collect();
        let end = letters.iter().take_while(|c| c.is_ascii_digit()).count();
        told_day_at(&letters, 0, end).map(|(told, _)| told)
    }

    #[test]
    fn a_day_without_a_year_is_the_nearest_to_the_day_of_the_row() {
        let told = told("1月22日").unwrap();
        for (near, meant) in [
            ("2020-02-01", "2020-01-22"),
            ("2021-01-05", "2021-01-22"),
            ("2020-01-21", "2020-01-22"),
            ("2019-12-30", "2020-01-22"),
        ] {
            assert_eq!(told.near(day(near), day("2022-01-01")), Some(day(meant)), "{near}");
        }
        assert_eq!(told.near(day("2021-01-05"), day("2021-01-05")), Some(day("2020-01-22")), "not next week");
    }

    #[test]
    fn a_year_that_is_said_holds() {
        for text in ["2019年1月22日", "2019-01-22", "2019/1/22", "2019.1.22"] {
            let told = told(text).unwrap();
            assert_eq!(told.year, Some(2019), "{text}");
            assert_eq!(told.near(day("2022-02-01"), day("2022-02-01")), Some(day("2019-01-22")), "{text}");
        }
        assert_eq!(
            told("2023年1月22日").unwrap().near(day("2022-02-01"), day("2022-02-01")),
            None,
            "to come"
        );
        assert_eq!(told("2019年2月29日"), None);
    }

    #[test]
    fn later_days_of_a_text_follow_the_year_it_named() {
        let before = told("2019年12月30日");
        assert_eq!(told("1月2日").unwrap().after(before).year, Some(2020));
        assert_eq!(told("12月31日").unwrap().after(before).year, Some(2019));
        assert_eq!(told("1月2日").unwrap().after(None).year, None);
    }

    #[test]
    fn metres_and_months_alone_are_no_day() {
        for text in ["1.22", "1.5米", "38.5", "1月", "13月2日", "2月30日"] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
