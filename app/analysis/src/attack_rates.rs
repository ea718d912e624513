//! `quell attack-rates`: who fell ill among those exposed and not, for every suspect, the likeliest first.

use super::account::RowAccount;
use super::output::{Output, digits};
use super::sheet::{Cell, Sheet};
use super::table::{Column, Table};
use clap::Args;
use stats::Ratio;
use std::collections::BTreeSet;
use std::path::PathBuf;
use trace::{Hypothesis, Suspect, rank_hypotheses};

#[derive(Args)]
pub struct AttackRates {
    /// Everybody asked, ill and well, as CSV: one row a person, one column a suspect
    file: PathBuf,
    /// Column that says who fell ill: yes or no, 1 or 0, 是 or 否
    #[arg(long, value_name = "COLUMN")]
    ill: String,
    /// Columns of what people may have shared, with yes or no [default: every other column that says only that]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    suspects: Vec<String>,
    /// Column whose every value is a suspect, such as the class or the ward
    #[arg(long, value_name = "COLUMN")]
    each_of: Option<String>,
    /// Confidence of the intervals
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    #[command(flatten)]
    output: Output,
}

/// More values than this are numbers of people, not places they shared.
const MOST_VALUES: usize = 500;

impl AttackRates {
    pub fn run(self) -> Result<(), String> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(format!("--level is {}; give a share between 0 and 1, such as 0.95", self.level));
        }
        let table = Table::read(&self.file)?;
        let ill = table.column(&self.ill)?;
        let asked = asked(&table, ill)?;
        let suspects = self.suspects(&table, ill, &asked)?;
        let known: Vec<bool> = asked.iter().map(|(_, ill)| *ill).collect();
        let sick = known.iter().filter(|ill| **ill).count();
        eprintln!("{sick} of {} fell ill; {} suspects", known.len(), suspects.len());
        if sick == 0 || sick == known.len() {
            return Err("a comparison needs people who fell ill and people who did not; ask those who stayed well too".into());
        }
        let sheet = sheet_of(&rank_hypotheses(&known, &suspects, self.level));
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }

    fn suspects(&self, table: &Table, ill: Column, asked: &[(usize, bool)]) -> Result<Vec<Suspect>, String> {
        if let Some(name) = &self.each_of {
            return each_value(table, table.column(name)?, asked);
        }
        if !self.suspects.is_empty() {
            let named = |name: &String| yes_or_no_column(table, table.column(name)?, asked);
            return self.suspects.iter().map(named).collect();
        }
        let others =
            table.names().iter().filter_map(|name| table.column(name).ok()).filter(|column| *column != ill);
        let found: Vec<Suspect> =
            others.filter_map(|column| yes_or_no_column(table, column, asked).ok()).collect();
        if found.is_empty() {
            return Err("no other column says only yes and no; name suspects with --suspects, or a column with --each-of".into());
        }
        Ok(found)
    }
}

/// Rows of people of whom it is known whether they fell ill.
fn asked(table: &Table, ill: Column) -> Result<Vec<(usize, bool)>, String> {
    let mut account = RowAccount::of(table);
    let mut asked = Vec::new();
    for (place, row) in table.rows().iter().enumerate() {
        match row.says(ill).map(|text| (text, yes_or_no(text))) {
            Some((_, Some(ill))) => {
                asked.push((place, ill));
                account.used();
            }
            Some((text, None)) => {
                let why = format!("{} is neither yes nor no; write yes or no", table.name(ill));
                account.left_out(why, format!("row {} `{text}`", row.number));
            }
            None => account.left_out("nobody knows whether ill", format!("row {}", row.number)),
        }
    }
    account.print("people");
    account.refuse_nothing("people")?;
    Ok(asked)
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "ill" | "是" | "有" => Some(true),
        "0" | "n" | "no" | "false" | "well" | "否" => Some(false),
        _ => None,
    }
}

fn yes_or_no_column(table: &Table, column: Column, asked: &[(usize, bool)]) -> Result<Suspect, String> {
    let name = table.name(column).to_owned();
    let said = |(place, _): &(usize, bool)| {
        let row = &table.rows()[*place];
        match row.says(column).map(|text| (text, yes_or_no(text))) {
            None => Ok(None),
            Some((_, Some(exposed))) => Ok(Some(exposed)),
            Some((text, None)) => Err(format!(
                "row {}, column `{name}`: `{text}` is neither yes nor no; write yes or no",
                row.number
            )),
        }
    };
    let exposed = asked.iter().map(said).collect::<Result<Vec<_>, _>>()?;
    if exposed.iter().all(Option::is_none) {
        return Err(format!("column `{name}` says nothing of anybody; take it out of --suspects"));
    }
    Ok(Suspect { name, exposed })
}

