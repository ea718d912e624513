//! What the multi-point trigger promises: the budget is kept when nothing is there, p-values mean what they say, and neither
//! the order of streams, nor a stream of noise, nor the number of threads changes who is listed.
//!
//! Deliberately absent: how much is found; `quell evaluate` measures it.

use base::Streams;
use rand_distr::{Distribution, Gamma, Poisson};
use surveillance::Series;
use surveillance::fusion::{
    Counts, Evidence, FuseRule, Neighbours, RecentCounts, Stream, Watched, Watcher, Way, fuse, streams_of,
};

/// Weekly counts in which nothing ever happens.
fn quiet(name: &str, weeks: usize, mean: f64, dispersion: f64, season: f64) -> Series {
    let mut chance = Streams::seeded(7).of(name);
    let counts = (0..weeks)
        .map(|t| {
            let normal = mean * (season * (std::f64::consts::TAU * t as f64 / 52.18).cos()).exp();
            let rate = if dispersion > 1.0 {
                Gamma::new(normal / (dispersion - 1.0), dispersion - 1.0).unwrap().sample(&mut chance)
            } else {
                normal
            };
            if rate < 1e-12 { 0.0 } else { Poisson::new(rate).unwrap().sample(&mut chance) }
        })
        .collect();
    Series::of(name, counts, 52)
}

const MEANS: [f64; 8] = [0.3, 0.7, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0];

fn quiet_places(weeks: usize, dispersion: f64, season: f64) -> Vec<Watched> {
    (0..24)
        .map(|place| Watched {
            group: String::new(),
            territory: format!("14/{place:04}").parse().unwrap(),
            series: quiet(
                &format!("{place} {dispersion} {season}"),
                weeks,
                MEANS[place % 8],
                dispersion,
                season,
            ),
            p_values: Vec::new(),
        })
        .collect()
}

fn recent() -> Vec<Watcher> {
    vec![Watcher { name: "recent_counts".to_owned(), way: Way::Recent(RecentCounts::default()) }]
}

fn signals_per_step(watched: &[Watched], rule: &FuseRule, first: usize, weeks: usize) -> f64 {
    let fused = fuse(&streams_of(watched, &recent()), &Neighbours::default(), rule, first..weeks);
    let alarms =
        fused.signals.iter().filter(|signal| signal.standing.is_listed() && signal.told_by.is_none());
    alarms.count() as f64 / (weeks - first) as f64
}

#[test]
fn the_budget_is_kept_when_nothing_is_there() {
    let (first, weeks, budget) = (60, 220, 0.5);
    for (dispersion, season) in [(1.0, 0.0), (2.0, 0.0), (1.3, 0.6)] {
        let watched = quiet_places(weeks, dispersion, season);
        let rule = FuseRule { budget, counts: Counts::Every, bank: 20.0, ..FuseRule::default() };
        let seen = signals_per_step(&watched, &rule, first, weeks);
        // Three standard deviations of a Poisson count of 80 expected signals.
        let most = budget + 3.0 * (budget / (weeks - first) as f64).sqrt();
        assert!(seen <= most && seen > budget / 4.0, "{dispersion} {season}: {seen} a week");
    }
}

#[test]
fn however_loud_it_gets_no_more_is_listed_than_the_bank_holds() {
    let mut watched = quiet_places(140, 1.0, 0.0);
    for one in &mut watched {
        one.series.counts[100..].iter_mut().for_each(|count| *count += 30.0);
    }
    let rule = FuseRule { budget: 2.0, bank: 3.0, ..FuseRule::default() };
    let fused = fuse(&streams_of(&watched, &recent()), &Neighbours::default(), &rule, 60..140);
    let listed = |t: usize| {
        fused.signals.iter().filter(|s| s.t == t && s.standing.is_listed() && s.told_by.is_none()).count()
    };
    let (first, all): (usize, usize) = (listed(100), (60..140).map(listed).sum());
    assert!((1..=6).contains(&first), "{first}");
    assert!(all as f64 <= 2.0 * 80.0 + 6.0, "{all}");
}

