//! Methods that claim how often they alarm in normal times, held to it on simulated normal times.
//!
//! Deliberately absent: EARS' own α, which is known not to be kept (see its `# Source`); its p-value is what is held to.

use base::Streams;
use rand_distr::{Distribution, Gamma, Poisson};
use surveillance::{Bayes, Detector, Ears, EarsMethod, MovingPercentile, Scored, Series};

/// Each is judged once, at its end, so that the verdicts are independent.
const SERIES: usize = 3_000;

/// The last step of each of many series of independent counts: Poisson, or negative binomial of that size.
fn last_steps(
    detector: &dyn Detector,
    steps: usize,
    per_year: usize,
    mean: f64,
    size: Option<f64>,
) -> Vec<Scored> {
    let streams = Streams::seeded(20_240_229);
    (0..SERIES)
        .map(|number| {
            let mut chance = streams.of(&format!("series {number}"));
            let mut count = || {
                let mean =
                    size.map_or(mean, |size| Gamma::new(size, mean / size).unwrap().sample(&mut chance));
                if mean > 0.0 { Poisson::new(mean).unwrap().sample(&mut chance) } else { 0.0 }
            };
            let series = Series::of("null", (0..steps).map(|_| count()).collect(), per_year);
            detector.detect(&series, steps - 1..steps)[0]
        })
        .collect()
}

fn share(points: &[Scored], of: impl Fn(&Scored) -> bool) -> f64 {
    points.iter().filter(|point| of(point)).count() as f64 / points.len() as f64
}

/// Three standard errors of a share that is `level`.
fn doubt(level: f64) -> f64 {
    3.0 * (level * (1.0 - level) / SERIES as f64).sqrt()
}

#[test]
fn bayes_alarms_no_more_often_than_it_says() {
    // Of few cases a bound can only be kept with room to spare: counts are whole.
    for (mean, least) in [(0.5, 0.005), (4.0, 0.02), (60.0, 0.035)] {
        let points = last_steps(&Bayes::default(), 7, 52, mean, None);
        let alarms = share(&points, |point| point.alarm == Some(true));
        assert!(alarms <= 0.05 + doubt(0.05) && alarms >= least, "{mean}: {alarms}");
        let small = share(&points, |point| point.p_value.unwrap() <= 0.05);
        assert_eq!(alarms, small, "an alarm is a p-value of 0.05 or less");
    }
}

/// With counts large enough to be nearly normal, also with more than Poisson spread.
#[test]
fn the_p_value_of_ears_is_one_and_its_bound_is_passed_more_often_than_stated() {
    for method in [EarsMethod::C1, EarsMethod::C2] {
        for size in [None, Some(40.0)] {
            let points = last_steps(&Ears::of(method), 12, 365, 200.0, size);
            for level in [0.01, 0.05, 0.2] {
                let small = share(&points, |point| point.p_value.unwrap() <= level);
                // What skewness adds to a normal tail, at most.
                let skew = 0.008;
                assert!((small - level).abs() <= doubt(level) + skew, "{method:?} {size:?} {level}: {small}");
            }
            let alarms = share(&points, |point| point.alarm == Some(true));
            assert!(alarms > 0.005, "{alarms} where 0.001 is stated");
        }
    }
}

#[test]
fn a_moving_percentile_is_passed_as_often_as_its_rank_says_whatever_the_counts() {
    let config = MovingPercentile { period: Some(1), ..MovingPercentile::default() };
    for size in [None, Some(0.7)] {
        let points = last_steps(&config, 63, 12, 30.0, size);
        // 25 past weeks and this one are alike: it is above the 20th of them with probability 6/26, above the 21st with 5/26.
        let alarms = share(&points, |point| point.alarm == Some(true));
        let (most, least) = (6.0 / 26.0, 5.0 / 26.0);
        assert!(alarms <= most + doubt(most) && alarms >= least - doubt(least) - 0.02, "{alarms}");
        for level in [0.05, 0.1, 0.3] {
            let small = share(&points, |point| point.p_value.unwrap() <= level);
            assert!(small <= level + doubt(level), "{level}: {small}");
        }
    }
}
