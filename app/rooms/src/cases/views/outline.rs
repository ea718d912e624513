//! The picture for those who are not of the working team: the same cases in bands, with small counts withheld and whatever
//! would tell them. It has no filters: two questions that differ by one village would tell the village.

use crate::cases::reach::left_out;
use crate::cases::views::filter::Filter;
use crate::cases::views::tally::Tally;
use base::{Day, Territory};
use disclosure::{Cell, Policy, Suppressed, Table};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

const POLICY: Policy = Policy::COLLEAGUES;

/// Longer curves are cut to their last year: it is what anybody asks of a picture of now.
const LONGEST_WEEKS: i32 = 53;

pub fn situation_in_outline(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    today: Day,
) -> Result<Json> {
    scope.demand(Permission::SituationRead)?;
    // Asking for a place outside is still refused as such; a place inside is answered with the whole.
    filter.territory_within(scope)?;
    let whole = Filter::default();
    let tally = Tally::of(query, &whole.conditions_of_all(scope, false)?)?;
    let mut table = Table::default();
    let all = table.whole(number(tally.total));
    let counties = county_counts(&tally.places);
    let on_map = table.split(all, &values(&counties));
    let found = table.split(all, &[tally.under_care, tally.community]);
    let (weeks, per_week) = weeks(&tally);
    let by_week = table.split(all, &per_week);
    let classes: BTreeMap<&str, u64> = tally
        .classifications
        .iter()
        .filter(|(class, _)| *class != "discarded")
        .map(|(class, count)| (class.as_str(), number(*count)))
        .collect();
    let by_class = table.split(all, &classes.values().copied().collect::<Vec<_>>());
    let contacts = contacts_by_county(query, scope)?;
    let mut watching = Table::default();
    let all_contacts = watching.whole(contacts.values().sum());
    let by_place = watching.split(all_contacts, &values(&contacts));
    let (told, told_contacts) = (table.told(POLICY), watching.told(POLICY));
    let each = |cells: &[Cell]| cells.iter().map(|cell| told.of(*cell)).collect::<Vec<Suppressed>>();
    let mut places: BTreeMap<&Territory, (Suppressed, Suppressed)> = BTreeMap::new();
    for (territory, cell) in counties.keys().zip(&on_map) {
        places.insert(territory, (told.of(*cell), Suppressed::None));
    }
    for (territory, cell) in contacts.keys().zip(&by_place) {
        places.entry(territory).or_insert((Suppressed::None, Suppressed::None)).1 = told_contacts.of(*cell);
    }
    Ok(json!({
        "outline": { "floor": POLICY.floor() },
        "today": today,
        "territory": scope.territory,
        "total_cases": told.of(all),
        "total_contacts": told_contacts.of(all_contacts),
        "found": { "under_care": told.of(found[0]), "community": told.of(found[1]) },
        "classifications": classes.keys().zip(each(&by_class)).collect::<BTreeMap<_, _>>(),
        "weeks": { "first_days": weeks, "counts": each(&by_week) },
        "map": places.into_iter().filter(|(territory, _)| territory.depth() == 3).map(|(territory, (cases, contacts))| {
            json!({ "territory": territory, "cases": cases, "contacts": contacts })
        }).collect::<Vec<_>>(),
    }))
}

/// How many cases and contacts each event has inside the scope, as somebody outside the team may know it. The events are
/// parts of all there is, so they are protected together, whichever of them is asked for.
pub fn event_counts(
    query: &mut dyn Query,
    scope: &Scope,
) -> Result<BTreeMap<String, (Suppressed, Suppressed)>> {
    let cases = counts_by_event(query, scope, false)?;
    let contacts = counts_by_event(query, scope, true)?;
    let (cases, contacts) = (told_parts(&cases), told_parts(&contacts));
    let mut events: BTreeMap<String, (Suppressed, Suppressed)> =
        cases.into_iter().map(|(event, told)| (event, (told, Suppressed::None))).collect();
    for (event, told) in contacts {
        events.entry(event).or_insert((Suppressed::None, Suppressed::None)).1 = told;
    }
    Ok(events)
}

/// The sum over all events is told elsewhere (the picture), so the parts are protected against it.
fn told_parts(counts: &BTreeMap<String, u64>) -> BTreeMap<String, Suppressed> {
    let mut table = Table::default();
    let all = table.whole(counts.values().sum());
    let cells = table.split(all, &values(counts));
    let told = table.told(POLICY);
    counts.keys().cloned().zip(cells.into_iter().map(|cell| told.of(cell))).collect()
}

