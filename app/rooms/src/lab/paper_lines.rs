//! A line of a paper list that a telephone has put into a tube, and the same line with a name typed in later: one swab.
//!
//! Deliberately absent: what two registrations disagree about otherwise; that is `lab::merge_registrations`.

use crate::lab::changes::TUBES_OF_A_LAYER;
use crate::lab::indexing::LAYERED_SWABS;
use crate::lab::people::{Swab, Way};
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Moment};
use lab::Barcode;
use std::collections::{BTreeMap, HashSet};
use store::{Query, Result, Tx, params};

/// A sheet has one time for a tube, to the minute, and a telephone one for each swab: so far apart they may be of one sampling.
const SHEET_MS: i64 = 30 * 60_000;

/// Both registrations with the same names for the same people.
pub(crate) struct SameLines {
    /// As they stand in the tables, with what the other says of who they are.
    pub known: Vec<Swab>,
    pub told: Vec<Swab>,
    /// Which of the known got a name by this, and the place it is told under.
    pub named: BTreeMap<usize, u8>,
}

impl SameLines {
    pub fn found(known: &[Swab], told: &[Swab]) -> SameLines {
        let mut same = SameLines { known: known.to_vec(), told: told.to_vec(), named: BTreeMap::new() };
        for new in &mut same.told {
            let of_line = |old: &Swab| old.sheet.is_some() && old.sheet == new.sheet;
            let by_line =
                same.known.iter().position(|old| of_line(old) && (!says_who(old) || !says_who(new)));
            let found = same.known.iter().position(|old| says_who(old) && old.person() == new.person());
            let Some(place) = found.or(by_line) else { continue };
            let old = &mut same.known[place];
            if !says_who(old) && says_who(new) {
                old.mark.clone_from(&new.mark);
                old.holder.clone_from(&new.holder);
                same.named.insert(place, new.position);
            } else if !says_who(new) {
                new.mark.clone_from(&old.mark);
                new.holder.clone_from(&old.holder);
                if !says_who(old) {
                    // The line alone, told twice.
                    new.position = old.position;
                }
            }
            if old.sheet.is_none() {
                old.sheet.clone_from(&new.sheet);
            }
            let on_paper = old.way == Way::Paper || new.way == Way::Paper;
            if on_paper && (old.at - new.at).abs() <= SHEET_MS {
                new.at = old.at;
            }
        }
        same
    }

    /// The known ones as they are kept from now on: names that this registration brought lie in its own envelope.
    pub fn with_names(&self, envelope: usize) -> Vec<Swab> {
        let mut people = self.known.clone();
        for (place, told) in &self.named {
            people[*place].told_in = Some((envelope, *told));
        }
        people
    }
}

fn says_who(swab: &Swab) -> bool {
    swab.mark.is_some() || swab.holder.is_some()
}

/// Places whose people are in another tube of the same day, of those the writer reaches: whoever types a list was not there to ask.
pub(crate) fn same_day(tx: &mut Tx<'_>, tube: &Barcode, people: &[Swab]) -> Result<Vec<u8>> {
    let (first, past) = tx.actor.scope.territory.range();
    let newest = typed_just_now(tx, tube)?;
    let mut places = Vec::new();
    for swab in people {
        let day = Moment(swab.at).day_at_offset(UTC_OFFSET_MINUTES);
        let (from, until) =
            (Moment::start_of(day, UTC_OFFSET_MINUTES), Moment::start_of(day + 1, UTC_OFFSET_MINUTES));
        for (who, position) in swab.known_by() {
            if newest.get(&day).is_some_and(|people| people.contains(&who)) {
                places.push(position);
                continue;
            }
            let sql = format!(
                "SELECT count(*) FROM {LAYERED_SWABS} CROSS JOIN lab_tube t \
                       WHERE s.layer = y.layer AND t.seq = s.tube AND s.who = $1 AND t.barcode <> $2 AND t.closed >= $3 AND t.closed < $4 \
                       AND t.territory >= $5 AND t.territory < $6"
            );
            let values = params![who, tube.as_str(), from, until, first.clone(), past.clone()];
            if tx.count(&sql, values)? > 0 {
                places.push(position);
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// Who is in a list's own other tubes, which the index does not know yet, by the day. Those of telephones are in it half a minute after
/// they came in; to read a whole morning's rush for each tube of a list would make every sampler wait for one typist.
fn typed_just_now(tx: &mut Tx<'_>, tube: &Barcode) -> Result<BTreeMap<Day, HashSet<String>>> {
    let (first, past) = tx.actor.scope.territory.range();
    let sql = "SELECT closed, people FROM lab_tube WHERE seq > (SELECT coalesce(max(last_tube), 0) FROM lab_layer) \
               AND seq > (SELECT coalesce(max(seq), 0) FROM lab_tube) - $4 AND papers IS NOT NULL \
               AND barcode <> $1 AND territory >= $2 AND territory < $3 ORDER BY seq";
    let mut newest: BTreeMap<Day, HashSet<String>> = BTreeMap::new();
    for row in tx.rows(sql, params![tube.as_str(), first, past, 2 * TUBES_OF_A_LAYER])? {
        let day = Moment(row.int(0)?).day_at_offset(UTC_OFFSET_MINUTES);
        let people: Vec<Swab> = row.json(1)?;
        newest.entry(day).or_default().extend(people.iter().flat_map(Swab::known_by).map(|(who, _)| who));
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swab(position: u8, sheet: Option<&str>, mark: Option<&str>) -> Swab {
        Swab {
            position,
            at: 0,
            way: Way::Paper,
            mark: mark.map(str::to_owned),
            holder: None,
            sheet: sheet.map(str::to_owned),
            told_in: None,
        }
    }

    #[test]
    fn a_line_gets_its_name_from_whichever_says_it() {
        let (line, named) = (swab(1, Some("A7/1"), None), swab(1, Some("A7/1"), Some("li")));
        let later = SameLines::found(std::slice::from_ref(&line), std::slice::from_ref(&named));
        assert_eq!(later.known[0].person(), later.told[0].person());
        assert_eq!(later.with_names(1)[0].told_in, Some((1, 1)));
        let before = SameLines::found(std::slice::from_ref(&named), std::slice::from_ref(&line));
        assert_eq!(before.known[0].person(), before.told[0].person());
        assert_eq!(before.named, BTreeMap::new(), "who came second brought no name");
    }

    #[test]
    fn two_names_on_one_line_stay_two_people_and_a_name_alone_is_not_taken_for_another_line() {
        let (li, wang) = (swab(1, Some("A7/1"), Some("li")), swab(1, Some("A7/1"), Some("wang")));
        let same = SameLines::found(std::slice::from_ref(&li), std::slice::from_ref(&wang));
        assert_ne!(same.known[0].person(), same.told[0].person());
        let (line, other) = (swab(2, Some("A7/2"), None), swab(1, Some("A7/1"), Some("li")));
        let same = SameLines::found(std::slice::from_ref(&line), std::slice::from_ref(&other));
        assert_ne!(same.known[0].person(), same.told[0].person());
    }

    #[test]
    fn a_time_from_a_sheet_gives_way_to_the_telephones_and_another_sampling_does_not() {
        let mut old = swab(1, None, Some("li"));
        (old.way, old.at) = (Way::Number, 5 * 60_000);
        let mut new = swab(1, Some("A7/1"), Some("li"));
        let told =
            |new: &Swab| SameLines::found(std::slice::from_ref(&old), std::slice::from_ref(new)).told[0].at;
        assert_eq!(told(&new), old.at);
        new.at = old.at + SHEET_MS + 1;
        assert_eq!(told(&new), new.at);
    }
}
