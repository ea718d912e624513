//! A province's list for one new step: every stream corrected by its own past, combined, weighed by its kin, and ranked.
//!
//! 2,850 counties in 95 prefectures, each with 40 streams in five groups, and three years of weeks to remember; the p-values are
//! made up. Figures are processor seconds shared by two cores: the clock of a busy machine tells nothing. Scoring the counts
//! is told beside it, from a part, because a list needs both.

use base::{Streams, Territory};
use statistics_bench::{Target, cpu_seconds, least_cpu_seconds, tell};
use std::hint::black_box;
use surveillance::Series;
use surveillance::fusion::{
    Evidence, FuseRule, Neighbours, RecentCounts, Stream, Trigger, Watched, Watcher, Way, streams_of,
};

const COUNTIES: usize = 2_850;
const COUNTIES_A_PREFECTURE: usize = 30;
const STREAMS_A_COUNTY: usize = 40;
const GROUPS: usize = 5;
const CORES: f64 = 2.0;
/// Of the series whose counts are scored.
const PART: usize = 1_000;

fn main() {
    let streams = streams();
    let rule = FuseRule { budget: 5.0, ..FuseRule::default() }.chosen(52);
    let mut trigger = Trigger::of(&streams, &Neighbours::default(), &rule);
    let mut chance = Streams::seeded(1).of("p-values");
    let mut step = || -> Vec<Option<Evidence>> {
        let draw = |chance: &mut base::Stream| {
            Some(Evidence { p: chance.share().max(1e-12), steps: 1, ..Evidence::default() })
        };
        streams.iter().map(|_| draw(&mut chance)).collect()
    };
    let mut listed = 0;
    for _ in 0..rule.remember {
        listed += trigger.step(&step(), true).1.iter().filter(|signal| signal.standing.is_listed()).count();
    }
    let next = step();
    let size = format!("{} streams, {} units", streams.len(), COUNTIES * GROUPS);
    let (_, took) = least_cpu_seconds(3, || black_box(trigger.step(&next, true)));
    let beside = format!("{:.1} listed a week with a budget of 5", listed as f64 / rule.remember as f64);
    tell(&format!("the list of one new week, {size}"), took / CORES, "s", Target::Below(1.0), &beside);

    for (name, per_year, steps) in [("weeks", 52, 260), ("days", 365, 5 * 365)] {
        let watched: Vec<Watched> = (0..PART).map(|place| counted(place, per_year, steps)).collect();
        for (detector, recent) in [
            ("recent_counts", RecentCounts::default()),
            ("recent_level", RecentCounts::of_the_level(per_year)),
        ] {
            let (_, took) = cpu_seconds(|| {
                for one in &watched {
                    black_box(recent.evidence(&one.series, steps - 1..steps));
                }
            });
            let each = took / PART as f64;
            let all = each * streams.len() as f64 / CORES;
            let beside = format!("all {} would take {all:.1} s on two cores", streams.len());
            tell(
                &format!("{detector}, one new step of 5 years of {name}"),
                each * 1e3,
                "ms",
                Target::Below(10.0),
                &beside,
            );
        }
    }
}

/// What the streams are, without evidence: that comes step by step. A stream is asked for its place and name only.
fn streams() -> Vec<Stream> {
    let watcher = [Watcher { name: "p_value".to_owned(), way: Way::Recent(RecentCounts::default()) }];
    let watched: Vec<Watched> = (0..COUNTIES * STREAMS_A_COUNTY)
        .map(|place| {
            let (county, stream) = (place / STREAMS_A_COUNTY, place % STREAMS_A_COUNTY);
            let prefecture = county / COUNTIES_A_PREFECTURE;
            Watched {
                group: format!("group {}", stream % GROUPS),
                territory: territory(&format!("14/{prefecture:02}/{county:04}")),
                series: Series::of(&format!("stream {stream}"), vec![1.0], 52),
                p_values: Vec::new(),
            }
        })
        .collect();
    streams_of(&watched, &watcher)
}

fn territory(path: &str) -> Territory {
    statistics_bench::or_stop(path.parse(), path)
}

/// Counts around twenty with a yearly wave.
fn counted(place: usize, per_year: usize, steps: usize) -> Watched {
    let mut chance = Streams::seeded(2).of(&place.to_string());
    let counts = (0..steps)
        .map(|t| {
            let wave = (std::f64::consts::TAU * t as f64 / per_year as f64).cos();
            (20.0 * (0.5 * wave).exp() + chance.below(9) as f64 - 4.0).round().max(0.0)
        })
        .collect();
    Watched {
        group: String::new(),
        territory: Territory::whole(),
        series: Series::of("made up", counts, per_year),
        p_values: Vec::new(),
    }
}
