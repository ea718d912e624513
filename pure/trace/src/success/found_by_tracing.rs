//! Of those exposed, how many fell ill, by how they were exposed; and of new cases, how many were known as contacts before.

use base::Day;
use stats::clopper_pearson;
use std::collections::BTreeMap;

/// A contact of a case, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// How it was exposed, such as household or ward.
    pub kind: String,
    /// `None` while it is still watched.
    pub fell_ill: Option<bool>,
}

/// Of one kind of exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackByKind {
    pub kind: String,
    /// Watched to the end.
    pub exposed: u64,
    pub ill: u64,
    /// Still watched and well; in no share.
    pub open: u64,
    /// Share of the exposed who fell ill, 0 to 1; absent without any.
    pub attack_rate: Option<f64>,
    /// Exact interval (Clopper-Pearson).
    pub low: f64,
    pub high: f64,
}

/// Secondary attack rates, the kinds in the order of their names. Who fell ill while watched counts at once, who is well only at the
/// end: so an outbreak that goes on has rates that are too high, and `open` says of how many that may be.
///
/// # Source
/// Exact interval: Clopper and Pearson 1934, Biometrika 26:404-413, doi:10.1093/biomet/26.4.404.
pub fn attack_by_kind(followed: &[Followed], level: f64) -> Vec<AttackByKind> {
    let mut kinds: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for one in followed {
        let (exposed, ill, open) = kinds.entry(&one.kind).or_default();
        match one.fell_ill {
            None => *open += 1,
            Some(fell_ill) => {
                *exposed += 1;
                *ill += u64::from(fell_ill);
            }
        }
    }
    let told = |(kind, (exposed, ill, open)): (&str, (u64, u64, u64))| {
        let (low, high) = clopper_pearson(ill, exposed, level);
        let attack_rate = (exposed > 0).then(|| ill as f64 / exposed as f64);
        AttackByKind { kind: kind.to_owned(), exposed, ill, open, attack_rate, low, high }
    };
    kinds.into_iter().map(told).collect()
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundByTracing {
    pub cases: u64,
    /// Known as contacts on a day before that on which they were found as cases.
    pub known_before: u64,
    /// Absent without cases.
    pub share: Option<f64>,
    /// Exact interval (Clopper-Pearson).
    pub low: f64,
    pub high: f64,
}

/// Of each new case: the day on which it was found, and the first on which it was known as a contact. Who became known as a contact
/// on the day of being found was not known before.
pub fn found_by_tracing(cases: &[(Day, Option<Day>)], level: f64) -> FoundByTracing {
    let many = cases.len() as u64;
    let before = cases.iter().filter(|(found, known)| known.is_some_and(|known| known < *found));
    let known_before = before.count() as u64;
    let (low, high) = clopper_pearson(known_before, many, level);
    let share = (many > 0).then(|| known_before as f64 / many as f64);
    FoundByTracing { cases: many, known_before, share, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_rates_have_the_intervals_of_the_table_and_the_watched_wait() {
        // Newcombe 1998, table I, method 5: 15 of 148 and 0 of 20.
        let of = |kind: &str, ill: usize, well: usize, open: usize| {
            let one = |fell_ill| Followed { kind: kind.to_owned(), fell_ill };
            [vec![one(Some(true)); ill], vec![one(Some(false)); well], vec![one(None); open]].concat()
        };
        let rates = attack_by_kind(&[of("ward", 0, 20, 3), of("household", 15, 133, 0)].concat(), 0.95);
        assert_eq!(rates.iter().map(|rate| rate.kind.as_str()).collect::<Vec<_>>(), ["household", "ward"]);
        assert_eq!((rates[0].ill, rates[0].exposed, rates[1].open), (15, 148, 3));
        assert!((rates[0].low - 0.0578).abs() < 5e-5 && (rates[0].high - 0.1617).abs() < 5e-5);
        assert!(rates[1].low == 0.0 && (rates[1].high - 0.1684).abs() < 5e-5);
        let open = attack_by_kind(&of("bus", 0, 0, 4), 0.95);
        assert_eq!((open[0].attack_rate, open[0].low, open[0].high), (None, 0.0, 1.0));
    }

    #[test]
    fn who_was_known_on_the_same_day_was_not_known_before() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let found = day("2022-02-05");
        let cases = [
            (found, Some(day("2022-02-04"))),
            (found, Some(found)),
            (found, None),
            (found, Some(day("2022-02-01"))),
        ];
        let told = found_by_tracing(&cases, 0.95);
        assert_eq!((told.known_before, told.cases, told.share), (2, 4, Some(0.5)));
        // 2 of 4: 0.0676 to 0.9324.
        assert!((told.low - 0.0676).abs() < 1e-4 && (told.high - 0.9324).abs() < 1e-4, "{told:?}");
        assert_eq!(found_by_tracing(&[], 0.95).share, None);
    }
}
