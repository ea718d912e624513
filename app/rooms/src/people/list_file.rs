//! The file of an export with names. Every row says for whom it was made, and its rows stand in an order that only this
//! export has, so that a list found elsewhere can be traced although the column was cut off.
//!
//! Not hidden in the names themselves: a mark there would spoil them for every search, and whoever sorts the rows removes the
//! order too. It finds the careless, not the careful.

use crate::cases::views::{cases_of, contacts_of, harmless};
use crate::people::exports::{Listed, Wanted};
use crate::people::{Export, Identity, Subject, open_identity_of};
use base::{Id, Territory};
use cases::DateKind;
use store::{Error, Query, Result, Vault, params};

const HEADER: [&str; 12] = [
    "number",
    "name",
    "id_number",
    "phone",
    "address",
    "sex",
    "age",
    "territory",
    "place",
    "status",
    "day",
    "issued_to",
];

/// One row of the list, without the mark.
struct Line {
    subject: Id<Subject>,
    number: String,
    sex: String,
    age: String,
    territory: String,
    place: String,
    status: String,
    day: String,
}

pub fn write_list(
    query: &mut dyn Query,
    territory: &Territory,
    export: Id<Export>,
    wanted: &Wanted,
    issued_to: &str,
) -> Result<Vec<u8>> {
    let mut lines = lines(query, territory, wanted)?;
    lines.sort_by_cached_key(|line| place_in(query.vault(), export, &line.number));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |fault: csv::Error| Error::Setup(format!("the list cannot be written: {fault}"));
    writer.write_record(HEADER).map_err(broken)?;
    let said = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    for line in lines {
        let Identity { name, id_number, phone, address, .. } =
            open_identity_of(query, line.subject)?.unwrap_or_default();
        let row = [
            harmless(&line.number),
            said(&name),
            said(&id_number),
            said(&phone),
            said(&address),
            line.sex,
            line.age,
            line.territory,
            harmless(&line.place),
            line.status,
            line.day,
            harmless(issued_to),
        ];
        writer.write_record(&row).map_err(broken)?;
    }
    writer.into_inner().map_err(|fault| Error::Setup(format!("the list cannot be written: {fault}")))
}

fn lines(query: &mut dyn Query, territory: &Territory, wanted: &Wanted) -> Result<Vec<Line>> {
    let plain = |age: Option<f64>| age.map(|age| age.to_string()).unwrap_or_default();
    Ok(match wanted.what {
        Listed::Cases => cases_of(query, territory, &wanted.subjects)?
            .into_iter()
            .map(|case| Line {
                subject: case.subject,
                sex: case.sex.map(|sex| sex.to_string()).unwrap_or_default(),
                age: plain(case.age),
                territory: case.territory.to_string(),
                status: case.classification.to_string(),
                day: case.dates.day(DateKind::Onset).map(|day| day.to_string()).unwrap_or_default(),
                number: case.case_no,
                place: case.place,
            })
            .collect(),
        Listed::Contacts => contacts_of(query, territory, &wanted.subjects)?
            .into_iter()
            .map(|contact| Line {
                subject: contact.subject,
                sex: contact.sex.map(|sex| sex.to_string()).unwrap_or_default(),
                age: plain(contact.age),
                territory: contact.territory.to_string(),
                status: contact.status.word().to_owned(),
                day: contact.last_exposure.map(|day| day.to_string()).unwrap_or_default(),
                number: contact.contact_no,
                place: contact.place,
            })
            .collect(),
    })
}

fn place_in(vault: &Vault, export: Id<Export>, number: &str) -> String {
    vault.mark("export order", &format!("{export}|{number}"))
}

/// How well the order of a list's numbers fits an export: 1 for its own, about one half for any other.
fn fit(vault: &Vault, export: Id<Export>, numbers: &[String]) -> f64 {
    let places: Vec<String> = numbers.iter().map(|number| place_in(vault, export, number)).collect();
    let pairs = places.windows(2).filter(|pair| pair[0] != pair[1]);
    let (ordered, all) =
        pairs.fold((0_u32, 0_u32), |(ordered, all), pair| (ordered + u32::from(pair[0] < pair[1]), all + 1));
    if all == 0 { 0.0 } else { f64::from(ordered) / f64::from(all) }
}

/// From which exports a found list may come, the best first: the export, how well the order fits, and who asked for it.
/// Twenty rows in order by chance: one in a million (2^-19).
pub fn trace_list(query: &mut dyn Query, numbers: &[String]) -> Result<Vec<(Id<Export>, f64, String)>> {
    let rows =
        query.rows("SELECT id, by_whom FROM people_export WHERE names = 1 ORDER BY at, id", params![])?;
    let mut found = Vec::new();
    for row in rows {
        let export = row.read(0)?;
        found.push((export, fit(query.vault(), export, numbers), row.text(1)?));
    }
    found.sort_by(|one, other| other.1.total_cmp(&one.1));
    Ok(found)
}
