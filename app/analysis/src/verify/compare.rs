//! What was expected beside what was computed, joined by key columns.

use super::case::Case;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use std::collections::BTreeMap;
use std::fmt;

/// How far a number may be from the expected one. Where neither side has a number they agree; where one has, they differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// The same text, or the same number.
    Exact,
    /// At most this share of the expected number.
    Relative(f64),
    /// At most this much.
    Absolute(f64),
    /// Whichever of the two allows more.
    Either { relative: f64, absolute: f64 },
}

impl Tolerance {
    /// Reads what the case states: `exact …`, `rel 1e-6 …`, `abs 1e-8`, `rel 1e-9 or abs 1e-9`. Other words are prose, which the
    /// family must have put into numbers itself.
    pub fn stated(case: &Case, measure: &str) -> Result<Tolerance, String> {
        let words =
            case.tolerance(measure).ok_or_else(|| format!("the case states no tolerance for `{measure}`"))?;
        let prose = || format!("the tolerance for `{measure}` is prose: {words}");
        let mut told = words.split_whitespace();
        let number =
            |word: Option<&str>| word.and_then(|word| word.trim_end_matches([',', ';']).parse::<f64>().ok());
        match told.next() {
            Some("exact") => Ok(Tolerance::Exact),
            Some("abs") => number(told.next()).map(Tolerance::Absolute).ok_or_else(prose),
            Some("rel") => {
                let relative = number(told.next()).ok_or_else(prose)?;
                match (told.next(), told.next(), number(told.next())) {
                    (Some("or"), Some("abs"), Some(absolute)) => Ok(Tolerance::Either { relative, absolute }),
                    _ => Ok(Tolerance::Relative(relative)),
                }
            }
            _ => Err(prose()),
        }
    }

    pub fn allows(self, expected: f64, got: f64) -> bool {
        if expected == got {
            return true;
        }
        let apart = (expected - got).abs();
        match self {
            Tolerance::Exact => false,
            Tolerance::Relative(share) => apart <= share * expected.abs(),
            Tolerance::Absolute(most) => apart <= most,
            Tolerance::Either { relative, absolute } => apart <= (relative * expected.abs()).max(absolute),
        }
    }

    /// The difference on the scale on which this tolerance speaks.
    pub fn difference(self, expected: f64, got: f64) -> f64 {
        let apart = (expected - got).abs();
        match self {
            Tolerance::Relative(_) | Tolerance::Either { .. } if expected != 0.0 => apart / expected.abs(),
            _ => apart,
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tolerance::Exact => write!(f, "exact"),
            Tolerance::Relative(share) => write!(f, "rel {share:e}"),
            Tolerance::Absolute(most) => write!(f, "abs {most:e}"),
            Tolerance::Either { relative, absolute } => write!(f, "rel {relative:e} or abs {absolute:e}"),
        }
    }
}

/// One measure of one case, compared.
#[derive(Debug, Clone)]
pub struct Checked {
    pub measure: String,
    pub compared: usize,
    /// On the scale of the tolerance; the first disagreement about whether there is a number at all counts as infinite.
    pub largest: f64,
    pub tolerance: String,
    pub holds: bool,
    /// The first row that does not hold.
    pub first_fault: Option<String>,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checked { measure, compared, largest, tolerance, .. } = self;
        let verdict = match (&self.first_fault, self.holds) {
            (_, true) => "holds".to_owned(),
            (Some(fault), false) => format!("FAILED: {fault}"),
            (None, false) => "FAILED".to_owned(),
        };
        write!(f, "{measure}\t{compared}\t{largest:.3e}\t{tolerance}\t{verdict}")
    }
}

impl Checked {
    /// A measure compared by hand, such as a set of places or a p-value within Monte Carlo error.
    pub fn by(
        measure: &str,
        compared: usize,
        largest: f64,
        tolerance: impl Into<String>,
        holds: bool,
    ) -> Checked {
        Checked {
            measure: measure.to_owned(),
            compared,
            largest,
            tolerance: tolerance.into(),
            holds,
            first_fault: None,
        }
    }
}

