//! The order of day and month for each date column, proved by cells, settled by neighbours, or asked for.

use super::note;
use crate::{
    Fact,
    dates::{DateFormat, DateRule, Written},
    mapping::{DateExample, DateRead, DateReading, Mapping},
    profile::{ColumnProfile, DateEvidence, Profile},
};
use std::collections::BTreeSet;

/// Share of the telling cells that must agree before a few contrary ones are taken for slips; they are then
/// reported one by one as `date.other_order` and left unread.
const SLIPS: f64 = 0.1;
/// Share of instants on one minute of the day from which they are midnights of a place.
const SAME_MINUTE: f64 = 0.9;

/// What the column's own cells and header prove.
pub fn reading(header: &str, fact: Fact, profile: &ColumnProfile) -> DateReading {
    let evidence = &profile.dates;
    let mut reading = DateReading {
        rule: DateRule {
            zone_minutes: zone(evidence),
            looks_back: fact == Fact::Birth,
            ..DateRule::default()
        },
        needs_year: evidence.without_year > 0,
        ..DateReading::default()
    };
    if evidence.pairs() == 0 {
        reading.chosen = plain_format(evidence);
        reading.possible = reading.chosen.into_iter().collect();
        return reading;
    }
    let order = proved(evidence).or_else(|| pattern(header, profile));
    reading.chosen = order;
    reading.rule.order = order;
    reading.possible = order.map_or_else(|| open_orders(evidence), |order| vec![order]);
    reading.ambiguous = order.is_none();
    reading.examples = examples(evidence, &reading);
    reading
}

/// The orders that nothing has excluded.
fn open_orders(evidence: &DateEvidence) -> Vec<DateFormat> {
    let contradicted = evidence.only_dmy > 0 && evidence.only_mdy > 0;
    let mut orders = Vec::new();
    if evidence.only_mdy == 0 || contradicted {
        orders.push(DateFormat::Dmy);
    }
    if evidence.only_dmy == 0 || contradicted {
        orders.push(DateFormat::Mdy);
    }
    if evidence.year_first() != Some(false) {
        orders.push(DateFormat::Ymd);
    }
    orders
}

/// The format of a column whose cells all say by themselves what they are: the most frequent one.
fn plain_format(evidence: &DateEvidence) -> Option<DateFormat> {
    let counts = [
        (evidence.ymd + evidence.bare_years, DateFormat::Ymd),
        (evidence.words, DateFormat::Words),
        (evidence.serials, DateFormat::Serial),
        (evidence.instants.values().sum(), DateFormat::Instant),
    ];
    counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(count, _)| *count)
        .map(|(_, format)| format)
}

/// The order that the telling cells prove; `None` when there are none or they disagree.
#[expect(clippy::cast_precision_loss, reason = "shares of cell counts")]
fn proved(evidence: &DateEvidence) -> Option<DateFormat> {
    match evidence.year_first() {
        Some(true) => return Some(DateFormat::Ymd),
        Some(false) => {}
        None => return None,
    }
    let (dmy, mdy) = (evidence.only_dmy as f64, evidence.only_mdy as f64);
    let all = dmy + mdy;
    if all == 0.0 {
        // Day, month and year with dots are day-first in every locale that writes them so (Unicode CLDR 46
        // has no M.d.y).
        return (evidence.either > 0 && evidence.dotted == evidence.either).then_some(DateFormat::Dmy);
    }
    if mdy <= all * SLIPS {
        Some(DateFormat::Dmy)
    } else if dmy <= all * SLIPS {
        Some(DateFormat::Mdy)
    } else {
        None
    }
}

/// A pattern in the header or the caption: `dd_mm_yyyy`, `(M/d/yyyy)`.
fn pattern(header: &str, profile: &ColumnProfile) -> Option<DateFormat> {
    let texts = [Some(header), profile.caption.as_deref()];
    texts.into_iter().flatten().find_map(|text| {
        let folded: String =
            text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '/' }).collect();
        let words: Vec<String> = folded.split('/').map(str::to_owned).collect();
        words.windows(2).find_map(|pair| match (pair[0].as_str(), pair[1].as_str()) {
            ("d" | "dd", "m" | "mm") => Some(DateFormat::Dmy),
            ("m" | "mm", "d" | "dd") => Some(DateFormat::Mdy),
            _ => None,
        })
    })
}

/// Instants that nearly all fall on the same minute are the midnights of one zone: `16:00Z` is midnight eight
/// hours east. Zones reach from UTC-12 to UTC+14, so minutes from 10:00 on are read as east of Greenwich.
fn zone(evidence: &DateEvidence) -> Option<i32> {
    let all: u64 = evidence.instants.values().sum();
    let (minute, count) = evidence.instants.iter().max_by_key(|(_, count)| **count)?;
    if crate::profile::share(*count, all)? < SAME_MINUTE {
        return None;
    }
    Some(match minute {
        0 => 0,
        minute if *minute >= 10 * 60 => 24 * 60 - minute,
        minute => -minute,
    })
}

fn examples(evidence: &DateEvidence, reading: &DateReading) -> Vec<DateExample> {
    let texts = evidence.open_examples.iter().chain(&evidence.proofs).take(4);
    let read = |text: &String| {
        let written = Written::in_text(text)?;
        let reads = reading.possible.iter().filter_map(|format| {
            let rule =
                DateRule { order: Some(*format), year: reading.rule.year.or(Some(2020)), ..reading.rule };
            rule.read(&written).ok().map(|stated| DateRead { format: *format, day: stated.day.to_string() })
        });
        Some(DateExample { text: text.clone(), reads: reads.collect() })
    };
    texts.filter_map(read).collect()
}

