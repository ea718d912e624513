//! Detectors that are stepped say what they say of the whole range at once.

use base::Day;
use proptest::prelude::*;
use surveillance::{
    Bayes, Centre, Change, Compatibility, Cusum, Direction, Ears, EarsMethod, Farrington1996Config,
    FarringtonFlexibleConfig, FixedValue, GlrNegativeBinomial, GlrPoisson, KnownTable, MovingPercentile,
    Returned, Rki, Scored, SeasonalMean, Series, ThresholdMethod, ThresholdTable, Transformation, Watch,
    Watching,
};

/// Quiet, lively, silent and mad stretches, so that charts alarm, begin anew and pass over gaps.
fn counts(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let stretch = prop_oneof![
        4 => prop::collection::vec(0..4_u32, 1..30),
        2 => prop::collection::vec(Just(0_u32), 1..30),
        2 => prop::collection::vec(3..25_u32, 1..12),
        1 => prop::collection::vec(Just(u32::MAX), 1..4),
        1 => prop::collection::vec(0..1_000_000_u32, 1..2),
    ];
    prop::collection::vec(stretch, length.start / 5..length.end).prop_map(move |stretches| {
        let silent = |count: u32| if count == u32::MAX { f64::NAN } else { f64::from(count) };
        stretches.concat().into_iter().map(silent).take(length.end - 1).collect()
    })
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn the_same(a: &Scored, b: &Scored) -> bool {
    (a.t, a.alarm, a.doubt) == (b.t, b.alarm, b.doubt)
        && near(a.observed, b.observed)
        && near(a.expected, b.expected)
        && near(a.upper, b.upper)
        && near(a.score, b.score)
        && near(a.p_value, b.p_value)
}

fn up_to(series: &Series, steps: usize) -> Series {
    let mut short = series.clone();
    short.counts.truncate(steps);
    short.dates.truncate(steps);
    short.population.truncate(steps);
    short
}

/// Begun at `from` in a series that ends at `begun`, then told one step after the other, every third of them prepared before.
fn stepped_as_at_once<W: Watch>(
    watch: &W,
    series: &Series,
    from: usize,
    begun: usize,
) -> Result<(), TestCaseError>
where
    W::Memory: Clone,
{
    let all = series.len();
    let mut watching = Watching::begin(watch, &up_to(series, begun), from);
    for point in watch.detect(series, from..all).iter().skip(begun - from) {
        if point.t % 3 == 0 {
            watching.prepare(watch, &up_to(series, point.t));
        }
        prop_assert!(watching.step(watch, &up_to(series, point.t)).is_none(), "a step that is not there");
        if point.t % 4 == 0 {
            let looked = watching.look(watch, &up_to(series, point.t + 1)).expect("a new step");
            prop_assert!(the_same(&looked, point), "{looked:?}\n{point:?}");
        }
        let stepped = watching.step(watch, &up_to(series, point.t + 1)).expect("a new step");
        prop_assert!(the_same(&stepped, point), "{stepped:?}\n{point:?}");
    }
    prop_assert!(watching.step(watch, series).is_none(), "a step told twice");
    corrected_as_begun_again(watch, series, from, begun)
}

/// A count of the past changes after all but the last step were taken.
fn corrected_as_begun_again<W: Watch>(
    watch: &W,
    series: &Series,
    from: usize,
    t: usize,
) -> Result<(), TestCaseError>
where
    W::Memory: Clone,
{
    let all = series.len();
    // One that was watched, and one that was learnt from.
    for t in [t, from / 2].into_iter().filter(|t| t + 1 < all && from + 1 < all) {
        let mut watching = Watching::begin(watch, &up_to(series, all - 1), from);
        watching.prepare(watch, &up_to(series, all - 1));
        let mut late = series.clone();
        late.counts[t] = if late.counts[t].is_nan() { 1.0 } else { late.counts[t] + 2.0 };
        watching.corrected(watch, &late, t);
        let stepped = watching.step(watch, &late).expect("the last step");
        let at_once = watch.detect(&late, from..all)[all - 1 - from];
        prop_assert!(the_same(&stepped, &at_once), "{t}: {stepped:?}\n{at_once:?}");
    }
    Ok(())
}

/// A place to begin and one to go on from, as shares of what there is.
fn places(all: usize, from: f64, begun: f64) -> (usize, usize) {
    let from = (from * all as f64) as usize;
    (from, from + (begun * (all - from) as f64) as usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn detectors_without_a_memory(
        counts in counts(20..120), from in 0.0..1.0_f64, begun in 0.0..1.0_f64, dated: bool, peopled: bool,
    ) {
        let mut series = Series::of("any", counts, 12);
        let all = series.len();
        if dated {
            let first = "2019-01-07".parse::<Day>().unwrap();
            series.dates = (0..all).map(|t| first + 30 * t as i32).collect();
        }
        if peopled {
            series.population = (0..all).map(|t| 20_000.0 + 300.0 * t as f64).collect();
        }
        let (from, begun) = places(all, from, begun);
        for method in [EarsMethod::C1, EarsMethod::C2, EarsMethod::C3] {
            stepped_as_at_once(&Ears::of(method), &series, from, begun)?;
        }
        stepped_as_at_once(&Bayes::default(), &series, from, begun)?;
        stepped_as_at_once(&Rki { b: 1, w: 2, act_y: true }, &series, from, begun)?;
        stepped_as_at_once(&MovingPercentile { b: 2, ..MovingPercentile::default() }, &series, from, begun)?;
        stepped_as_at_once(&FixedValue { value: 3.0, period: 2 }, &series, from, begun)?;
        let table = ThresholdTable { table: KnownTable::MeningitisBelt, ..ThresholdTable::default() };
        stepped_as_at_once(&table, &series, from, begun)?;
        stepped_as_at_once(&Farrington1996Config { b: 2, w: 2, ..Farrington1996Config::default() }, &series, from, begun)?;
    }

    #[test]
    fn cumulative_sums(
        counts in counts(20..160), from in 0.0..1.0_f64, begun in 0.0..1.0_f64, reset_after_alarm: bool,
    ) {
        let series = Series::of("any", counts, 12);
        let (from, begun) = places(series.len(), from, begun);
        for trans in [Transformation::Standard, Transformation::AnscombeSecond, Transformation::AnscombeNegativeBinomial] {
            for m in [Centre::Mean, Centre::Glm, Centre::Given(2.0)] {
                let cusum = Cusum { trans, m, reset_after_alarm, ..Cusum::default() };
                stepped_as_at_once(&cusum, &series, from, begun)?;
            }
        }
    }

    #[test]
    fn likelihood_ratio_charts(
        counts in counts(20..160), from in 0.2..1.0_f64, begun in 0.0..1.0_f64, falls: bool, trend: bool,
        m in prop_oneof![2 => Just(-1_i64), 1 => 0_i64..9], mtilde in 1_usize..4, cases: bool,
        theta in prop_oneof![3 => Just(None), 1 => Just(Some(0.7))], alpha in prop_oneof![Just(None), Just(Some(0.3))],
        peer: bool,
    ) {
        let series = Series::of("any", counts, 12);
        let (from, begun) = places(series.len(), from, begun);
        let dir = if falls { Direction::Dec } else { Direction::Inc };
        let ret = if cases { Returned::Cases } else { Returned::Value };
        let compatibility = if peer { Compatibility::Surveillance1_20 } else { Compatibility::None };
        let mu0 = SeasonalMean { s: 1, trend };
        for change in [Change::Intercept, Change::Epi] {
            let poisson = GlrPoisson { mtilde, m, change, dir, ret, theta, mu0, compatibility, ..GlrPoisson::default() };
            stepped_as_at_once(&poisson, &series, from, begun)?;
        }
        let dispersed = GlrNegativeBinomial { mtilde, m, dir, ret, theta, alpha, mu0, compatibility, ..GlrNegativeBinomial::default() };
        stepped_as_at_once(&dispersed, &series, from, begun)?;
    }

    #[test]
    fn the_improved_method_of_farrington(
        counts in counts(30..160), from in 0.0..1.0_f64, begun in 0.0..1.0_f64, months in 0..3_usize, peopled: bool,
        method in 0..3_usize, past in prop_oneof![Just(None), Just(Some(0)), Just(Some(5))], peer: bool,
    ) {
        let mut series = Series::of("any", counts, 12);
        let all = series.len();
        if months > 0 {
            // Months of one length, which can be foreseen, and of their own lengths, which cannot.
            let first = "2015-01-01".parse::<Day>().unwrap();
            let month = |t: usize| Day::of(2015 + t as i16 / 12, 1 + (t % 12) as i8, 1).unwrap();
            series.dates = (0..all).map(|t| if months == 1 { first + 30 * t as i32 } else { month(t) }).collect();
        }
        if peopled {
            // The same for two years, then others.
            series.population = (0..all).map(|t| [8_000.0, 9_500.0, 7_000.0][t / 24 % 3]).collect();
        }
        let (from, begun) = places(all, from, begun);
        let farrington = FarringtonFlexibleConfig {
            b: 3,
            w: 1,
            no_periods: 4,
            past_weeks_not_included: past,
            population_offset: peopled,
            threshold_method: [ThresholdMethod::Delta, ThresholdMethod::NegativeBinomial, ThresholdMethod::UpperMean][method],
            compatibility: if peer { Compatibility::Surveillance1_20 } else { Compatibility::None },
            ..FarringtonFlexibleConfig::default()
        };
        stepped_as_at_once(&farrington, &series, from, begun)?;
    }
}
