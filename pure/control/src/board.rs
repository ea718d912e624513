//! The levels of all townships at once, kept as cases come in: a find touches the places where somebody stayed, and nothing else is
//! thought about again.
//!
//! Deliberately absent: rounds of testing and contacts. What the board says is what finds demand as far as days go; whether a zone in
//! force may be left is `leave`.

use crate::demand::{Demand, demands, if_clean};
use crate::{Find, Unit};
use base::{Day, Territory};
use packs::{CountRule, DrawnBy, FindEffect, StayKind, ZoneScheme};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub struct Board<'a> {
    scheme: &'a ZoneScheme,
    look_back_days: u16,
    places: BTreeMap<Unit, Place>,
    /// By township, the days of those found there; only where levels are drawn by counts.
    counts: BTreeMap<Territory, BTreeMap<Day, BTreeSet<String>>>,
}

#[derive(Debug, Clone, Default)]
struct Place {
    demands: BTreeSet<Demand>,
    /// By level, the days from which it is counted: the last that has come decides.
    clocks: BTreeMap<usize, BTreeSet<Day>>,
}

/// What a place is on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The place of the level in the edition; absent where none holds.
    pub level: Option<usize>,
    /// It is what the rest of its county is, for something stricter elsewhere in it.
    pub as_rest: bool,
}

impl<'a> Board<'a> {
    pub fn new(scheme: &'a ZoneScheme, look_back_days: u16) -> Board<'a> {
        Board { scheme, look_back_days, places: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// Sent twice is known once, and the order in which finds come in does not matter.
    pub fn add(&mut self, find: &Find) {
        if self.scheme.drawn_by == DrawnBy::Counts {
            self.count(find);
            return;
        }
        for demand in demands(self.scheme, self.look_back_days, find) {
            let place = self.places.entry(demand.unit.clone()).or_default();
            place.clocks.entry(demand.level).or_default().insert(demand.clock);
            place.demands.insert(demand);
        }
    }

    fn count(&mut self, find: &Find) {
        if find.how.effect(&self.scheme.finds) == FindEffect::Keep {
            return;
        }
        let home = find.stays.iter().find(|stay| stay.kind == StayKind::Residence);
        if let Some(home) = home {
            let township = home.unit.territory.at_depth(4);
            self.counts.entry(township).or_default().entry(find.day).or_default().insert(find.id.clone());
        }
    }

    /// The level of each place on a day, in the order given.
    pub fn levels(&self, places: &[Territory], on: Day) -> Vec<Standing> {
        let mut counties: BTreeMap<Territory, bool> = BTreeMap::new();
        places
            .iter()
            .map(|place| {
                if let Some(level) = self.own_level(place, on) {
                    return Standing { level: Some(level), as_rest: false };
                }
                let county = place.at_depth(3);
                let strict =
                    *counties.entry(county).or_insert_with_key(|county| self.own_level(county, on).is_some());
                let rest = self.scheme.levels.iter().position(|level| level.rest_of_county);
                Standing { level: rest.filter(|_| strict), as_rest: strict }
            })
            .collect()
    }

    /// The strictest level demanded of a place, of anything in it, or of anything it lies in.
    fn own_level(&self, place: &Territory, on: Day) -> Option<usize> {
        if let Some(rule) = &self.scheme.counts {
            return self.by_counts(rule, place, on);
        }
        let (first, past) = place.range();
        let first =
            Unit { territory: first.parse().ok()?, part: Vec::new(), kind: packs::UnitKind::Stairwell };
        let inside = self
            .places
            .range(first..)
            .take_while(|(unit, _)| unit.territory.path() < past.as_str())
            .map(|(_, place)| place);
        let around =
            (3..place.depth()).filter_map(|depth| self.places.get(&Unit::whole(place.at_depth(depth))));
        inside.chain(around).filter_map(|place| self.standing(place, on)).min()
    }

    fn standing(&self, place: &Place, on: Day) -> Option<usize> {
        let held = place.clocks.iter().filter_map(|(level, clocks)| {
            let clock = clocks.range(..=on).next_back()?;
            if_clean(self.scheme, *level, *clock, on)
        });
        held.min()
    }

    /// # Source
    /// Levels by street and township of February 2020 (docs/sources.md#protocols): nobody new for so many days is low; more in all than
    /// the limit and a cluster is high; what is between is medium.
    fn by_counts(&self, rule: &CountRule, place: &Territory, on: Day) -> Option<usize> {
        let (first, past) = place.range();
        let mut strictest = None;
        for (_, days) in self
            .counts
            .range(first.parse::<Territory>().ok()?..)
            .take_while(|(township, _)| township.path() < past.as_str())
        {
            let since = |days_back: u16| on - i32::from(days_back) + 1;
            let found = |from: Option<Day>| -> usize {
                let range = match from {
                    Some(from) => days.range(from..=on),
                    None => days.range(..=on),
                };
                range.map(|(_, who)| who.len()).sum()
            };
            if found(Some(since(rule.days))) == 0 {
                continue;
            }
            let many = found(None) > rule.most as usize;
            let cluster = found(Some(since(rule.cluster_days))) >= rule.cluster as usize;
            let level = usize::from(!(many && cluster));
            strictest = Some(strictest.map_or(level, |held: usize| held.min(level)));
        }
        strictest
    }

    /// Everything that speaks for a level at a place, at what lies in it and at what it lies in.
    pub fn reasons(&self, place: &Unit) -> Vec<&Demand> {
        let touching = self.places.iter().filter(|(unit, _)| unit.touches(place));
        touching.flat_map(|(_, place)| &place.demands).collect()
    }

    /// The places of which something is demanded on a day, with the level: what a proposal is made of.
    pub fn demanded(&self, on: Day) -> Vec<(&Unit, usize)> {
        let held = self.places.iter().filter_map(|(unit, place)| Some((unit, self.standing(place, on)?)));
        held.collect()
    }
}
