//! An attacker who knows the method and has everything that was told, against random tables: by trying every table that
//! would have been told the same, and over many days by the differences.

use disclosure::{Cell, Policy, Suppressed, Table};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A province with prefectures with counties, and the province once more by how cases were found.
#[derive(Debug, Clone)]
struct Land {
    prefectures: Vec<Vec<u64>>,
    found: Vec<u64>,
}

impl Land {
    fn total(&self) -> u64 {
        self.prefectures.iter().flatten().sum()
    }

    fn table(&self) -> (Table, Vec<Cell>) {
        let mut table = Table::default();
        let all = table.whole(self.total());
        let sums: Vec<u64> = self.prefectures.iter().map(|counties| counties.iter().sum()).collect();
        let prefectures = table.split(all, &sums);
        let mut cells = vec![all];
        for (prefecture, counties) in prefectures.iter().zip(&self.prefectures) {
            cells.push(*prefecture);
            cells.extend(table.split(*prefecture, counties));
        }
        cells.extend(table.split(all, &self.found));
        (table, cells)
    }

    fn counts(&self) -> Vec<u64> {
        let mut counts = vec![self.total()];
        for counties in &self.prefectures {
            counts.push(counties.iter().sum());
            counts.extend(counties);
        }
        counts.extend(&self.found);
        counts
    }
}

fn fits(told: Suppressed, count: u64) -> bool {
    match told {
        Suppressed::None => count == 0,
        Suppressed::Withheld => count > 0,
        Suppressed::Between(from, to) => (from..=to).contains(&count),
    }
}

/// Leaves of the land, most at which an attacker looks: no small count hides behind a larger one.
const LARGEST: u64 = 13;

/// Every land of this shape whose counts fit what was told, leaf by leaf.
fn possible(shape: &Land, told: &[Suppressed], met: &mut dyn FnMut(&Land)) {
    let mut land = shape.clone();
    let leaves = land.prefectures.iter().map(Vec::len).sum::<usize>();
    try_leaf(&mut land, told, 0, leaves, met);
}

fn try_leaf(land: &mut Land, told: &[Suppressed], at: usize, leaves: usize, met: &mut dyn FnMut(&Land)) {
    if at == leaves {
        return try_found(land, told, 0, met);
    }
    let (mut prefecture, mut county, mut cell) = (0, at, 2);
    while county >= land.prefectures[prefecture].len() {
        county -= land.prefectures[prefecture].len();
        cell += land.prefectures[prefecture].len() + 1;
        prefecture += 1;
    }
    cell += county;
    for count in 0..=LARGEST {
        if fits(told[cell], count) {
            land.prefectures[prefecture][county] = count;
            try_leaf(land, told, at + 1, leaves, met);
        }
    }
}

fn try_found(land: &mut Land, told: &[Suppressed], at: usize, met: &mut dyn FnMut(&Land)) {
    let total = land.total();
    if at == land.found.len() {
        // Nobody is found in a way that is not among them: the remainder of that split is zero and known to be.
        if land.found.iter().sum::<u64>() == total
            && land.counts().iter().zip(told).all(|(count, told)| fits(*told, *count))
        {
            met(land);
        }
        return;
    }
    let cell = told.len() - land.found.len() + at;
    for count in 0..=total {
        if fits(told[cell], count) {
            land.found[at] = count;
            try_found(land, told, at + 1, met);
        }
    }
}

