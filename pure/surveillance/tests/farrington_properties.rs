//! What must hold for any series under both methods of Farrington, and where they part from the program they are compared with.

use base::Day;
use proptest::prelude::*;
use surveillance::{
    Compatibility, Detector, Doubt, Farrington1996Config, FarringtonFlexibleConfig, Scored, Series,
    ThresholdMethod,
};

const METHODS: [ThresholdMethod; 3] =
    [ThresholdMethod::Delta, ThresholdMethod::NegativeBinomial, ThresholdMethod::UpperMean];

/// Small, no, missing and enormous counts, in the mixtures that break regressions.
fn counts(length: usize) -> impl Strategy<Value = Vec<f64>> {
    let count = prop_oneof![
        6 => (0..12_u32).prop_map(f64::from),
        3 => Just(0.0),
        1 => Just(f64::NAN),
        1 => (0..2_000_000_u32).prop_map(f64::from),
    ];
    let sparse = prop_oneof![30 => Just(0.0), 1 => (1..4_u32).prop_map(f64::from)];
    prop_oneof![
        prop::collection::vec(count, 1..length),
        prop::collection::vec(sparse, length),
        (0..50_u32).prop_map(move |same| vec![f64::from(same); length]),
    ]
}

fn every_number_is_one_or_has_a_reason(points: &[Scored]) -> Result<(), TestCaseError> {
    for point in points {
        let numbers = [point.expected, point.upper, point.score, point.p_value];
        prop_assert!(numbers.iter().flatten().all(|value| value.is_finite()), "{point:?}");
        let all_there = numbers.iter().all(Option::is_some) && point.alarm.is_some();
        prop_assert!(all_there || point.doubt.is_some(), "{point:?}");
        prop_assert!(point.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{point:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_series_breaks_them(
        counts in counts(170), per_year in prop_oneof![Just(12_usize), Just(52)],
        dated: bool, peopled: bool, like_peer: bool, reweight: bool, periods in 1..9_usize, method in 0..3_usize, w in 0..5_usize,
    ) {
        let mut series = Series::of("any", counts, per_year);
        let all = series.len();
        if dated {
            let first = "2018-01-01".parse::<Day>().unwrap();
            series.dates = (0..all).map(|t| first + 7 * t as i32).collect();
        }
        if peopled {
            series.population = (0..all).map(|t| [0.0, 3.0, 1e7, f64::NAN][t * t % 4]).collect();
        }
        let compatibility = if like_peer { Compatibility::Surveillance1_20 } else { Compatibility::None };
        let flexible = FarringtonFlexibleConfig {
            b: 3, w, reweight, no_periods: periods, threshold_method: METHODS[method], population_offset: peopled,
            past_weeks_not_included: None, p_threshold_trend: 0.5, compatibility, ..FarringtonFlexibleConfig::default()
        };
        let (points, details) = flexible.detect_with_details(&series, 0..all);
        prop_assert_eq!((points.len(), details.len()), (all, all));
        every_number_is_one_or_has_a_reason(&points)?;
        let first = Farrington1996Config { b: 3, w, reweight, compatibility, ..Farrington1996Config::default() };
        every_number_is_one_or_has_a_reason(&first.detect(&series, 0..all))?;
    }

    #[test]
    fn people_counted_in_thousands_change_nothing(
        counts in prop::collection::vec((0..40_u32).prop_map(f64::from), 170), unit in 0.001..1_000.0_f64,
    ) {
        let mut series = Series::of("any", counts, 52);
        series.population = (0..series.len()).map(|t| 1e5 + 300.0 * t as f64).collect();
        let config = FarringtonFlexibleConfig { b: 3, population_offset: true, ..FarringtonFlexibleConfig::default() };
        let before = config.detect(&series, 165..170);
        series.population.iter_mut().for_each(|people| *people *= unit);
        for (a, b) in before.iter().zip(config.detect(&series, 165..170)) {
            prop_assert!((a.expected.unwrap() / b.expected.unwrap() - 1.0).abs() < 1e-7, "{:?} {:?}", a, b);
            prop_assert!((a.p_value.unwrap() - b.p_value.unwrap()).abs() < 1e-7, "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn what_came_before_the_history_changes_nothing(
        counts in prop::collection::vec((0..40_u32).prop_map(f64::from), 170), earlier in 1..60_usize,
    ) {
        let config = FarringtonFlexibleConfig { b: 3, ..FarringtonFlexibleConfig::default() };
        let before = config.detect(&Series::of("any", counts.clone(), 52), 165..170);
        let longer = [vec![77.0; earlier], counts].concat();
        let after = config.detect(&Series::of("any", longer, 52), 165 + earlier..170 + earlier);
        let moved: Vec<Scored> = after.into_iter().map(|point| Scored { t: point.t - earlier, ..point }).collect();
        prop_assert_eq!(before, moved);
    }
}

/// Six years of weeks, none with a case but the last four.
fn sudden() -> Series {
    let mut counts = vec![0.0; 312];
    counts.extend([3.0, 8.0, 20.0, 40.0]);
    Series::of("sudden", counts, 52)
}

#[test]
fn forty_cases_after_years_without_one_are_an_alarm_and_the_peer_says_nothing() {
    for threshold_method in METHODS {
        let config = FarringtonFlexibleConfig { threshold_method, ..FarringtonFlexibleConfig::default() };
        let points = config.detect(&sudden(), 312..316);
        let alarms: Vec<Option<bool>> = points.iter().map(|point| point.alarm).collect();
        // The first week has fewer than five cases in four weeks, which is the rule's own silence.
        assert_eq!(alarms, [Some(false), Some(true), Some(true), Some(true)]);
        assert_eq!((points[0].doubt, points[1].doubt), (Some(Doubt::TooFewCases), Some(Doubt::ZeroHistory)));
        assert!(points[3].p_value.unwrap() < 1e-30 && points[3].upper.unwrap() <= 1.0);

        let peer = FarringtonFlexibleConfig { compatibility: Compatibility::Surveillance1_20, ..config };
        assert!(
            peer.detect(&sudden(), 312..316)
                .iter()
                .all(|point| point.alarm.is_none() && point.upper.is_none())
        );
    }
}

/// Months without a case around two outbreaks: the mean's upper bound is beyond all numbers, as the level of a month like this one
/// cannot be told from nothing.
#[test]
fn a_bound_beyond_all_numbers_is_doubted_under_the_peers_rules_as_well() {
    let mut counts = vec![0.0; 38];
    (counts[1], counts[15], counts[33], counts[35]) = (2.0, 809_471.0, 4.0, 6.0);
    for missing in [5, 17, 25] {
        counts[missing] = f64::NAN;
    }
    let mut series = Series::of("two outbreaks", counts, 12);
    series.population = (0..38).map(|t| [0.0, 3.0, 1e7, f64::NAN][t * t % 4]).collect();
    let config = FarringtonFlexibleConfig {
        b: 3,
        w: 0,
        reweight: false,
        no_periods: 6,
        threshold_method: ThresholdMethod::UpperMean,
        population_offset: true,
        past_weeks_not_included: None,
        p_threshold_trend: 0.5,
        compatibility: Compatibility::Surveillance1_20,
        ..FarringtonFlexibleConfig::default()
    };
    let point = config.detect(&series, 37..38)[0];
    assert_eq!((point.upper, point.alarm, point.doubt), (None, Some(false), Some(Doubt::OutOfRange)));
}

#[test]
fn scores_and_errors_are_on_the_scale_of_counts_and_the_peers_are_not() {
    let counts: Vec<f64> = (0..316).map(|t| f64::from((t * 7_919) % 13)).collect();
    let series = Series::of("steady", counts, 52);
    let config = FarringtonFlexibleConfig {
        threshold_method: ThresholdMethod::UpperMean,
        ..FarringtonFlexibleConfig::default()
    };
    let peer = FarringtonFlexibleConfig { compatibility: Compatibility::Surveillance1_20, ..config.clone() };
    let (ours, theirs) = (config.detect(&series, 315..316)[0], peer.detect(&series, 315..316)[0]);
    let on_counts = |point: Scored| {
        let (y, expected, upper) = (point.observed.unwrap(), point.expected.unwrap(), point.upper.unwrap());
        (y - expected) / (upper - expected)
    };
    assert!((ours.score.unwrap() - on_counts(ours)).abs() < 1e-12);
    assert!((theirs.score.unwrap() - on_counts(theirs)).abs() > 0.1);
    // The same mean; but its standard error, which moves this method's bound, is another.
    assert!((ours.expected.unwrap() / theirs.expected.unwrap() - 1.0).abs() < 1e-6);
    assert_ne!(ours.upper, theirs.upper);
}

#[test]
fn a_year_of_53_weeks_does_not_move_the_window() {
    // A peak on the Monday nearest to the same date of each year, over two years with 53 weeks (2015 and 2020).
    let first = "2014-01-06".parse::<Day>().unwrap();
    let mut series = Series::of("summer", vec![1.0; 500], 52);
    series.dates = (0..500).map(|t| first + 7 * t).collect();
    let last = series.dates[499];
    for back in 0..9 {
        let same = Day::of(last.year() - back, last.month(), last.day_of_month()).unwrap();
        let nearest = (0..500).min_by_key(|t| (series.dates[*t] - same).abs()).unwrap();
        series.counts[nearest] = 30.0;
    }
    let config = FarringtonFlexibleConfig { w: 0, no_periods: 1, ..FarringtonFlexibleConfig::original() };
    let with_dates = config.detect(&series, 499..500)[0];
    assert!((with_dates.expected.unwrap() - 30.0).abs() < 1e-6, "{with_dates:?}");
    assert_eq!(with_dates.alarm, Some(false));
    series.dates.clear();
    assert!(config.detect(&series, 499..500)[0].expected.unwrap() < 29.0);
}
