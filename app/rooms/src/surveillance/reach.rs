//! Whether somebody reaches a site or a signal. Outside the reach it does not exist.

use crate::refuse::missing;
use crate::surveillance::{Signal, Site};
use base::{Day, Id, Moment, Territory};
use packs::Indicator;
use store::{Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub struct SiteRecord {
    pub id: Id<Site>,
    pub territory: Territory,
    pub kind: String,
    pub name: String,
    pub indicators: Vec<String>,
    pub started: Day,
    pub ended: Option<Day>,
}

pub(crate) const SITE_COLUMNS: &str = "s.id, s.territory, s.kind, s.name, s.indicators, s.started, s.ended";

impl SiteRecord {
    pub(crate) fn of(row: &Row) -> Result<SiteRecord> {
        Ok(SiteRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            kind: row.text(2)?,
            name: row.text(3)?,
            indicators: row.json(4)?,
            started: row.read(5)?,
            ended: row.opt_read(6)?,
        })
    }

    /// What it sends, as the pack describes it; a word the pack no longer knows is passed over.
    pub(crate) fn sends(&self) -> impl Iterator<Item = &'static Indicator> + '_ {
        self.indicators.iter().filter_map(|id| crate::packed::indicators().by_id(id))
    }

    pub(crate) fn is_asked_on(&self, day: Day) -> bool {
        self.started <= day && self.ended.is_none_or(|ended| day <= ended)
    }

    /// Whether somebody is waiting for its number of that day. The public owes nobody a report.
    pub(crate) fn owes(&self, day: Day) -> bool {
        self.kind != packs::PUBLIC && self.is_asked_on(day)
    }
}

/// Where what the public of a place says is counted; none when it is not asked.
pub(crate) fn public_site(query: &mut dyn Query, place: &Territory, day: Day) -> Result<Option<SiteRecord>> {
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_site s WHERE s.territory = $1 AND s.kind = $2 ORDER BY s.id"
    );
    for row in query.rows(&sql, params![place, packs::PUBLIC])? {
        let site = SiteRecord::of(&row)?;
        if site.is_asked_on(day) {
            return Ok(Some(site));
        }
    }
    Ok(None)
}

/// The places that ask their public, on a day.
pub(crate) fn public_counties(query: &mut dyn Query, day: Day) -> Result<Vec<Territory>> {
    let sql = "SELECT DISTINCT territory FROM surveillance_site WHERE kind = $1 AND started <= $2 \
               AND (ended IS NULL OR ended >= $2) ORDER BY territory";
    query.rows(sql, params![packs::PUBLIC, day])?.iter().map(|row| row.read(0)).collect()
}

pub(crate) fn site_within(query: &mut dyn Query, scope: &Scope, site: Id<Site>) -> Result<SiteRecord> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM surveillance_site s WHERE s.id = $1");
    let found = query.first(&sql, params![site])?.as_ref().map(SiteRecord::of).transpose()?;
    found.filter(|site| scope.reaches(&site.territory)).ok_or_else(|| missing("site", "哨点"))
}

pub(crate) fn site_in_reach(tx: &mut Tx<'_>, site: Id<Site>) -> Result<SiteRecord> {
    let actor = tx.actor;
    site_within(tx, &actor.scope, site)
}

/// What a change of a signal has to know of it.
#[derive(Debug, Clone)]
pub(crate) struct SignalRecord {
    pub territory: Territory,
    pub grade: String,
    pub state: String,
    pub raised: Moment,
    pub last_day: Day,
}

pub(crate) fn signal_in_reach(tx: &mut Tx<'_>, signal: Id<Signal>) -> Result<SignalRecord> {
    let sql = "SELECT territory, grade, state, raised, last_day FROM surveillance_signal WHERE id = $1";
    let found = tx.first(sql, params![signal])?;
    let found = found.map(|row| {
        Ok::<_, store::Error>(SignalRecord {
            territory: row.read(0)?,
            grade: row.text(1)?,
            state: row.text(2)?,
            raised: Moment(row.int(3)?),
            last_day: row.read(4)?,
        })
    });
    let scope = &tx.actor.scope;
    found
        .transpose()?
        .filter(|signal| scope.reaches(&signal.territory))
        .ok_or_else(|| missing("signal", "预警信号"))
}
