//! `quell final-size`: which share of people an outbreak will have infected in the end.
//!
//! Deliberately absent: when, and what measures change.

use crate::output::Output;
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use clap::Args;
use std::path::{Path, PathBuf};
use surveillance::{Group, final_size};

#[derive(Args)]
pub struct FinalSize {
    /// Groups, as CSV: group, size, susceptible (may be absent), and a column named after each group with how many people
    /// of the row's group one case of that group infects
    #[arg(required_unless_present = "reproduction", conflicts_with = "reproduction")]
    file: Option<PathBuf>,
    /// One group: how many people one case infects when everybody is susceptible
    #[arg(long, value_name = "NUMBER")]
    reproduction: Option<f64>,
    /// One group: the share of people who can be infected at the start
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, conflicts_with = "file")]
    susceptible: f64,
    /// One group: how many people there are
    #[arg(long, value_name = "PEOPLE", conflicts_with = "file")]
    population: Option<f64>,
    #[command(flatten)]
    output: Output,
}

impl FinalSize {
    pub fn run(self) -> Result<(), String> {
        let (sheet, input) = match (&self.file, self.reproduction) {
            (Some(file), _) => (of_groups(&Table::read(file)?)?, file.as_path()),
            (None, Some(reproduction)) => {
                let group = Group { size: self.population.unwrap_or(1.0), susceptible: self.susceptible };
                let share = final_size(&[vec![reproduction]], &[group]).map_err(|why| why.to_string())?;
                let infected = self.population.map(|people| share[0] * people);
                let mut sheet = Sheet::of(&["group", "attack_rate", "infected"]);
                sheet.add(vec!["all".into(), share[0].into(), infected.into()]);
                (sheet, Path::new(""))
            }
            (None, None) => return Err("give a file of groups, or --reproduction".to_owned()),
        };
        self.output.write(&sheet.render(self.output.format())?, input)
    }
}

fn of_groups(table: &Table) -> Result<Sheet, String> {
    let (name, size) = (table.column("group")?, table.column("size")?);
    let susceptible = table.column("susceptible").ok();
    let names: Vec<&str> = table.rows().iter().map(|row| row.cell(name)).collect();
    let columns = names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let (mut groups, mut infections) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let told = |column| {
            let blank = || format!("row {}: `{}` is blank; give a number", row.number, table.name(column));
            number(table, row, column)?.ok_or_else(blank)
        };
        groups.push(Group { size: told(size)?, susceptible: susceptible.map_or(Ok(1.0), told)? });
        infections.push(columns.iter().map(|column| told(*column)).collect::<Result<Vec<f64>, String>>()?);
    }
    let shares = final_size(&infections, &groups).map_err(|why| why.to_string())?;
    let mut sheet = Sheet::of(&["group", "attack_rate", "infected"]);
    let mut add = |name: &str, share: f64, people: f64| {
        sheet.add(vec![Cell::from(name), share.into(), (share * people).into()]);
    };
    for ((name, share), group) in names.iter().zip(&shares).zip(&groups) {
        add(name, *share, group.size);
    }
    let people: f64 = groups.iter().map(|group| group.size).sum();
    let infected: f64 = shares.iter().zip(&groups).map(|(share, group)| share * group.size).sum();
    add("all", infected / people, people);
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_groups_is_read_by_their_names() {
        let text = b"group,size,children,adults\nchildren,250,0.5,0.5\nadults,750,1.5,1.5\n";
        let sheet = of_groups(&Table::parse(text).unwrap()).unwrap();
        // Mixed at random, two groups of R 2 are one.
        for row in &sheet.rows {
            let Cell::Number(share) = row[1] else { panic!("{row:?}") };
            assert!((share - 0.796_812).abs() < 1e-6);
        }
        let absent = Table::parse(b"group,size,children\nchildren,250,2\nadults,750,1\n").unwrap();
        assert!(of_groups(&absent).unwrap_err().contains("no column `adults`"));
    }
}