fn each_value(table: &Table, column: Column, asked: &[(usize, bool)]) -> Result<Vec<Suspect>, String> {
    let said = |place: usize| table.rows()[place].says(column);
    let values: BTreeSet<&str> = asked.iter().filter_map(|(place, _)| said(*place)).collect();
    if values.len() > MOST_VALUES {
        return Err(format!(
            "column `{}` has {} values; more than {MOST_VALUES} are no places people shared: name another column",
            table.name(column),
            values.len()
        ));
    }
    let suspect = |value: &&str| Suspect {
        name: format!("{} {value}", table.name(column)),
        exposed: asked.iter().map(|(place, _)| said(*place).map(|told| told == *value)).collect(),
    };
    Ok(values.iter().map(suspect).collect())
}

fn sheet_of(ranked: &[Hypothesis]) -> Sheet {
    let mut sheet = Sheet::of(&[
        "rank",
        "suspect",
        "exposed_ill",
        "exposed",
        "attack_rate_exposed",
        "unexposed_ill",
        "unexposed",
        "attack_rate_unexposed",
        "explains",
        "risk_ratio",
        "risk_ratio_low",
        "risk_ratio_high",
        "odds_ratio",
        "odds_ratio_low",
        "odds_ratio_high",
        "mid_p_low",
        "mid_p_high",
        "p_value",
        "p_value_of_many",
        "not_known",
    ]);
    for (place, one) in ranked.iter().enumerate() {
        let count = |people: u64| Cell::from(people as f64);
        let ends = |ratio: &Ratio| [ratio.value, ratio.low, ratio.high].map(three_digits);
        let mut row = vec![
            (place + 1).into(),
            one.name.as_str().into(),
            count(one.table.exposed_ill),
            count(one.table.exposed()),
            three_digits(one.attack_rate_exposed.value),
            count(one.table.unexposed_ill),
            count(one.table.unexposed()),
            three_digits(one.attack_rate_unexposed.value),
            three_digits(one.table.explains()),
        ];
        row.extend(ends(&one.risk_ratio));
        row.extend(ends(&one.odds_ratio));
        row.extend(
            [one.odds_ratio_mid_p.low, one.odds_ratio_mid_p.high, one.p_value, one.p_value_of_many]
                .map(three_digits),
        );
        row.push(count(one.not_known));
        sheet.add(row);
    }
    sheet
}

/// Three digits that count: tables of dozens know no more.
fn three_digits(value: f64) -> Cell {
    digits(value, 3).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUPPER: &str = "person,ill,cake,salad,table\n1,yes,yes,no,A\n2,yes,1,是,A\n3,no,no,no,B\n4,no,0,否,B\n5,?,yes,no,B\n";

    #[test]
    fn yes_and_no_are_read_in_two_languages_and_the_rest_is_named() {
        let table = Table::parse(SUPPER.as_bytes()).unwrap();
        let asked = asked(&table, table.column("ill").unwrap()).unwrap();
        assert_eq!(asked, [(0, true), (1, true), (2, false), (3, false)]);
        let cake = yes_or_no_column(&table, table.column("cake").unwrap(), &asked).unwrap();
        assert_eq!(cake.exposed, [Some(true), Some(true), Some(false), Some(false)]);
        let why = yes_or_no_column(&table, table.column("table").unwrap(), &asked).unwrap_err();
        assert!(why.contains("row 2, column `table`: `A`") && why.contains("write yes or no"), "{why}");
    }

    #[test]
    fn every_value_of_a_column_can_be_a_suspect() {
        let table = Table::parse(SUPPER.as_bytes()).unwrap();
        let asked = asked(&table, table.column("ill").unwrap()).unwrap();
        let tables = each_value(&table, table.column("table").unwrap(), &asked).unwrap();
        assert_eq!(
            tables.iter().map(|suspect| suspect.name.as_str()).collect::<Vec<_>>(),
            ["table A", "table B"]
        );
        assert_eq!(tables[0].exposed, [Some(true), Some(true), Some(false), Some(false)]);
    }

    #[test]
    fn numbers_keep_three_digits() {
        let read = |value| three_digits(value).text();
        assert_eq!(
            [0.0, 0.123_456, 1_234.5, f64::INFINITY, f64::NAN].map(read),
            ["0", "0.123", "1230", "Inf", "NA"]
        );
    }
}
