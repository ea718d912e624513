//! Charts on series without outbreaks, and on any series at all.

use base::Streams;
use proptest::prelude::*;
use rand_distr::{Distribution, Poisson};
use surveillance::{
    Centre, Change, Compatibility, Cusum, Detector, Direction, GlrNegativeBinomial, GlrPoisson, Returned,
    Rogerson, SeasonalMean, Series, Transformation, poisson_mean_run_length,
};

/// Counts of mean 4, k 5, h 6: the sum stands at whole numbers, so its mean run is known exactly. 200,000 weeks hold a few thousand
/// runs; their mean must lie within four standard errors.
#[test]
fn a_cusum_runs_as_long_as_its_chain_says() {
    let (mean, k, h) = (4.0, 5.0, 6.0);
    let promised = poisson_mean_run_length(mean, 5, 6, 1);
    let mut stream = Streams::seeded(12).of("quiet");
    let counts = (0..200_000).map(|_| Poisson::new(mean).expect("a Poisson").sample(&mut stream)).collect();
    let cusum = Cusum {
        k,
        h,
        m: Centre::Given(mean),
        trans: Transformation::None,
        reset_after_alarm: true,
        ..Cusum::default()
    };
    let points = cusum.detect(&Series::of("quiet", counts, 52), 0..200_000);
    let alarms: Vec<usize> =
        points.iter().filter(|point| point.alarm == Some(true)).map(|point| point.t + 1).collect();
    let runs: Vec<f64> =
        std::iter::once(&0).chain(&alarms).zip(&alarms).map(|(from, to)| (to - from) as f64).collect();
    let n = runs.len() as f64;
    let seen = runs.iter().sum::<f64>() / n;
    let spread = (runs.iter().map(|run| (run - seen).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!(
        n > 1_000.0 && (seen - promised).abs() < 4.0 * spread / n.sqrt(),
        "{seen} promised {promised}, {n} runs"
    );
}

/// Over 20,000 series like these a Poisson chart with the limit of 5 alarmed once in 327 weeks. Here are 300 of five years, of which
/// the last two are watched, so a hundred alarms or so: between one in 200 and one in 500.
#[test]
fn quiet_seasons_raise_few_alarms() {
    let streams = Streams::seeded(5);
    let (mut alarms, mut weeks) = (0, 0);
    for name in (0..300).map(|i| format!("series {i}")) {
        let mut stream = streams.of(&name);
        let counts = (0..260)
            .map(|t| {
                let mean = 5.0 * (0.5 * (f64::from(t) / 52.0 * std::f64::consts::TAU).cos()).exp();
                Poisson::new(mean).expect("a Poisson").sample(&mut stream)
            })
            .collect();
        let points = GlrPoisson::default().detect(&Series::of(&name, counts, 52), 156..260);
        alarms += points.iter().filter(|point| point.alarm == Some(true)).count();
        weeks += points.len();
    }
    let between = weeks as f64 / alarms as f64;
    assert!((200.0..500.0).contains(&between), "one alarm in {between} weeks");
}

fn charts(compatibility: Compatibility) -> Vec<Box<dyn Detector>> {
    let mut all: Vec<Box<dyn Detector>> = Vec::new();
    for trans in [
        Transformation::Standard,
        Transformation::Rossi,
        Transformation::Anscombe,
        Transformation::AnscombeSecond,
        Transformation::PearsonNegativeBinomial,
        Transformation::AnscombeNegativeBinomial,
        Transformation::None,
    ] {
        for m in [Centre::Mean, Centre::Glm] {
            all.push(Box::new(Cusum { trans, m, compatibility, ..Cusum::default() }));
        }
    }
    let trend = SeasonalMean { s: 2, trend: true };
    for (dir, theta) in [(Direction::Inc, None), (Direction::Dec, None), (Direction::Inc, Some(0.7))] {
        for m in [-1, 8] {
            let poisson =
                GlrPoisson { dir, theta, m, compatibility, ret: Returned::Cases, ..GlrPoisson::default() };
            all.push(Box::new(GlrPoisson { change: Change::Epi, ..poisson.clone() }));
            all.push(Box::new(poisson));
            for alpha in [None, Some(0.3)] {
                all.push(Box::new(GlrNegativeBinomial {
                    dir,
                    theta,
                    m,
                    alpha,
                    mu0: trend,
                    compatibility,
                    ..GlrNegativeBinomial::default()
                }));
            }
        }
    }
    all.push(Box::new(Rogerson { compatibility, ..Rogerson::default() }));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A number that is not told has its reason; nothing told is NaN or infinite; and nothing panics.
    #[test]
    fn any_series_gets_numbers_or_reasons(
        counts in proptest::collection::vec(
            prop_oneof![8 => 0.0..12.0_f64, 2 => Just(0.0), 1 => Just(f64::NAN), 1 => 0.0..1e9_f64],
            0..90,
        ),
        start in 0_usize..80,
        per_year in prop_oneof![Just(7_usize), Just(12), Just(52)],
        peer in proptest::bool::ANY,
    ) {
        let counts: Vec<f64> = counts.iter().map(|count| count.round()).collect();
        let series = Series::of("any", counts, per_year);
        let range = start.min(series.len())..series.len();
        let compatibility = if peer { Compatibility::Surveillance1_20 } else { Compatibility::None };
        for chart in charts(compatibility) {
            let points = chart.detect(&series, range.clone());
            prop_assert_eq!(points.len(), range.len());
            for (point, t) in points.iter().zip(range.clone()) {
                prop_assert_eq!(point.t, t);
                prop_assert_eq!(point.alarm.is_none(), point.doubt.is_some());
                prop_assert_eq!(point.alarm.is_some(), point.score.is_some());
                for value in [point.expected, point.upper, point.score].into_iter().flatten() {
                    prop_assert!(value.is_finite(), "{:?}", point);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// What comes later changes nothing said before.
    #[test]
    fn only_the_past_is_looked_at(
        counts in proptest::collection::vec(0_u32..15, 70), later in proptest::collection::vec(0_u32..90, 10),
    ) {
        let counts: Vec<f64> = counts.iter().map(|count| f64::from(*count)).collect();
        let mut longer = counts.clone();
        longer.extend(later.iter().map(|count| f64::from(*count)));
        for chart in charts(Compatibility::None) {
            let short = chart.detect(&Series::of("s", counts.clone(), 12), 48..70);
            let long = chart.detect(&Series::of("s", longer.clone(), 12), 48..80);
            prop_assert_eq!(&short[..], &long[..22]);
        }
    }
}
