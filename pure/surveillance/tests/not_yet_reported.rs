//! Nowcasts of reporting that was simulated, so that the end is known.

use base::{Day, Streams};
use proptest::prelude::*;
use rand_distr::{Distribution, Gamma, Poisson};
use surveillance::{CountPrior, NowcastMethod, NowcastRule, ReportingTriangle, Span, estimate_nowcast};

fn day(number: i32) -> Day {
    Day::from_number(19_000 + number).unwrap()
}

/// Sixty days of events at a level that wanders, each reported after a gamma delay of mean 4 and sd 2.8 days.
fn simulated(seed: u64) -> Vec<(Day, Day)> {
    let streams = Streams::seeded(seed);
    let (mut level, mut how_many, mut how_late) =
        (streams.of("level"), streams.of("events"), streams.of("late"));
    let delay = Gamma::new(2.0_f64, 2.0).unwrap();
    let mut mean = 12.0_f64;
    let mut reports = Vec::new();
    for t in 0..60 {
        mean *= (0.3 * (level.share() - 0.5)).exp();
        let events = Poisson::new(mean).unwrap().sample(&mut how_many) as usize;
        for _ in 0..events {
            let late = delay.sample(&mut how_late).floor() as i32;
            reports.push((day(t), day(t + late)));
        }
    }
    reports
}

/// Of the last five days, still incomplete, over 120 lists: how often the 90 % interval holds what came in the end. Within
/// four standard errors of a binomial of half as many, since the days of one list share their delays. Counts are whole, so
/// intervals hold more than they promise.
#[test]
fn intervals_hold_the_end_as_often_as_they_say() {
    for method in [NowcastMethod::BayesTruncated, NowcastMethod::Lawless] {
        let (mut inside, mut all) = (0.0, 0.0_f64);
        for seed in 0..120 {
            let reports = simulated(seed);
            let span = Span { first: day(0), now: day(59), step_days: 1, longest_delay: 15 };
            let (triangle, _) = ReportingTriangle::of(&reports, span).unwrap();
            let rule = NowcastRule { alpha: 0.1, draws: 300, ..NowcastRule::default() };
            let nowcast = estimate_nowcast(&triangle, 55..60, method, &rule).unwrap();
            for step in nowcast.steps {
                let Some((lower, upper)) = step.lower.zip(step.upper) else { continue };
                let truth = reports.iter().filter(|(event, _)| *event == day(step.t as i32)).count();
                all += 1.0;
                inside += f64::from(u8::from((lower..=upper).contains(&truth)));
            }
        }
        let (share, error) = (inside / all, (0.9 * 0.1 / (all / 2.0)).sqrt());
        println!("{method:?}: {share:.3} of {all}");
        assert!(share > 0.9 - 4.0 * error && share < 0.99, "{method:?}: {share} of {all}");
    }
}

/// Delays learnt from the last sixteen days, when most long ones have not been seen yet, over twenty lists.
#[test]
fn forgetting_that_not_all_was_seen_is_too_low_at_the_end() {
    let (mut right, mut too_low, mut truth) = (0.0, 0.0, 0.0);
    for seed in 0..20 {
        let reports = simulated(seed);
        let span = Span { first: day(0), now: day(59), step_days: 1, longest_delay: 15 };
        let (triangle, _) = ReportingTriangle::of(&reports, span).unwrap();
        let rule = NowcastRule { window: Some(15), draws: 300, ..NowcastRule::default() };
        let mean = |method| {
            let nowcast = estimate_nowcast(&triangle, 56..59, method, &rule).unwrap();
            nowcast.steps.iter().filter_map(|step| step.mean).sum::<f64>()
        };
        right += mean(NowcastMethod::BayesTruncated);
        too_low += mean(NowcastMethod::BayesComplete);
        truth += reports.iter().filter(|(event, _)| (day(56)..day(59)).contains(event)).count() as f64;
    }
    println!("{right:.0} and {too_low:.0} of {truth}");
    assert!(too_low < 0.9 * right && (0.8..1.25).contains(&(right / truth)), "{right} {too_low} {truth}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever the list and the settings: chances add up to one, nothing below what is reported is possible, and what cannot
    /// be said has a reason.
    #[test]
    fn chances_add_up_to_one(
        list in proptest::collection::vec((0..40_i32, 0..25_i32), 0..200),
        now in 1..45_i32,
        longest_delay in 0..20_usize,
        window in proptest::option::of(0..40_usize),
        most in proptest::option::of(200..400_usize),
        prior in proptest::option::of((0.01..50.0_f64, 1.01..20.0_f64)),
    ) {
        let reports: Vec<(Day, Day)> = list.iter().map(|(e, d)| (day(*e), day(*e + *d))).collect();
        let span = Span { first: day(0), now: day(now), step_days: 1, longest_delay };
        let (triangle, _) = ReportingTriangle::of(&reports, span).unwrap();
        let rule = NowcastRule {
            window,
            most_cases: most,
            count_prior: prior.map(|(mean, times)| CountPrior { mean, variance: mean * times }),
            draws: 20,
            ..NowcastRule::default()
        };
        let mut methods = vec![
            NowcastMethod::Lawless,
            NowcastMethod::BayesTruncated,
            NowcastMethod::BayesComplete,
            NowcastMethod::BayesBetaNegativeBinomial,
        ];
        methods.extend(most.map(|_| NowcastMethod::Uniform));
        for method in methods {
            for step in estimate_nowcast(&triangle, 0..triangle.steps(), method, &rule).unwrap().steps {
                prop_assert_eq!(step.observed_so_far, triangle.reported(step.t));
                prop_assert!(step.mean.is_some() || step.doubt.is_some(), "{:?}", method);
                prop_assert!(!step.mean.is_some_and(f64::is_nan));
                let Some(chances) = step.chances else { continue };
                prop_assert!((chances.sum() - 1.0).abs() < 1e-9, "{:?}: {}", method, chances.sum());
                prop_assert!(step.lower <= step.median && step.median <= step.upper);
                prop_assert!(step.lower >= Some(step.observed_so_far as usize));
            }
        }
    }
}
