//! A result as rows under named columns, before it becomes CSV or JSON.

use super::output::{Format, csv_text, json_text};
use serde_json::{Map, Value};

/// What stands in one cell. `Nothing` is written `NA`, as the reference files write it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
    Nothing,
}

impl From<f64> for Cell {
    /// What is no number says nothing: a NaN never leaves.
    fn from(value: f64) -> Cell {
        if value.is_nan() { Cell::Nothing } else { Cell::Number(value) }
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Cell {
        Cell::Number(value as f64)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Cell {
        Cell::Number(f64::from(u8::from(value)))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Nothing, Into::into)
    }
}

impl Cell {
    pub fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            // The shortest text that reads back as the same number.
            Cell::Number(value) if *value == f64::INFINITY => "Inf".to_owned(),
            Cell::Number(value) if *value == f64::NEG_INFINITY => "-Inf".to_owned(),
            Cell::Number(value) => value.to_string(),
            Cell::Nothing => "NA".to_owned(),
        }
    }

    #[allow(dead_code, reason = "the commands that write sheets are being built")]
    fn json(&self) -> Value {
        match self {
            Cell::Text(text) => Value::from(text.as_str()),
            Cell::Number(value) if value.fract() == 0.0 && value.abs() < 9e15 => Value::from(*value as i64),
            Cell::Number(value) => Value::from(*value),
            Cell::Nothing => Value::Null,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    pub fn of(columns: &[&'static str]) -> Sheet {
        Sheet { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub fn add(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "a cell for every column");
        self.rows.push(row);
    }

    /// CSV, or a JSON list of objects.
    #[allow(dead_code, reason = "the commands that write sheets are being built")]
    pub fn render(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Csv => {
                let header = self.columns.iter().map(|name| (*name).to_owned()).collect();
                let rows = self.rows.iter().map(|row| row.iter().map(Cell::text).collect());
                csv_text(std::iter::once(header).chain(rows))
            }
            Format::Json => {
                let object = |row: &Vec<Cell>| -> Map<String, Value> {
                    self.columns
                        .iter()
                        .zip(row)
                        .map(|(name, cell)| ((*name).to_owned(), cell.json()))
                        .collect()
                };
                Ok(json_text(&self.rows.iter().map(object).collect()))
            }
            Format::Svg => Err("this result has no chart of its own; use --plot".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_na_in_csv_and_null_in_json() {
        let mut sheet = Sheet::of(&["t", "upper"]);
        sheet.add(vec![1_usize.into(), f64::NAN.into()]);
        sheet.add(vec![2_usize.into(), Some(2.5).into()]);
        assert_eq!(sheet.render(Format::Csv).unwrap(), "t,upper\n1,NA\n2,2.5\n");
        let json: Value = serde_json::from_str(&sheet.render(Format::Json).unwrap()).unwrap();
        assert_eq!(json, serde_json::json!([{"t": 1, "upper": null}, {"t": 2, "upper": 2.5}]));
    }
}
