//! From lists as they stood to places: when each came onto a list, at which level, and when it left.

use super::text::said;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::BufRead;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Low,
    Medium,
    High,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub city: String,
    pub county: String,
    pub head: String,
    pub part: String,
}

impl Place {
    /// The same compound or village, whichever building.
    pub fn is_with(&self, other: &Place) -> bool {
        self.city == other.city && self.county == other.county && self.head == other.head
    }
}

/// The hour at which a list stood, in the place's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour {
    pub day: base::Day,
    pub hour: u8,
}

impl Hour {
    pub fn days_until(self, later: Hour) -> f64 {
        f64::from(later.day - self.day) + (f64::from(later.hour) - f64::from(self.hour)) / 24.0
    }

    /// `2022-04-15 11时`
    fn read(text: &str) -> Option<Hour> {
        let (day, hour) = text.trim().split_once(' ')?;
        let hour: u8 = hour.trim().trim_end_matches('时').parse().ok()?;
        Some(Hour { day: day.parse().ok()?, hour }).filter(|_| hour < 24)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:00", self.day, self.hour)
    }
}

/// A place at one level without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub place: Place,
    pub level: Level,
    pub from: Hour,
    /// Absent while it is on the last list.
    pub until: Option<Hour>,
    /// The level just before, if it was on a list.
    pub before: Option<Level>,
    /// On the first list already: nobody knows since when.
    pub from_the_start: bool,
}

#[derive(Debug, Default)]
pub struct Account {
    pub lists: usize,
    pub unread: usize,
    pub lines: usize,
    pub texts: usize,
    pub many: usize,
    pub except: usize,
    pub whole: usize,
}

#[derive(Debug, Default)]
pub struct History {
    pub episodes: Vec<Episode>,
    pub account: Account,
}

#[derive(Deserialize)]
struct List {
    end_update_time: String,
    #[serde(default)]
    highlist: Option<Vec<Entry>>,
    #[serde(default)]
    middlelist: Option<Vec<Entry>>,
    #[serde(default)]
    lowlist: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    city: String,
    county: String,
    communitys: Vec<String>,
}

struct Open {
    level: Level,
    from: Hour,
    before: Option<Level>,
    from_the_start: bool,
}

/// Lists in the order of their hours; one that goes back in time is refused, because coming and leaving would change places.
pub fn read_history(lists: impl BufRead) -> Result<History, String> {
    let mut history = History::default();
    let mut open: BTreeMap<Place, Open> = BTreeMap::new();
    let mut texts = BTreeSet::new();
    let mut last: Option<Hour> = None;
    for (number, line) in lists.lines().enumerate() {
        let line = line.map_err(|why| format!("line {}: {why}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        history.account.lists += 1;
        let list: Result<List, _> = serde_json::from_str(&line);
        let hour = list.as_ref().ok().and_then(|list| Hour::read(&list.end_update_time));
        let (Ok(list), Some(hour)) = (list, hour) else {
            history.account.unread += 1;
            continue;
        };
        if last.is_some_and(|last| hour < last) {
            return Err(format!(
                "line {} is of {hour}, before the line above it; sort the lists",
                number + 1
            ));
        }
        let stands = history.account.places_of(&list, &mut texts);
        history.episodes.extend(ended(&mut open, &stands, hour));
        let before: BTreeMap<Place, Level> = history
            .episodes
            .iter()
            .filter(|one| one.until == Some(hour))
            .map(|one| (one.place.clone(), one.level))
            .collect();
        for (place, level) in stands {
            open.entry(place).or_insert_with_key(|place| Open {
                level,
                from: hour,
                before: before.get(place).copied(),
                from_the_start: last.is_none(),
            });
        }
        last = Some(hour);
    }
    if history.account.lists == history.account.unread {
        return Err(
            "no line is such a list; each is a JSON object with end_update_time and highlist".to_owned()
        );
    }
    history.account.texts = texts.len();
    history.episodes.extend(open.into_iter().map(|(place, held)| held.closed(place, None)));
    Ok(history)
}

impl Open {
    fn closed(self, place: Place, until: Option<Hour>) -> Episode {
        let Open { level, from, before, from_the_start } = self;
        Episode { place, level, from, until, before, from_the_start }
    }
}

/// Those that are gone, or stand at another level.
fn ended(open: &mut BTreeMap<Place, Open>, stands: &BTreeMap<Place, Level>, hour: Hour) -> Vec<Episode> {
    let gone: Vec<Place> = open
        .iter()
        .filter(|(place, held)| stands.get(place) != Some(&held.level))
        .map(|(place, _)| place.clone())
        .collect();
    gone.into_iter().filter_map(|place| Some(open.remove(&place)?.closed(place, Some(hour)))).collect()
}

impl Account {
    /// A place on two lists at once counts at the stricter level.
    fn places_of(&mut self, list: &List, texts: &mut BTreeSet<String>) -> BTreeMap<Place, Level> {
        let mut stands = BTreeMap::new();
        for (level, entries) in
            [(Level::Low, &list.lowlist), (Level::Medium, &list.middlelist), (Level::High, &list.highlist)]
        {
            for entry in entries.iter().flatten() {
                for line in &entry.communitys {
                    self.lines += 1;
                    let told = said(&entry.county, line);
                    // Warts are counted once for each text, not once for each list it stands on.
                    if texts.insert(format!("{} {} {line}", entry.city, entry.county)) {
                        self.many += usize::from(told.parts.len() > 1);
                        self.except += usize::from(told.except);
                        self.whole += usize::from(told.whole);
                    }
                    for part in told.parts {
                        let (city, county) = (entry.city.clone(), entry.county.clone());
                        stands.insert(Place { city, county, head: told.head.clone(), part }, level);
                    }
                }
            }
        }
        stands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(time: &str, high: &[&str], medium: &[&str]) -> String {
        let entry = |lines: &[&str]| serde_json::json!([{ "city": "晋中市", "county": "太谷区", "communitys": lines }]);
        let told = serde_json::json!({ "end_update_time": time, "highlist": entry(high), "middlelist": entry(medium) });
        format!("{told}\n")
    }

    #[test]
    fn a_place_that_is_only_spelt_anew_has_not_left() {
        let lists = [
            list("2022-07-01 09时", &["甲小区1号楼、2号楼"], &[]),
            list("2022-07-03 09时", &["甲小区１号楼", "甲2号楼", "乙村"], &[]),
            list("2022-07-08 21时", &["甲1号楼"], &["乙村"]),
        ]
        .concat();
        let history = read_history(lists.as_bytes()).unwrap();
        let of = |head: &str, part: &str| -> Vec<(Level, Option<String>, Option<Level>)> {
            let own = history.episodes.iter().filter(|one| one.place.head == head && one.place.part == part);
            own.map(|one| (one.level, one.until.map(|hour| hour.to_string()), one.before)).collect()
        };
        assert_eq!(of("甲", "1"), [(Level::High, None, None)]);
        assert_eq!(of("甲", "2"), [(Level::High, Some("2022-07-08 21:00".to_owned()), None)]);
        let mut second = of("乙村", "");
        second.sort();
        assert_eq!(second[0], (Level::Medium, None, Some(Level::High)));
        assert_eq!(history.account.many, 1);
    }

    #[test]
    fn lists_out_of_order_and_no_lists_are_refused() {
        let lists = [list("2022-07-03 09时", &["甲"], &[]), list("2022-07-01 09时", &["甲"], &[])].concat();
        assert!(read_history(lists.as_bytes()).unwrap_err().contains("sort the lists"));
        assert!(read_history("{}\n".as_bytes()).unwrap_err().contains("no line is such a list"));
    }
}