#[test]
fn p_values_mean_what_they_say() {
    for (dispersion, season, slack) in [(1.0, 0.0, 1.3), (2.0, 0.0, 1.8), (1.3, 0.6, 1.8)] {
        let watched = quiet_places(260, dispersion, season);
        let streams = streams_of(&watched, &recent());
        let p: Vec<f64> =
            streams.iter().flat_map(|s| &s.evidence[104..]).filter_map(|e| e.map(|e| e.p)).collect();
        for level in [0.05, 0.01] {
            let share = p.iter().filter(|p| **p <= level).count() as f64 / p.len() as f64;
            // Sums over windows depend on each other: eight weeks count as about three.
            let error = 3.0 * (level * 3.0 / p.len() as f64).sqrt();
            assert!(share <= level * slack + error, "{dispersion} {season}: {share} at {level}");
            assert!(share >= level / 2.0 - error, "{dispersion} {season}: {share} at {level}");
        }
    }
}

/// Streams of uniform p-values, and some that are loud now and then.
fn drawn(names: &[&str], weeks: usize) -> Vec<Stream> {
    names
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let mut chance = Streams::seeded(11).of(name);
            let territory = format!("14/140{}", place % 3).parse().unwrap();
            let evidence = (0..weeks)
                .map(|t| {
                    let loud = name.starts_with("loud") && t % 250 == 249;
                    let p = if loud { 1e-7 } else { chance.share().max(1e-12) };
                    Some(Evidence { p, steps: 1, ..Evidence::default() })
                })
                .collect();
            Stream {
                name: (*name).to_owned(),
                detector: "p_value".to_owned(),
                group: String::new(),
                territory,
                weight: 1.0,
                spread: None,
                evidence,
            }
        })
        .collect()
}

#[test]
fn the_order_of_streams_changes_nothing() {
    let streams = drawn(&["loud a", "b", "c", "loud d", "e", "f"], 200);
    let rule = FuseRule { budget: 0.3, ..FuseRule::default() };
    let listed = |streams: &[Stream]| -> Vec<(usize, usize, usize, String, Vec<String>)> {
        let fused = fuse(streams, &Neighbours::default(), &rule, 20..200);
        let told = fused.signals.iter().map(|signal| {
            let reasons = signal.reasons.iter().map(|r| streams[r.stream].name.clone()).collect();
            (signal.t, signal.rank, signal.unit, format!("{:e}", signal.p), reasons)
        });
        told.collect()
    };
    let forward = listed(&streams);
    assert!(forward.len() > 3);
    let backward: Vec<Stream> = streams.into_iter().rev().collect();
    assert_eq!(forward, listed(&backward));
}

#[test]
fn a_stream_of_noise_raises_no_more_false_alarms_and_hides_no_loud_one() {
    let rule = FuseRule { budget: 0.3, counts: Counts::Every, bank: 20.0, ..FuseRule::default() };
    let weeks = 800;
    let run = |names: &[&str]| {
        let fused = fuse(&drawn(names, weeks), &Neighbours::default(), &rule, 60..weeks);
        let signals = || fused.signals.iter().filter(|signal| signal.standing.is_listed());
        let loud = |unit: usize, t: usize| unit == 0 && t % 250 == 249;
        (signals().filter(|s| loud(s.unit, s.t)).count(), signals().filter(|s| !loud(s.unit, s.t)).count())
    };
    let (found, false_alarms) = run(&["loud a", "b", "c"]);
    let (still_found, with_noise) = run(&["loud a", "b", "c", "noise a", "noise b", "noise c"]);
    let allowed = 0.3 * (weeks - 60) as f64;
    assert!(false_alarms as f64 <= allowed && with_noise as f64 <= allowed, "{false_alarms} {with_noise}");
    // It is loud three times.
    assert!(still_found == 3 && found == 3, "{found} {still_found}");
}

#[test]
fn one_thread_and_four_say_the_same() {
    let watched = quiet_places(130, 1.3, 0.3);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            fuse(&streams_of(&watched, &recent()), &Neighbours::default(), &FuseRule::default(), 60..130)
        })
    };
    assert_eq!(run(1), run(4));
}