/// The codes of the notes that settling makes.
pub const SETTLED: [&str; 4] =
    ["date.order_from_neighbour", "date.order_by_convention", "date.instants", "date.year_from_file"];

/// Lets the columns of one file help each other, and writes down what was decided.
pub fn settle(mapping: &mut Mapping, profile: &Profile) {
    settle_order(mapping, profile);
    settle_zone(mapping, profile);
    settle_year(mapping, profile);
}

fn settle_order(mapping: &mut Mapping, profile: &Profile) {
    // Any column of the file may prove the order, mapped or not: one person typed them all.
    let mut orders: BTreeSet<DateFormat> = BTreeSet::new();
    let mut proof: Option<(String, String)> = None;
    for (column, seen) in mapping.columns.iter().zip(&profile.columns) {
        let telling = seen.dates.only_dmy + seen.dates.only_mdy;
        if telling == 0 || seen.date_share().unwrap_or(0.0) < 0.5 {
            continue;
        }
        if let Some(order) = proved(&seen.dates) {
            orders.insert(order);
            let text = seen.dates.proofs.iter().next().cloned().unwrap_or_default();
            proof.get_or_insert((column.header.clone(), text));
        }
    }
    let mut notes = Vec::new();
    let only = if orders.len() == 1 { orders.first().copied() } else { None };
    for (column, seen) in mapping.columns.iter_mut().zip(&profile.columns) {
        let header = column.header.clone();
        let Some(date) = column.date.as_mut().filter(|date| !date.said) else { continue };
        let conflicting = seen.dates.only_dmy > 0 && seen.dates.only_mdy > 0;
        if date.ambiguous
            && !conflicting
            && let (Some(order), Some((other, text))) = (only, &proof)
        {
            date.chosen = Some(order);
            date.rule.order = Some(order);
            date.possible = vec![order];
            date.ambiguous = false;
            let message = format!(
                "every date of `{header}` fits both day-first and month-first; it is read as {order} \
                 because `{other}` of the \
                 same file is (`{text}`); say otherwise with --date-format"
            );
            notes.push(note(&header, "date.order_from_neighbour", message));
        } else if let Some(reason) = convention(&header, date, seen) {
            let order = date.chosen.map_or("", DateFormat::word);
            let message = format!(
                "no date of `{header}` proves its order by itself; it is read as {order} because \
                 {reason}; say \
                 otherwise with --date-format"
            );
            notes.push(note(&header, "date.order_by_convention", message));
        }
    }
    mapping.notes.extend(notes);
}

/// Why an order was taken that no single cell proves.
fn convention(header: &str, date: &DateReading, seen: &ColumnProfile) -> Option<&'static str> {
    let telling = seen.dates.only_dmy + seen.dates.only_mdy;
    match date.chosen? {
        DateFormat::Ymd if seen.dates.pairs() > 0 => Some("its first numbers hardly change, as years do"),
        DateFormat::Dmy | DateFormat::Mdy if seen.dates.either > 0 && telling == 0 => {
            Some(if pattern(header, seen).is_some() {
                "its header shows the pattern"
            } else {
                "dates with dots are written day first"
            })
        }
        _ => None,
    }
}

fn settle_zone(mapping: &mut Mapping, profile: &Profile) {
    let zones: BTreeSet<i32> =
        mapping.columns.iter().filter_map(|column| column.date.as_ref()?.rule.zone_minutes).collect();
    let only = if zones.len() == 1 { zones.first().copied() } else { None };
    let mut notes = Vec::new();
    for (column, seen) in mapping.columns.iter_mut().zip(&profile.columns) {
        let instants: u64 = seen.dates.instants.values().sum();
        let Some(date) = column.date.as_mut().filter(|_| instants > 0) else { continue };
        date.rule.zone_minutes = date.rule.zone_minutes.or(only);
        let header = &column.header;
        let message = match date.rule.zone_minutes {
            Some(0) => continue,
            Some(minutes) => format!(
                "the instants of `{header}` are midnights of UTC{:+}:{:02} written in UTC; each is read \
                 as the day in that place",
                minutes / 60,
                (minutes % 60).abs()
            ),
            None => format!(
                "the instants of `{header}` fall on many times of day, so their zone cannot be seen; \
                 each is read as its day in UTC"
            ),
        };
        notes.push(note(header, "date.instants", message));
    }
    mapping.notes.extend(notes);
}

fn settle_year(mapping: &mut Mapping, profile: &Profile) {
    let mut years: BTreeSet<i16> = BTreeSet::new();
    for (column, seen) in mapping.columns.iter().zip(&profile.columns) {
        if column.date.is_some() && column.field.is_some_and(|field| field.fact != Fact::Birth) {
            years.extend(seen.dates.years.keys());
        }
    }
    let only = if years.len() == 1 { years.first().copied() } else { None };
    let mut notes = Vec::new();
    for column in &mut mapping.columns {
        let Some(date) = column.date.as_mut().filter(|date| date.needs_year) else { continue };
        if let Some(year) = only {
            date.rule.year = Some(year);
            date.needs_year = false;
            let message = format!(
                "some days of `{}` have no year; they are read as {year}, the year of every other date \
                 in the file",
                column.header
            );
            notes.push(note(&column.header, "date.year_from_file", message));
        }
    }
    mapping.notes.extend(notes);
}
