//! When the 9th edition lets each place go, from its coming onto the list and from who was found there after.

use super::history::{Episode, History, Level};
use base::Day;
use control::{AboveSeen, FindInside, How, ZoneSeen, leave};
use packs::ZoneScheme;

/// Before it the lists followed other rules.
const IN_FORCE: (i16, i8, i8) = (2022, 6, 28);

pub struct Predictor {
    scheme: ZoneScheme,
    in_force: Day,
}

#[derive(Debug)]
pub struct Predicted<'a> {
    pub episode: &'a Episode,
    /// Days it was on the list.
    pub listed: f64,
    pub after_high: bool,
    /// New high risk areas of the same compound or village while it was listed.
    pub finds: usize,
    /// Days the rules give it.
    pub predicted: f64,
}

impl Predicted<'_> {
    /// Positive where the rules would have kept it longer.
    pub fn error(&self) -> f64 {
        self.predicted - self.listed
    }
}

#[derive(Debug, Default)]
pub struct Told<'a> {
    pub scored: Vec<Predicted<'a>>,
    from_the_start: usize,
    still_listed: usize,
    low: usize,
    other_rules: usize,
    unknown: usize,
}

impl Told<'_> {
    pub fn print_left_out(&self) {
        eprintln!("{} of them are judged; not judged are", self.scored.len());
        for (many, why) in [
            (self.low, "low risk areas: they are what is left of a county"),
            (self.from_the_start, "on the first list already: nobody knows since when"),
            (self.still_listed, "still on the last list"),
            (self.other_rules, "from before 2022-06-28, under other rules"),
            (self.unknown, "of which the rules give no day"),
        ] {
            if many > 0 {
                eprintln!("  {many} {why}");
            }
        }
    }
}

impl Predictor {
    pub fn ninth_edition() -> Result<Predictor, String> {
        let protocols = packs::shipped::protocols().map_err(|faults| faults.to_string())?;
        let scheme = protocols.by_id("cn-covid-9").and_then(|one| one.zones.clone());
        let scheme = scheme.ok_or("the pack cn-covid-9 has no zones; compare with the shipped one")?;
        let (year, month, day) = IN_FORCE;
        let in_force = Day::of(year, month, day).ok_or("no such day")?;
        Ok(Predictor { scheme, in_force })
    }

    pub fn predict<'a>(&self, history: &'a History) -> Told<'a> {
        let mut told = Told::default();
        for episode in &history.episodes {
            let Some(until) = episode.until else {
                told.still_listed += 1;
                continue;
            };
            if episode.level == Level::Low {
                told.low += 1;
            } else if episode.from_the_start {
                told.from_the_start += 1;
            } else if episode.from.day < self.in_force {
                told.other_rules += 1;
            } else {
                let finds = finds_in(history, episode);
                let after_high = episode.level == Level::Medium && episode.before == Some(Level::High);
                match self.days(episode, after_high, &finds) {
                    Some(predicted) => told.scored.push(Predicted {
                        episode,
                        listed: episode.from.days_until(until),
                        after_high,
                        finds: finds.len(),
                        predicted,
                    }),
                    None => told.unknown += 1,
                }
            }
        }
        told
    }

    /// As they would be told on the day of the last find, if every round is clean.
    fn days(&self, episode: &Episode, after_higher: bool, finds: &[FindInside]) -> Option<f64> {
        let since = episode.from.day;
        let today = finds.iter().map(|find| find.day).max().unwrap_or(since);
        let zone = ZoneSeen {
            level: episode.level.word().to_owned(),
            since,
            after_higher,
            finds: finds.to_vec(),
            rounds: Vec::new(),
            contacts: None,
            above: AboveSeen::default(),
        };
        Some(f64::from(leave(&self.scheme, &zone, today)?.on? - since))
    }
}

/// Another building of the same compound came onto the high list meanwhile: somebody was found there.
fn finds_in(history: &History, episode: &Episode) -> Vec<FindInside> {
    let within = |at| at > episode.from && episode.until.is_none_or(|until| at < until);
    let others = history.episodes.iter().filter(|other| {
        other.level == Level::High
            && other.place != episode.place
            && other.place.is_with(&episode.place)
            && within(other.from)
    });
    others
        .map(|other| FindInside { day: other.from.day, id: other.place.part.clone(), how: How::Community })
        .collect()
}

pub fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        many if many % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The number of days, to a quarter, whose median error on these very places is smallest: nobody could have known it before.
pub fn best_constant(listed: &[f64]) -> f64 {
    let off = |days: f64| median(&listed.iter().map(|one| (days - one).abs()).collect::<Vec<_>>());
    let quarters = (0..=120).map(|quarter| f64::from(quarter) / 4.0);
    quarters.min_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(f64::NAN)
}
