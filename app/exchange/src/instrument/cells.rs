//! What stands in one cell: a well, a cycle.

use crate::lab_report::Number;
use linelist::Cell;
use serde::Serialize;

/// The cycle at which a target was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    At(Number),
    /// The instrument says that the threshold was not reached.
    NotReached,
    /// Something else, as it came. Not a negative: nobody knows.
    Unread(String),
}

impl Cycle {
    pub fn value(&self) -> Option<f64> {
        match self {
            Cycle::At(number) => Some(number.value()),
            Cycle::NotReached | Cycle::Unread(_) => None,
        }
    }
}

/// Something was odd about a cell; the code of the note and its words.
pub type Wart = (&'static str, &'static str);

/// More cycles than any protocol has; a larger number stands in the wrong column.
const MOST_CYCLES: f64 = 60.0;

const NOT_REACHED: [&str; 8] = ["undetermined", "undet", "n/a", "na", "nan", "no ct", "noct", "未检出"];

/// `blank_is_negative` where a program leaves the cell of a negative empty.
pub fn cycle(cell: Option<&Cell>, blank_is_negative: bool) -> (Cycle, Option<Wart>) {
    let Some(cell) = cell.filter(|cell| !cell.is_blank()) else {
        return if blank_is_negative {
            (Cycle::NotReached, None)
        } else {
            let wart =
                ("ct.blank", "the cycle is blank, which is no negative; fill in what the instrument says");
            (Cycle::Unread(String::new()), Some(wart))
        };
    };
    if let Cell::Serial(_) = cell {
        let wart = (
            "ct.is_a_date",
            "a spreadsheet made a date of the cycle; export the file again and do not open it before",
        );
        return (Cycle::Unread(cell.text().into_owned()), Some(wart));
    }
    let text = cell.text().into_owned();
    if NOT_REACHED.contains(&text.to_lowercase().as_str()) {
        return (Cycle::NotReached, None);
    }
    // No cycle has a thousand, so a comma can only be decimal.
    let decimal_comma = text.matches(',').count() == 1 && !text.contains('.');
    let plain = if decimal_comma { text.replace(',', ".") } else { text.clone() };
    match Number::read(&plain) {
        Some(number) if number.value() > 0.0 && number.value() <= MOST_CYCLES => {
            let wart = ("ct.decimal_comma", "the cycle has a decimal comma and is read with a point");
            (Cycle::At(number), decimal_comma.then_some(wart))
        }
        Some(_) => {
            let wart = ("ct.out_of_range", "no run has such a cycle; is it the right column?");
            (Cycle::Unread(text), Some(wart))
        }
        None => {
            let wart = (
                "ct.unread",
                "the cycle is no number and no word for a negative; correct it, or call the well by hand",
            );
            (Cycle::Unread(text), Some(wart))
        }
    }
}

/// A well by its name, `A1` or `A01`, and whether it was written with the zero.
pub fn well(text: &str) -> Option<(String, bool)> {
    let text = text.trim().to_ascii_uppercase();
    let letters = text.len() - text.trim_start_matches(|sign: char| sign.is_ascii_uppercase()).len();
    let (row, column) = text.split_at(letters);
    // 1536 wells: rows A to AF, columns 1 to 48.
    let last_row = match row.len() {
        1 => true,
        2 => row.starts_with('A') && row <= "AF",
        _ => false,
    };
    let digits = (1..=2).contains(&column.len()) && column.bytes().all(|byte| byte.is_ascii_digit());
    let number: u8 = column.parse().ok().filter(|_| digits && last_row)?;
    (1..=48).contains(&number).then(|| (format!("{row}{number}"), column.starts_with('0')))
}

/// A well by its number, counted along the rows of a plate of 96 or 384.
pub fn well_by_number(text: &str, wells: u32) -> Option<String> {
    let number: u32 = text.trim().parse().ok().filter(|number| (1..=wells).contains(number))?;
    let columns = if wells > 96 { 24 } else { 12 };
    let row = char::from(b'A' + u8::try_from((number - 1) / columns).ok()?);
    Some(format!("{row}{}", (number - 1) % columns + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_has_one_name() {
        for (said, name) in [("A1", "A1"), ("a01", "A1"), (" H12 ", "H12"), ("P24", "P24"), ("AF48", "AF48")]
        {
            assert_eq!(well(said).map(|(name, _)| name).as_deref(), Some(name), "{said}");
        }
        for said in ["", "A", "1", "A0", "A49", "AG1", "A1B", "AAA1", "A001", "病1"] {
            assert_eq!(well(said), None, "{said}");
        }
        assert_eq!(well_by_number("13", 96).as_deref(), Some("B1"));
        assert_eq!(well_by_number("384", 384).as_deref(), Some("P24"));
        assert_eq!(well_by_number("97", 96), None);
    }

    #[test]
    fn only_what_the_instrument_calls_negative_is_negative() {
        let check = |said: &str, value: Option<f64>, negative: bool, wart: Option<&str>| {
            let (cycle, met) = cycle(Some(&Cell::Text(said.to_owned())), false);
            assert_eq!((cycle.value(), cycle == Cycle::NotReached), (value, negative), "{said}");
            assert_eq!(met.map(|(code, _)| code), wart, "{said}");
        };
        check("24.6", Some(24.6), false, None);
        check("24,6", Some(24.6), false, Some("ct.decimal_comma"));
        check("Undetermined", None, true, None);
        check("NaN", None, true, None);
        check("N/A", None, true, None);
        check("", None, false, Some("ct.blank"));
        check("0.00", None, false, Some("ct.out_of_range"));
        check("1,024.5", None, false, Some("ct.unread"));
        check(">40", None, false, Some("ct.unread"));
        assert_eq!(cycle(None, true), (Cycle::NotReached, None));
        assert_eq!(cycle(Some(&Cell::Serial(45_000.0)), true).1.map(|(code, _)| code), Some("ct.is_a_date"));
    }
}
