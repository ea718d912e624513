//! Ages as lists write them: `59`, `30s`, `30-39`, `3个月`, `6 months`, `≥60`.

#[derive(Debug, Clone, PartialEq)]
pub enum Age {
    Years(f64),
    /// Years from and to, both included; `None` when the band is open.
    Band(Option<u16>, Option<u16>),
}

/// Nobody verified lived longer than 122 years (Jeanne Calment, 1875-1997); 130 leaves room for a statement.
pub const OLDEST_YEARS: f64 = 130.0;

/// Days of a year and months of a year, for ages stated in days, weeks or months.
const DAYS_PER_YEAR: f64 = 365.25;

impl Age {
    /// `None` when the text is not an age. `unit` is the text of an age-unit column, when there is one.
    pub fn in_text(text: &str, unit: Option<&str>) -> Option<Age> {
        let text = text.trim().to_lowercase().replace(['～', '~', '–', '—', '至'], "-").replace("岁", "");
        let text = text.trim();
        let (number, rest) = leading_number(text);
        if let Some(number) = number {
            let rest = rest.trim();
            if rest.is_empty() {
                let years = number * unit.map_or(Some(1.0), years_per)?;
                return plausible(years).map(Age::Years);
            }
            if let Some(per) = years_per(rest) {
                return plausible(number * per).map(Age::Years);
            }
            if rest == "s" || rest == "多" || rest == "余" {
                let from = whole(number)?;
                return Some(Age::Band(Some(from), Some(from + 9)));
            }
            if rest == "+" || rest == "及以上" || rest == "以上" {
                return Some(Age::Band(Some(whole(number)?), None));
            }
            if let Some(until) = rest.strip_prefix('-') {
                let (until, rest) = leading_number(until.trim());
                let (from, until) = (whole(number)?, whole(until?)?);
                let years = rest.trim().is_empty() || years_per(rest.trim()) == Some(1.0);
                return (years && from <= until).then_some(Age::Band(Some(from), Some(until)));
            }
            return None;
        }
        let (sign, rest) = text.split_at(text.find(|c: char| c.is_ascii_digit())?);
        let (number, rest) = leading_number(rest);
        let number = whole(number.filter(|_| rest.trim().is_empty())?)?;
        match sign.trim() {
            "≥" | ">=" | "over" => Some(Age::Band(Some(number), None)),
            ">" => Some(Age::Band(Some(number + 1), None)),
            "<" | "under" => Some(Age::Band(None, Some(number.checked_sub(1)?))),
            "≤" | "<=" => Some(Age::Band(None, Some(number))),
            _ => None,
        }
    }

    /// The band as the store writes it: `30-39`, `80+`, `0-4`.
    pub fn band_text(from: Option<u16>, until: Option<u16>) -> String {
        match (from, until) {
            (Some(from), None) => format!("{from}+"),
            (from, Some(until)) => format!("{}-{until}", from.unwrap_or(0)),
            (None, None) => String::new(),
        }
    }
}

fn leading_number(text: &str) -> (Option<f64>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (text[..end].parse().ok(), &text[end..])
}

fn whole(number: f64) -> Option<u16> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 130 by the test before it"
    )]
    (number.fract() == 0.0 && (0.0..=OLDEST_YEARS).contains(&number)).then_some(number as u16)
}

fn plausible(years: f64) -> Option<f64> {
    (0.0..=OLDEST_YEARS).contains(&years).then_some(years)
}

fn years_per(unit: &str) -> Option<f64> {
    match unit.trim().trim_end_matches('.').to_lowercase().as_str() {
        "" | "y" | "yr" | "yrs" | "year" | "years" | "years old" | "year old" | "周岁" | "岁" => Some(1.0),
        "m" | "mo" | "month" | "months" | "months old" | "月" | "个月" | "月龄" => Some(1.0 / 12.0),
        "w" | "week" | "weeks" | "周" => Some(7.0 / DAYS_PER_YEAR),
        "d" | "day" | "days" | "天" | "日" | "日龄" => Some(1.0 / DAYS_PER_YEAR),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Age>) {
        assert_eq!(Age::in_text(text, None), expected, "{text}");
    }

    #[test]
    fn ages_are_read_the_way_people_write_them() {
        check("59", Some(Age::Years(59.0)));
        check("16.0", Some(Age::Years(16.0)));
        check("0.5", Some(Age::Years(0.5)));
        check("3个月", Some(Age::Years(0.25)));
        check("6 months", Some(Age::Years(0.5)));
        check("45岁", Some(Age::Years(45.0)));
        check("30s", Some(Age::Band(Some(30), Some(39))));
        check("80岁以上", Some(Age::Band(Some(80), None)));
        check("23-72", Some(Age::Band(Some(23), Some(72))));
        check("≥60", Some(Age::Band(Some(60), None)));
        check("<1", Some(Age::Band(None, Some(0))));
    }

    #[test]
    fn what_is_no_age_is_not_made_one() {
        for text in ["", "unknown", "1984-05-01", "female", "1984", "72-23", "-3"] {
            check(text, None);
        }
    }

    #[test]
    fn a_unit_column_turns_months_into_years() {
        assert_eq!(Age::in_text("6", Some("月")), Some(Age::Years(0.5)));
        assert_eq!(Age::in_text("6", Some("岁")), Some(Age::Years(6.0)));
    }
}
