//! Every method of the list on series nobody would send: gaps, zeros, huge counts, hardly any steps. A new method is tried by
//! standing in the list.

use super::{Frame, prepare, sheet, watch};
use crate::output::Format;
use crate::table::Table;
use base::Day;
use proptest::prelude::*;
use serde_json::Map;
use std::ops::Range;
use surveillance::methods::{Method, methods};
use surveillance::{Scored, Series};

fn count() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (0..12_u32).prop_map(f64::from),
        2 => Just(0.0),
        2 => Just(f64::NAN),
        1 => (0..2_000_000_u32).prop_map(f64::from),
        1 => 0.0..50.0_f64,
        1 => prop_oneof![Just(1e9), Just(1e15), Just(1e300), Just(f64::MAX), Just(5e-324)],
    ]
}

/// A stretch of one kind of counts after another, as real series have quiet and loud times.
fn counts() -> impl Strategy<Value = Vec<f64>> {
    let stretch = (count(), proptest::collection::vec(count(), 0..25), any::<bool>())
        .prop_map(|(same, mixed, quiet)| if quiet { vec![same; mixed.len()] } else { mixed });
    proptest::collection::vec(stretch, 0..8).prop_map(|stretches| stretches.concat())
}

fn series() -> impl Strategy<Value = Series> {
    let people = prop_oneof![Just(f64::NAN), Just(0.0), 1.0..1e7_f64];
    (
        counts(),
        any::<bool>(),
        people,
        any::<bool>(),
        prop_oneof![Just(4_usize), Just(12), Just(52), Just(365)],
    )
        .prop_map(|(counts, dated, people, peopled, per_year)| {
            let steps = counts.len() as i32;
            let first = Day::of(2015, 12, 28).unwrap();
            Series {
                dates: if dated { (0..steps).map(|step| first + 7 * step).collect() } else { Vec::new() },
                population: if peopled { vec![people; counts.len()] } else { Vec::new() },
                ..Series::of("s", counts, per_year)
            }
        })
}

fn scored(method: &Method, series: &Series, range: Range<usize>) -> Option<Vec<Scored>> {
    let chosen = method.with(Map::new()).unwrap();
    // A year of four steps has no room for the windows of some methods, and they say so.
    chosen.check(series.per_year).ok()?;
    Some(chosen.detector.detect(series, range))
}

fn each_is_sound(points: &[Scored], range: Range<usize>) -> Result<(), TestCaseError> {
    prop_assert_eq!(points.iter().map(|point| point.t).collect::<Vec<_>>(), range.collect::<Vec<_>>());
    for point in points {
        let numbers = [point.observed, point.expected, point.upper, point.score, point.p_value];
        prop_assert!(numbers.iter().flatten().all(|number| !number.is_nan()), "{:?}", point);
        prop_assert!(point.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", point);
        prop_assert!(point.alarm.is_some() || point.doubt.is_some(), "{:?}", point);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn no_series_brings_a_method_down_or_gets_an_answer_without_a_reason(series in series(), cut in 0.0..1.0_f64) {
        let steps = series.len();
        let start = (cut * steps as f64) as usize;
        for method in methods() {
            for range in [0..steps, start..steps, start..(start + 1).min(steps), 0..0] {
                if let Some(points) = scored(&method, &series, range.clone()) {
                    each_is_sound(&points, range).map_err(|why| TestCaseError::fail(format!("{}: {why}", method.name)))?;
                }
            }
        }
    }

    /// The past beyond what a method looks back on does not matter, nor where the file begins. (Methods that learn once from all
    /// steps before look back on everything.)
    #[test]
    fn a_longer_past_changes_nothing(
        counts in proptest::collection::vec((0..9_u32).prop_map(f64::from), 90..120),
        older in proptest::collection::vec((0..9_u32).prop_map(f64::from), 1..30),
    ) {
        let longer = Series::of("s", [older.clone(), counts.clone()].concat(), 12);
        let series = Series::of("s", counts, 12);
        for method in methods().iter().filter(|method| method.learning_years == 0) {
            let last = series.len() - 1;
            let (Some(a), Some(b)) = (
                scored(method, &series, last..last + 1),
                scored(method, &longer, last + older.len()..last + older.len() + 1),
            ) else { continue };
            prop_assert_eq!((a[0].alarm, a[0].doubt), (b[0].alarm, b[0].doubt), "{}", method.name);
            for (a, b) in [(a[0].upper, b[0].upper), (a[0].expected, b[0].expected), (a[0].p_value, b[0].p_value)] {
                let (a, b) = (a.unwrap_or(0.0), b.unwrap_or(0.0));
                prop_assert!((a - b).abs() <= 1e-6 * a.abs(), "{} {} {}", method.name, a, b);
            }
        }
    }
}

#[test]
fn the_order_of_series_in_the_file_is_that_of_the_result_and_nothing_else() {
    let rows = |name: &str, seed: usize| -> String {
        (1..=90).map(|t| format!("{name},{t},{}\n", (t * seed) % 7 + t % 5)).collect()
    };
    let (a, b, c) = (rows("a", 3), rows("b", 5), rows("c", 11));
    for method in methods() {
        let told = |text: String| {
            let (chosen, frame) = prepare(&method, Map::from_iter([("freq".to_owned(), 12.into())])).unwrap();
            let table = Table::parse(format!("series,t,observed\n{text}").as_bytes()).unwrap();
            let watched = watch(&table, &chosen, &Frame { learning_years: 1, ..frame });
            let text =
                watched.map(|watched| sheet(&watched).render(Format::Csv).unwrap()).unwrap_or_default();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (mut first, mut second) = (told([&*a, &b, &c].concat()), told([&*c, &a, &b].concat()));
        assert_eq!(first.first(), second.first());
        first.sort();
        second.sort();
        assert_eq!(first, second, "{}", method.name);
    }
}