/// Compares one column. Every expected row must be there; rows nobody expected are a fault as well.
pub fn compare(
    expected: &Table,
    got: &Sheet,
    keys: &[&str],
    measure: &str,
    tolerance: Tolerance,
) -> Result<Checked, String> {
    let wanted_keys = keys.iter().map(|key| expected.column(key)).collect::<Result<Vec<_>, _>>()?;
    let wanted = expected.column(measure)?;
    let place = |name: &str| {
        let found = got.columns.iter().position(|column| *column == name);
        found.ok_or_else(|| format!("the result has no column `{name}`"))
    };
    let got_keys = keys.iter().map(|key| place(key)).collect::<Result<Vec<_>, _>>()?;
    let found = place(measure)?;
    let mut rows: BTreeMap<Vec<String>, &Cell> = BTreeMap::new();
    for row in &got.rows {
        rows.insert(got_keys.iter().map(|key| plain(&row[*key].text())).collect(), &row[found]);
    }

    let mut checked = Checked::by(measure, 0, 0.0, tolerance.to_string(), true);
    let fault = |checked: &mut Checked, told: String| {
        checked.holds = false;
        checked.first_fault.get_or_insert(told);
    };
    for row in expected.rows() {
        checked.compared += 1;
        let key: Vec<String> = wanted_keys.iter().map(|key| plain(row.cell(*key))).collect();
        let want = row.cell(wanted);
        let Some(got) = rows.remove(&key) else {
            checked.largest = f64::INFINITY;
            fault(&mut checked, format!("{} is missing", key.join(" ")));
            continue;
        };
        let (want_number, got_number) = (number(want), cell_number(got));
        let holds = match (want_number, got_number) {
            (Some(want), Some(got)) => {
                let difference = tolerance.difference(want, got);
                if want != got {
                    checked.largest = checked.largest.max(difference);
                }
                tolerance.allows(want, got)
            }
            (None, None) => is_nothing(want) && is_nothing(&got.text()) || want == got.text(),
            _ => {
                checked.largest = f64::INFINITY;
                false
            }
        };
        if !holds {
            fault(&mut checked, format!("{}: expected {want}, got {}", key.join(" "), got.text()));
        }
    }
    if let Some(key) = rows.keys().next() {
        fault(&mut checked, format!("{} was not expected", key.join(" ")));
    }
    if checked.compared == 0 {
        fault(&mut checked, "nothing to compare".to_owned());
    }
    Ok(checked)
}

/// Numbers in keys are the same whether written 1 or 1.0, or 1e+05 as R does. An id such as 12e345 is none.
fn plain(text: &str) -> String {
    let is_name = text.split(['e', 'E']).skip(1).any(|power| !power.starts_with(['+', '-']));
    match text.parse::<f64>() {
        Ok(value) if !is_name && value.is_finite() => value.to_string(),
        _ => text.to_owned(),
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "NA" | "NaN")
}

fn number(text: &str) -> Option<f64> {
    match text {
        "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "TRUE" => Some(1.0),
        "FALSE" => Some(0.0),
        _ => text.parse::<f64>().ok().filter(|value| !value.is_nan()),
    }
}

fn cell_number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(value) => Some(*value),
        Cell::Text(text) => number(text),
        Cell::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(expected: &str, rows: &[(&str, f64)], tolerance: Tolerance) -> Checked {
        let mut got = Sheet::of(&["t", "upper"]);
        for (t, upper) in rows {
            got.add(vec![(*t).into(), (*upper).into()]);
        }
        compare(&Table::parse(expected.as_bytes()).unwrap(), &got, &["t"], "upper", tolerance).unwrap()
    }

    #[test]
    fn a_changed_expected_value_fails_and_is_named() {
        let rows = [("1", 2.0), ("2", f64::NAN)];
        assert!(checked("t,upper\n1,2.0000001\n2,NA\n", &rows, Tolerance::Relative(1e-6)).holds);
        let changed = checked("t,upper\n1,2.1\n2,NA\n", &rows, Tolerance::Relative(1e-6));
        assert!(!changed.holds && changed.first_fault.unwrap().contains("1: expected 2.1, got 2"));
    }

    #[test]
    fn an_id_with_an_e_is_no_number() {
        assert_eq!(
            ["1.0", "1e+05", "12e345", "0e1", "inf"].map(plain),
            ["1", "100000", "12e345", "0e1", "inf"]
        );
    }

    #[test]
    fn a_missing_an_additional_and_an_invented_value_fail() {
        let fails =
            |expected: &str, rows: &[(&str, f64)]| !checked(expected, rows, Tolerance::Absolute(1.0)).holds;
        assert!(fails("t,upper\n1,2\n2,3\n", &[("1", 2.0)]));
        assert!(fails("t,upper\n1,2\n", &[("1", 2.0), ("2", 3.0)]));
        assert!(fails("t,upper\n1,NA\n", &[("1", 2.0)]));
        assert!(fails("t,upper\n1,2\n", &[("1", f64::NAN)]));
        assert!(fails("t,upper\n", &[]));
    }
}
