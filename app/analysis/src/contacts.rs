//! `quell contacts`: whom a case can have reached, directly and through one other, in the order of days.

use super::account::RowAccount;
use super::column_days::{ColumnDays, Order};
use super::names::Names;
use super::output::Output;
use super::sheet::Sheet;
use super::table::Table;
use base::Day;
use clap::Args;
use std::path::PathBuf;
use trace::{DatedContact, DatedContacts, Reachable};

#[derive(Args)]
pub struct Contacts {
    /// Contacts, as CSV: a, b, date (one row for each time two people met)
    file: PathBuf,
    /// The case, as the list writes it; several times for several cases
    #[arg(long, value_name = "ID", required = true)]
    case: Vec<String>,
    /// First day on which the case could infect: onset or sample, less the days to look back
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// Last day on which the case was free [default: the last day of the list]
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
    /// Last day on which contacts were free [default: the last day of the list]
    #[arg(long, value_name = "DAY")]
    contacts_until: Option<Day>,
    /// Days a contact needs before passing it on; with 0 meetings on the same day count
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    least_days_between: u16,
    /// Order of day and month where the column itself does not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

impl Contacts {
    pub fn run(self) -> Result<(), String> {
        let table = Table::read(&self.file)?;
        let (names, met) = read_contacts(&table, self.dates)?;
        let last = met.iter().map(|contact| contact.day).max().unwrap_or(self.from);
        let rule = Reachable {
            from: self.from,
            until: self.until.unwrap_or(last),
            second_until: self.contacts_until.unwrap_or(last),
            least_days_between: self.least_days_between,
        };
        if rule.until < rule.from {
            return Err(format!("--until {} is before --from {}; exchange them", rule.until, rule.from));
        }
        let contacts = DatedContacts::of(&met).0;
        let mut sheet = Sheet::of(&["case", "person", "step", "day", "through"]);
        for id in &self.case {
            let Some(case) = names.known(id) else {
                return Err(format!(
                    "nobody on the list is called `{id}`; write the number as the columns a and b do"
                ));
            };
            let reached = contacts.two_steps(case, &rule);
            let direct = reached.iter().filter(|one| one.through.is_none()).count();
            eprintln!("{id}: {direct} contacts, {} contacts of contacts", reached.len() - direct);
            for one in reached {
                sheet.add(vec![
                    id.as_str().into(),
                    names.name(one.person).into(),
                    if one.through.is_none() { 1_usize } else { 2 }.into(),
                    one.day.to_string().into(),
                    one.through.map(|through| names.name(through).to_owned()).into(),
                ]);
            }
        }
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn read_contacts(table: &Table, dates: Option<Order>) -> Result<(Names, Vec<DatedContact>), String> {
    let (a, b) = (table.column("a")?, table.column("b")?);
    let days = ColumnDays::of(table, table.column("date")?, dates)?;
    let (mut names, mut met) = (Names::default(), Vec::new());
    let mut account = RowAccount::of(table);
    for row in table.rows() {
        let (Some(one), Some(other)) = (row.says(a), row.says(b)) else {
            account.left_out("somebody is not named; write both", format!("row {}", row.number));
            continue;
        };
        if one == other {
            let why = "a contact of oneself; look for a number that stands in both columns";
            account.left_out(why, format!("row {} {one}", row.number));
            continue;
        }
        match days.day(row) {
            // Days are kept as steps from the first; a mistyped century would not fit.
            Ok(Some(day)) if (1970..2140).contains(&day.year()) => {
                met.push(DatedContact { a: names.number(one), b: names.number(other), day });
                account.used();
            }
            Ok(Some(day)) => {
                account.left_out("a year that cannot be meant; mend it", format!("row {} {day}", row.number))
            }
            Ok(None) => account.left_out("no date; write the day they met", format!("row {}", row.number)),
            Err(why) => account.left_out("a date that cannot be read; mend it", why),
        }
    }
    account.print("contacts");
    account.refuse_nothing("contacts")?;
    Ok((names, met))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_contact_is_left_out_and_the_rest_is_read() {
        let list = "a,b,date\nA1,A2,2022-02-21\nA2,A2,2022-02-21\n,A3,2022-02-21\nA1,A3,1022-02-21\nA1,A3,2222-02-21\nA1,A4,2022-02-30\n";
        let table = Table::parse(list.as_bytes()).unwrap();
        let (names, met) = read_contacts(&table, None).unwrap();
        assert_eq!((names.len(), met.len()), (2, 1));
        let nothing = Table::parse(b"a,b,date\nA2,A2,2022-02-21\n").unwrap();
        assert!(read_contacts(&nothing, None).unwrap_err().contains("no row could be used"));
    }
}
