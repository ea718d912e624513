//! What came, what was let in and what was told to come again, second by second for five minutes. No address, no account, no place:
//! whoever asks whose fault it is may read all of it.

use super::Class;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const SECONDS: i64 = 300;
/// A few more lie in the ring, so that the second being counted takes the place of one that is told no more.
const RING: usize = SECONDS as usize + 10;
const CLASSES: usize = Class::ALL.len();

/// Two to a doubling, from a quarter of a millisecond to sixteen seconds: a p99 is told within a fifth.
const STEPS: usize = 33;
const FIRST_US: f64 = 250.0;

#[derive(Clone, Default)]
struct Cell {
    arrived: u32,
    admitted: u32,
    refused: u32,
    /// Neither done nor told when to come again: the house's own fault.
    failed: u32,
    /// Most who waited on the bench.
    waiting: u32,
    /// Of a thousand seats.
    fullest: u32,
    took: Took,
}

#[derive(Clone)]
struct Took([u32; STEPS]);

impl Default for Took {
    fn default() -> Took {
        Took([0; STEPS])
    }
}

impl Took {
    fn add(&mut self, took: Duration) {
        let doublings = (took.as_secs_f64() * 1e6 / FIRST_US).max(1.0).log2();
        self.0[((doublings * 2.0).ceil() as usize).min(STEPS - 1)] += 1;
    }

    /// The upper end of the step in which the rank lies; `None` when nothing was answered.
    fn within_ms(&self, share: f64) -> Option<f64> {
        let all: u32 = self.0.iter().sum();
        let rank = (share * f64::from(all)).ceil().max(1.0) as u32;
        let mut so_far = 0;
        let at = self.0.iter().position(|count| {
            so_far += count;
            so_far >= rank
        })?;
        Some((FIRST_US * 2f64.powf(at as f64 / 2.0) / 100.0).round() / 10.0)
    }
}

/// What happens to a request, told by the door.
#[derive(Debug, Clone, Copy)]
pub enum Happened {
    Arrived,
    Admitted,
    Refused,
    Failed,
    Waits { waiting: usize, seats: usize },
    Answered { took: Duration },
}

/// Of one second, all but the extras: they are what gives way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Strain {
    /// The fullest bench, 0 to 1.
    pub fullest: f64,
    pub refused: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub arrived: u64,
    pub refused: u64,
    pub failed: u64,
}

pub(super) struct Counts {
    seconds: Vec<(i64, [Cell; CLASSES])>,
    /// The first second this program counted.
    since: Option<i64>,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts { seconds: vec![(i64::MIN, <[Cell; CLASSES]>::default()); RING], since: None }
    }
}

impl Counts {
    fn at(&mut self, second: i64) -> &mut [Cell; CLASSES] {
        // A clock set back counts from there on.
        self.since = Some(self.since.map_or(second, |since| since.min(second)));
        let slot = &mut self.seconds[second.rem_euclid(RING as i64) as usize];
        if slot.0 != second {
            *slot = (second, <[Cell; CLASSES]>::default());
        }
        &mut slot.1
    }

    fn of(&self, second: i64) -> Option<&[Cell; CLASSES]> {
        let (at, cells) = &self.seconds[second.rem_euclid(RING as i64) as usize];
        (*at == second).then_some(cells)
    }

    pub fn note(&mut self, second: i64, class: Class, happened: Happened) {
        let cell = &mut self.at(second)[class.place()];
        match happened {
            Happened::Arrived => cell.arrived += 1,
            Happened::Admitted => cell.admitted += 1,
            Happened::Refused => cell.refused += 1,
            Happened::Failed => cell.failed += 1,
            Happened::Waits { waiting, seats } => {
                cell.waiting = cell.waiting.max(u32::try_from(waiting).unwrap_or(u32::MAX));
                let share = waiting * 1000 / seats.max(1);
                cell.fullest = cell.fullest.max(u32::try_from(share).unwrap_or(u32::MAX));
            }
            Happened::Answered { took } => cell.took.add(took),
        }
    }

    pub fn strain(&self, second: i64) -> Strain {
        let Some(cells) = self.of(second) else { return Strain::default() };
        let counted = &cells[..Class::Extras.place()];
        Strain {
            fullest: counted.iter().map(|cell| f64::from(cell.fullest) / 1000.0).fold(0.0, f64::max),
            refused: counted.iter().any(|cell| cell.refused > 0),
        }
    }

