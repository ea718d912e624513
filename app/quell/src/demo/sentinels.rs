//! The demo's sentinel sites: half a year of quiet numbers up to yesterday, and a rise in the scenario's county.

use super::SEED;
use base::{Day, Id, Moment, Streams, Territory};
use futures_util::future::join_all;
use packs::Cadence;
use rooms::packed;
use rooms::surveillance::changes::{LinkReporter, Number, RegisterSite, ReportNumbers, Stated};
use scenario::{Sentinel, counted, rise_before, sent_by, sentinels};
use std::collections::BTreeMap;
use store::{Actor, Db, random_bits};

const DAYS: i32 = 182;

/// Reports that wait for one commit together.
const TOGETHER: usize = 256;

/// One evening after the other, as the sites would have sent them.
pub(super) fn send(db: &Db, county: &Territory) -> Result<(), String> {
    let today = rooms::House::clock().day_at_offset(480);
    let begun = Moment::start_of(today - DAYS, 480).plus_seconds(9 * 3600);
    let sites = sentinels(packed::shanxi(), &county.at_depth(2));
    let told = |fault: store::Error| format!("the demo's sentinel sites: {fault}");
    let ids = Streams::seeded(SEED);
    for site in &sites {
        let register = RegisterSite {
            id: Id::from_bits(random_bits()),
            site: id_of(&ids, site),
            territory: site.territory.clone(),
            kind: site.kind.to_owned(),
            name: site.name.clone(),
            indicators: Vec::new(),
            started: today - DAYS,
        };
        db.apply_now(&Actor::operator(), begun, register).map_err(told)?;
    }
    let operator = Actor::operator();
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|fault| fault.to_string())?;
    let rise = rise_before(today, county);
    for day in (today - DAYS).through(today - 1) {
        // Schools send in the early afternoon, the others after work.
        for (is_school, hour) in [(true, 14), (false, 19)] {
            let at = Moment::start_of(day, 480).plus_seconds(hour * 3600);
            let own = sites.iter().filter(|site| (site.kind == "school") == is_school);
            let reports: Vec<ReportNumbers> = own.filter_map(|site| report(&ids, site, day, &rise)).collect();
            let mut reports = reports.into_iter().peekable();
            while reports.peek().is_some() {
                let block: Vec<ReportNumbers> = reports.by_ref().take(TOGETHER).collect();
                let sent = block.into_iter().map(|report| db.apply(&operator, at, report));
                for outcome in runtime.block_on(join_all(sent)) {
                    outcome.map_err(told)?;
                }
            }
        }
    }
    Ok(())
}

/// The demo's county asks its public.
pub(super) fn ask_the_public(db: &Db, county: &Territory) -> Result<(), String> {
    let now = rooms::House::clock();
    let name = packed::shanxi().at(county).map(|county| &county.zh_short);
    let register = RegisterSite {
        id: Id::from_bits(random_bits()),
        site: Id::from_bits(Streams::seeded(SEED).of("the public").id_bits()),
        territory: county.clone(),
        kind: packs::PUBLIC.to_owned(),
        name: format!("{}公众自报", name.map_or("", String::as_str)),
        indicators: Vec::new(),
        started: now.day_at_offset(480),
    };
    db.apply_now(&Actor::operator(), now, register).map_err(|fault| fault.to_string())
}

/// The demo's sentinel reports for a school and the fever clinic of its county.
pub(super) fn link_reporter(db: &Db, county: &Territory) -> Result<(), String> {
    let ids = Streams::seeded(SEED);
    let own = sentinels(packed::shanxi(), &county.at_depth(2))
        .into_iter()
        .filter(|site| site.territory == *county && matches!(site.kind, "school" | "fever_clinic"));
    for site in own {
        let link = LinkReporter {
            id: Id::from_bits(random_bits()),
            site: id_of(&ids, &site),
            login: "sentinel".to_owned(),
        };
        db.apply_now(&Actor::operator(), rooms::House::clock(), link).map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

fn id_of(ids: &Streams, site: &Sentinel) -> Id<rooms::surveillance::Site> {
    Id::from_bits(ids.of(&format!("site {}", site.no)).id_bits())
}

/// What a site sends on a day; a week's numbers go with its Sunday.
fn report(ids: &Streams, site: &Sentinel, day: Day, rise: &scenario::Rise) -> Option<ReportNumbers> {
    let mut numbers = BTreeMap::new();
    for indicator in sent_by(packed::indicators(), site) {
        let begins = indicator.cadence.begins(day);
        if indicator.cadence == Cadence::Week && day != begins + 6 {
            continue;
        }
        if let Some((value, of)) = counted(SEED, site, indicator, begins, rise) {
            let number = Number {
                value: Stated::Number(f64::from(value)),
                of: of.map(|of| Stated::Number(f64::from(of))),
            };
            numbers.insert(indicator.id.clone(), number);
        }
    }
    (!numbers.is_empty()).then(|| ReportNumbers {
        id: Id::from_bits(random_bits()),
        site: id_of(ids, site),
        day,
        confirmed: numbers.keys().cloned().collect(),
        numbers,
    })
}