fn counts_by_event(query: &mut dyn Query, scope: &Scope, contacts: bool) -> Result<BTreeMap<String, u64>> {
    let (first, past) = scope.territory.range();
    let mut params = vec![first.into(), past.into()];
    let unseen = left_out(&scope.kept.unseen, contacts, &mut params);
    let (table, alias) = if contacts { ("cases_contact", "k") } else { ("cases_case", "c") };
    let sql = format!(
        "SELECT coalesce({alias}.event, ''), count(*) FROM {table} {alias} \
         WHERE {alias}.territory >= $1 AND {alias}.territory < $2{unseen} GROUP BY {alias}.event"
    );
    let rows = query.rows(&sql, &params)?;
    rows.iter().map(|row| Ok((row.text(0)?, number(row.int(1)?)))).collect()
}

fn county_counts(places: &BTreeMap<Territory, i64>) -> BTreeMap<Territory, u64> {
    let mut counties: BTreeMap<Territory, u64> = BTreeMap::new();
    for (territory, cases) in places {
        *counties.entry(territory.at_depth(3)).or_default() += number(*cases);
    }
    counties
}

fn contacts_by_county(query: &mut dyn Query, scope: &Scope) -> Result<BTreeMap<Territory, u64>> {
    let all = Filter::default().conditions_of_all(scope, true)?;
    let sql =
        format!("SELECT k.territory, count(*) FROM cases_contact k WHERE {} GROUP BY k.territory", all.sql);
    let mut counties: BTreeMap<Territory, u64> = BTreeMap::new();
    for row in query.rows(&sql, &all.params)? {
        let territory: Territory = row.read(0)?;
        *counties.entry(territory.at_depth(3)).or_default() += number(row.int(1)?);
    }
    Ok(counties)
}

/// Cases by week, Monday to Sunday, of the day the curve shows them at.
fn weeks(tally: &Tally) -> (Vec<Day>, Vec<u64>) {
    let monday = |day: Day| day - i32::from(day.weekday() - 1);
    let mut weeks: BTreeMap<Day, u64> = BTreeMap::new();
    for ((day, _), count) in &tally.curve {
        *weeks.entry(monday(*day)).or_default() += number(*count);
    }
    let Some(last) = weeks.keys().next_back().copied() else { return (Vec::new(), Vec::new()) };
    let first = weeks.keys().next().copied().unwrap_or(last).max(last - 7 * (LONGEST_WEEKS - 1));
    let days: Vec<Day> = (0..=(last - first) / 7).map(|week| first + 7 * week).collect();
    let counts = days.iter().map(|day| weeks.get(day).copied().unwrap_or(0)).collect();
    (days, counts)
}

fn values<K>(counts: &BTreeMap<K, u64>) -> Vec<u64> {
    counts.values().copied().collect()
}

fn number(count: i64) -> u64 {
    count.unsigned_abs()
}

/// Cases by province, prefecture and county inside `territory`, as everybody may know them. They are protected as parts of
/// all there is, so that the bulletins of a province and of its counties never add up to more than one of them tells.
pub fn public_counts(query: &mut dyn Query, territory: &Territory) -> Result<Vec<(Territory, Suppressed)>> {
    let sql =
        "SELECT territory, count(*) FROM cases_case WHERE classification <> 'discarded' GROUP BY territory";
    let mut tree: BTreeMap<Territory, u64> = BTreeMap::new();
    for row in query.rows(sql, params![])? {
        let (at, count): (Territory, u64) = (row.read(0)?, number(row.int(1)?));
        for depth in 0..=at.depth().min(3) {
            *tree.entry(at.at_depth(depth)).or_default() += count;
        }
    }
    let mut table = Table::default();
    let mut cells: BTreeMap<&Territory, Cell> = BTreeMap::new();
    if let Some((all, count)) = tree.first_key_value() {
        cells.insert(all, table.whole(*count));
    }
    // A path comes after the one it lies in, so each whole is there before its parts.
    for at in tree.keys() {
        let cell = cells[at];
        let below = || tree.iter().filter(|(part, _)| part.depth() == at.depth() + 1 && at.holds(part));
        let parts: Vec<u64> = below().map(|(_, count)| *count).collect();
        for ((part, _), part_cell) in below().zip(table.split(cell, &parts)) {
            cells.insert(part, part_cell);
        }
    }
    let told = table.told(Policy::PUBLIC);
    let inside = cells.into_iter().filter(|(at, _)| territory.holds(at) && at.depth() > 0);
    Ok(inside.map(|(at, cell)| (at.clone(), told.of(cell))).collect())
}