fn small_land() -> impl Strategy<Value = Land> {
    let counties = prop::collection::vec(prop_oneof![Just(0_u64), 1..4_u64, 0..9_u64], 1..3);
    (prop::collection::vec(counties, 1..3), 0.0..1.0_f64).prop_map(|(prefectures, share)| {
        let mut land = Land { prefectures, found: vec![] };
        let total = land.total();
        let cared = (share * total as f64) as u64;
        land.found = vec![cared, total - cared];
        land
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The strongest attacker there is for so small a land: whatever is consistent with the telling, he has tried.
    #[test]
    fn whoever_tries_every_table_finds_too_many(land in small_land()) {
        let policy = Policy::COLLEAGUES;
        let (table, cells) = land.table();
        let told = table.told(policy);
        let shown: Vec<Suppressed> = cells.iter().map(|cell| told.of(*cell)).collect();
        let counts = land.counts();
        let mut seen = vec![BTreeSet::new(); counts.len()];
        possible(&land, &shown, &mut |other| {
            for (seen, count) in seen.iter_mut().zip(other.counts()) {
                seen.insert(count);
            }
        });
        for (at, count) in counts.iter().enumerate() {
            prop_assert!(fits(shown[at], *count), "what is told is true");
            if policy.is_small(*count) {
                let enough = seen[at].len() as u64 >= policy.floor() - 1;
                prop_assert!(enough, "{count} at {at} of {land:?} can be {:?}: {shown:?}", seen[at]);
            }
        }
    }
}

fn wide_land(largest: u64) -> impl Strategy<Value = Land> {
    let count = prop_oneof![3 => Just(0_u64), 4 => 1..12_u64, 2 => 1..largest];
    let counties = prop::collection::vec(count, 1..12);
    (prop::collection::vec(counties, 1..11), 0.0..1.0_f64, 0.0..1.0_f64).prop_map(
        |(prefectures, one, two)| {
            let mut land = Land { prefectures, found: vec![] };
            let total = land.total();
            let cared = (one * total as f64) as u64;
            let community = (two * (total - cared) as f64) as u64;
            land.found = vec![cared, community, total - cared - community];
            land
        },
    )
}

/// The bounds a reader can calculate, from what was told alone.
fn calculable(land: &Land, told: &[Suppressed]) -> Vec<disclosure::Bounds> {
    let mut known: Vec<disclosure::Bounds> = told
        .iter()
        .map(|told| match told {
            Suppressed::None => disclosure::Bounds { least: 0, most: Some(0) },
            Suppressed::Withheld => disclosure::Bounds { least: 1, most: None },
            Suppressed::Between(from, to) => disclosure::Bounds { least: *from, most: Some(*to) },
        })
        .collect();
    let (mut sums, mut prefectures, mut at) = (Vec::new(), Vec::new(), 1);
    for counties in &land.prefectures {
        prefectures.push(at);
        sums.push((at, (at + 1..=at + counties.len()).collect()));
        at += counties.len() + 1;
    }
    sums.push((0, prefectures));
    sums.push((0, (at..at + land.found.len()).collect()));
    known.truncate(told.len());
    disclosure::bounds(&known, &sums)
}

proptest! {
    // As many tables as PROPTEST_CASES says.
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn no_small_count_of_a_province_can_be_calculated(land in wide_land(3_000), public in any::<bool>()) {
        let policy = if public { Policy::PUBLIC } else { Policy::COLLEAGUES };
        let (table, cells) = land.table();
        let told = table.told(policy);
        let shown: Vec<Suppressed> = cells.iter().map(|cell| told.of(*cell)).collect();
        for ((count, shown), bounds) in land.counts().iter().zip(&shown).zip(calculable(&land, &shown)) {
            prop_assert!(fits(*shown, *count));
            if policy.is_small(*count) {
                prop_assert!(bounds.most.is_none_or(|most| most - bounds.least + 1 >= policy.floor() - 1));
            }
        }
    }

    /// Thirty days of the running total of one place: the difference of any two tellings leaves a small number of new
    /// cases as uncertain as it was.
    #[test]
    fn what_two_days_differ_by_tells_no_small_number(new in prop::collection::vec(0..12_u64, 30), public in any::<bool>()) {
        let policy = if public { Policy::PUBLIC } else { Policy::COLLEAGUES };
        let mut total = 0;
        let totals: Vec<u64> = new.iter().map(|new| { total += new; total }).collect();
        for (at, pair) in totals.windows(2).enumerate() {
            let told = |count| Suppressed::alone(count, policy);
            // A running total only grows.
            let (least, most) = match (told(pair[0]), told(pair[1])) {
                (Suppressed::None, Suppressed::None) => (0, 0),
                (Suppressed::Between(low, high), Suppressed::Between(from, to)) => (from.saturating_sub(high), to - low),
                (Suppressed::Withheld, Suppressed::Between(from, to)) => (from - (policy.floor() - 1), to - 1),
                (_, Suppressed::Between(from, to)) => (from, to),
                (Suppressed::Withheld, _) => (0, policy.floor() - 1),
                _ => (1, policy.floor() - 1),
            };
            let grown = new[at + 1];
            prop_assert!((least..=most).contains(&grown), "{pair:?}");
            if policy.is_small(grown) {
                prop_assert!(least <= 1 && most >= policy.floor() - 1, "{pair:?}: {least} to {most}");
            }
        }
    }
}

/// What a careless table would give away: the check above is one that can fail.
#[test]
fn withholding_only_the_small_count_gives_it_away() {
    let land = Land { prefectures: vec![vec![12, 3, 40]], found: vec![55] };
    let careless: Vec<Suppressed> =
        land.counts().iter().map(|count| Suppressed::alone(*count, Policy::COLLEAGUES)).collect();
    let exact: Vec<disclosure::Bounds> = land
        .counts()
        .iter()
        .map(|count| {
            let small = Policy::COLLEAGUES.is_small(*count);
            disclosure::Bounds { least: if small { 1 } else { *count }, most: (!small).then_some(*count) }
        })
        .collect();
    let pinned = disclosure::bounds(&exact, &[(0, vec![1]), (1, vec![2, 3, 4])]);
    assert_eq!(pinned[3], disclosure::Bounds { least: 3, most: Some(3) }, "exact neighbours tell it");
    assert_eq!(careless[3], Suppressed::Withheld);
}
