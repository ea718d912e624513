//! One cell as the file holds it: what kind of thing it is, before anybody asks what it means.

use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Blank,
    Text(String),
    /// Text longer than the reader keeps: the beginning, cut at a character.
    Cut(String),
    Number(f64),
    /// A spreadsheet date: days in the 1900 system, the fraction being the time of day. Readers of a 1904
    /// workbook add 1,462 days before they hand the cell over, so a serial means the same everywhere.
    Serial(f64),
    Bool(bool),
    /// A formula that failed: `#N/A`, `#REF!`.
    Error(String),
}

impl Cell {
    /// The text a person sees in the cell, without surrounding white space (the ideographic space of Chinese
    /// forms included).
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Blank => Cow::Borrowed(""),
            Cell::Text(text) | Cell::Cut(text) | Cell::Error(text) => Cow::Borrowed(text.trim()),
            Cell::Number(number) | Cell::Serial(number) => Cow::Owned(number_text(*number)),
            Cell::Bool(true) => Cow::Borrowed("TRUE"),
            Cell::Bool(false) => Cow::Borrowed("FALSE"),
        }
    }

    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Blank => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// Identifiers often arrive as floating point numbers (`1000000001.0`); whole numbers are written without the
/// point.
fn number_text(number: f64) -> String {
    // Up to 2^53 a double holds every whole number exactly.
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_that_arrives_as_a_number_keeps_its_digits() {
        assert_eq!(Cell::Number(1_000_000_001.0).text(), "1000000001");
        assert_eq!(Cell::Number(0.5).text(), "0.5");
    }

    #[test]
    fn an_ideographic_space_is_blank() {
        assert!(Cell::Text("\u{3000}".into()).is_blank());
        assert!(!Cell::Bool(false).is_blank());
    }
}