    /// Of a class, from one second up to another that does not count.
    pub fn sum(&self, class: Class, from: i64, to: i64) -> Sum {
        let cells = (from..to).filter_map(|second| self.of(second)).map(|cells| &cells[class.place()]);
        cells.fold(Sum::default(), |sum, cell| Sum {
            arrived: sum.arrived + u64::from(cell.arrived),
            refused: sum.refused + u64::from(cell.refused),
            failed: sum.failed + u64::from(cell.failed),
        })
    }

    /// Whole seconds up to `now`, which is still being counted; nothing from before this program ran.
    pub fn told(&self, now: i64) -> Value {
        let from = (now - SECONDS).max(self.since.unwrap_or(now)).min(now);
        let mut classes = serde_json::Map::new();
        for class in Class::ALL {
            let column = |of: &dyn Fn(&Cell) -> Value| -> Vec<Value> {
                let empty = Cell::default();
                let cells =
                    (from..now).map(|second| self.of(second).map_or(&empty, |cells| &cells[class.place()]));
                cells.map(of).collect()
            };
            let columns = json!({
                "arrived": column(&|cell| json!(cell.arrived)),
                "admitted": column(&|cell| json!(cell.admitted)),
                "refused": column(&|cell| json!(cell.refused)),
                "failed": column(&|cell| json!(cell.failed)),
                "waiting": column(&|cell| json!(cell.waiting)),
                "p50_ms": column(&|cell| json!(cell.took.within_ms(0.5))),
                "p99_ms": column(&|cell| json!(cell.took.within_ms(0.99))),
            });
            classes.insert(class.word().to_owned(), columns);
        }
        json!({ "from": from * 1000, "seconds": now - from, "classes": classes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_counted_and_forgotten_after_five_minutes() {
        let mut counts = Counts::default();
        for _ in 0..3 {
            counts.note(1_000, Class::Sampling, Happened::Arrived);
        }
        counts.note(1_000, Class::Sampling, Happened::Admitted);
        counts.note(1_000, Class::Sampling, Happened::Refused);
        counts.note(1_000, Class::Sampling, Happened::Failed);
        counts.note(1_000, Class::Sampling, Happened::Waits { waiting: 6, seats: 8 });
        counts.note(1_000, Class::Sampling, Happened::Answered { took: Duration::from_millis(7) });
        assert_eq!(counts.strain(1_000), Strain { fullest: 0.75, refused: true });
        assert_eq!(counts.sum(Class::Sampling, 990, 1_001), Sum { arrived: 3, refused: 1, failed: 1 });
        let told = counts.told(1_002);
        assert_eq!((&told["from"], &told["seconds"]), (&json!(1_000_000), &json!(2)));
        let sampling = &told["classes"]["sampling"];
        assert_eq!(sampling["arrived"], json!([3, 0]));
        assert_eq!(sampling["waiting"], json!([6, 0]));
        let p99 = sampling["p99_ms"][0].as_f64().unwrap();
        assert!((7.0..10.0).contains(&p99), "{p99}");
        assert_eq!(sampling["p99_ms"][1], Value::Null, "nothing was answered");
        counts.note(1_000 + RING as i64, Class::Extras, Happened::Refused);
        assert_eq!(counts.sum(Class::Sampling, 990, 1_001), Sum::default(), "its place was taken");
        assert!(!counts.strain(1_000 + RING as i64).refused, "extras are no strain");
        assert_eq!(counts.told(1_000 + RING as i64 + 1)["seconds"], 300);
        counts.note(400, Class::Sampling, Happened::Arrived);
        assert_eq!(counts.told(402)["seconds"], 2, "the clock was set back");
    }

    #[test]
    fn shares_of_times_lie_in_their_step() {
        let mut took = Took::default();
        for ms in 1..=100 {
            took.add(Duration::from_millis(ms));
        }
        let (p50, p99) = (took.within_ms(0.5).unwrap(), took.within_ms(0.99).unwrap());
        assert!((50.0..71.0).contains(&p50) && (99.0..140.0).contains(&p99), "{p50} {p99}");
        took.add(Duration::from_secs(3600));
        assert!(took.within_ms(1.0).unwrap() > 10_000.0, "longer than the longest step is the longest step");
    }
}
