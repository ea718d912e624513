//! Figures that others published, and what must hold whatever the numbers are.

use lab::{
    Assay, Compatibility, CtValues, Dilution, Households, IntervalMethod, People, PointMethod, PoolResult,
    Scheme, Wishes, advise, compare_schemes, estimate_prevalence, perform, two_stage_size,
};
use proptest::prelude::*;

fn apart(p: f64) -> People {
    People::of(p, Households::APART).unwrap()
}

fn perfect() -> Assay {
    Assay::of(1.0, 1.0, None).unwrap()
}

/// Dorfman 1943, table of the best pool and its cost in per cent of testing everybody.
#[test]
fn the_best_pools_are_those_of_dorfman() {
    for (per_cent, size, cost) in
        [(1, 11, 20), (2, 8, 27), (5, 5, 43), (10, 4, 59), (15, 3, 72), (20, 3, 82), (30, 3, 99)]
    {
        let people = apart(f64::from(per_cent) / 100.0);
        let (best, tests) = two_stage_size(&people, &perfect(), 2..=60).unwrap();
        assert_eq!((best, (100.0 * tests).round() as u32), (size, cost), "{per_cent} %");
    }
}

/// A million people, one in a thousand infected, ten in a tube: 109,955 tests, and 9,955 people held.
#[test]
fn whom_a_positive_tube_holds_is_counted() {
    let ten = perform(Scheme::TwoStage { pool: 10 }, &apart(0.001), &perfect()).unwrap();
    assert_eq!(((1e6 * ten.tests).round(), (1e6 * ten.held).round()), (109_955.0, 9_955.0));
}

#[test]
fn a_household_that_is_all_or_none_is_one_person() {
    let all_or_none = People::of(0.01, Households::together(5, 1.0).unwrap()).unwrap();
    let five = perform(Scheme::TwoStage { pool: 5 }, &all_or_none, &perfect()).unwrap();
    assert!((five.held - 0.01).abs() < 1e-15);
    let ten = perform(Scheme::TwoStage { pool: 10 }, &all_or_none, &perfect()).unwrap();
    assert!((ten.held - (1.0 - 0.99 * 0.99)).abs() < 1e-15);
}

fn wishes(value_of_hour: f64, least_sensitivity: f64) -> Wishes {
    Wishes {
        price_of_test: 20.0,
        value_of_hour,
        hours_for_sample: 12.0,
        hours_for_reading: 3.0,
        least_sensitivity,
        sizes: (1..=40).collect(),
    }
}

#[test]
fn who_values_hours_uses_smaller_pools() {
    let assay = Assay::of(0.95, 0.998, None).unwrap();
    let size = |value: f64| {
        let all = compare_schemes(&apart(0.005), &assay, &wishes(value, 0.0)).unwrap();
        all.iter().find(|offer| matches!(offer.scheme, Scheme::TwoStage { .. })).unwrap().scheme.largest_mix()
    };
    let sizes = [0.0, 1.0, 10.0].map(size);
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2], "{sizes:?}");
}

#[test]
fn what_is_not_sensitive_enough_comes_last_and_says_so() {
    let assay = Assay::of(0.95, 0.998, None).unwrap();
    let all = compare_schemes(&apart(0.005), &assay, &wishes(0.0, 0.948)).unwrap();
    let enough: Vec<_> =
        all.iter().map(|offer| (offer.scheme.kind().word(), offer.sensitive_enough)).collect();
    // Two stages reach 0.95² = 0.9025; two rounds of them 0.9905.
    assert_eq!(enough[..2], [("twice", true), ("single", true)]);
    assert!(enough[2..].iter().all(|(_, enough)| !enough) && all.len() == 7, "{enough:?}");
}

#[test]
fn nonsense_is_refused_by_its_name_with_a_remedy() {
    let told = |refused: Result<(), lab::LabError>| refused.unwrap_err().to_string();
    for p in [0.0, 1.0, f64::NAN, -0.1, f64::INFINITY] {
        let why = told(People::of(p, Households::APART).map(drop));
        assert!(why.starts_with("`prevalence` is ") && why.contains("such as 0.001"), "{why}");
    }
    for pool in [0, 1, 1_000_000] {
        for scheme in
            [Scheme::TwoStage { pool }, Scheme::Array { side: pool }, Scheme::MasterArray { side: pool }]
        {
            let why = told(perform(scheme, &apart(0.1), &perfect()).map(drop));
            assert!(why.starts_with("`pool` is ") && why.contains("2 to 1000"), "{why}");
        }
    }
    for part in [0, 1, 3, 10] {
        let why = told(perform(Scheme::ThreeStage { pool: 10, part }, &apart(0.1), &perfect()).map(drop));
        assert!(why.starts_with("`part` is "), "{why}");
    }
    assert!(told(Assay::of(0.5, 0.5, None).map(drop)).contains("coin"));
    assert!(told(Assay::of(f64::NAN, 0.99, None).map(drop)).contains("`sensitivity` is NaN"));
    let estimate = |size, pools, positive| {
        let results = [PoolResult { size, pools, positive }];
        let (point, interval) = (PointMethod::Gart, IntervalMethod::SkewScore);
        told(
            estimate_prevalence(
                &results,
                &perfect(),
                Households::APART,
                point,
                interval,
                0.95,
                Compatibility::None,
            )
            .map(drop),
        )
    };
    assert!(estimate(10, 50, 51).contains("`positive` is 51; no more can be positive than were read"));
    assert!(estimate(0, 50, 1).contains("`pool_size` is 0") && estimate(10, 0, 0).contains("`pools` is 0"));
    assert!(estimate(1_000_000, 50, 1).contains("`pool_size` is 1000000"));
    let weak = Dilution::of(CtValues::Found(vec![39.0]), 40.0, 1.0).unwrap();
    let assay = Assay::of(0.95, 1.0, Some(weak)).unwrap();
    let results = [PoolResult { size: 10, pools: 50, positive: 1 }];
    let (point, interval) = (PointMethod::Mle, IntervalMethod::Score);
    let why = told(
        estimate_prevalence(&results, &assay, Households::APART, point, interval, 0.95, Compatibility::None)
            .map(drop),
    );
    assert!(why.contains("shows nobody"), "{why}");
    let why = told(advise(&results, &perfect(), Households::APART, &wishes(1.0, 1.1), 0.95).map(drop));
    assert!(why.contains("`least_sensitivity` is 1.1"), "{why}");
}

/// Two hundred pools of ten, one positive: pools of ten or twenty; and surer with ten times as many.
#[test]
fn more_pools_make_the_advice_surer() {
    let advice = |many: u64| {
        let results = [PoolResult { size: 10, pools: 200 * many, positive: many }];
        advise(&results, &perfect(), Households::APART, &wishes(0.1, 0.0), 0.95).unwrap()
    };
    let (few, many) = (advice(1), advice(50));
    assert!(many.best().cheapest > few.best().cheapest && many.price_of_doubt < few.price_of_doubt);
    let (p, p_of_many) = (few.prevalence, many.prevalence);
    assert!(p.low < p_of_many.low && p_of_many.high < p.high, "{p:?} {p_of_many:?}");
    let sum: f64 = few.sizes.iter().map(|size| size.cheapest).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    // Nearly certain of the prevalence, the advice is the plan for it.
    let (known, _) = two_stage_size(&apart(p_of_many.estimate), &perfect(), 2..=40).unwrap();
    assert!(many.size <= known, "{} for {known}", many.size);
}

#[test]
fn no_positive_pool_still_gives_an_upper_end_and_advice() {
    let results = [PoolResult { size: 10, pools: 50, positive: 0 }];
    let advice = advise(&results, &perfect(), Households::APART, &wishes(1.0, 0.0), 0.95).unwrap();
    let p = advice.prevalence;
    assert!(p.estimate == 0.0 && p.low == 0.0 && (0.006..0.008).contains(&p.high), "{p:?}");
    assert!(advice.best().cheapest > 0.0 && advice.size > 1);
}

/// A specificity of 0.98 would make 20 false positives in 1,000 pools; 5 were positive.
#[test]
fn results_that_contradict_the_specificity_say_so() {
    let results = [PoolResult { size: 10, pools: 1_000, positive: 5 }];
    let assay = Assay::of(0.95, 0.98, None).unwrap();
    let told = |assay: &Assay| {
        let (point, interval) = (PointMethod::Gart, IntervalMethod::SkewScore);
        estimate_prevalence(&results, assay, Households::APART, point, interval, 0.95, Compatibility::None)
            .unwrap()
    };
    let contradicted = told(&assay);
    assert!(contradicted.too_few_for_specificity.is_some_and(|chance| chance < 1e-3), "{contradicted:?}");
    assert_eq!((contradicted.estimate, contradicted.low), (0.0, 0.0));
    assert_eq!(told(&Assay::of(0.95, 0.999, None).unwrap()).too_few_for_specificity, None);
}

/// P(X = 0) of 2,000 pools is 0.98^2000, far below what is left of 1 minus something.
#[test]
fn a_chance_of_so_few_is_told_however_small_it_is() {
    let results = [PoolResult { size: 10, pools: 2_000, positive: 0 }];
    let assay = Assay::of(0.95, 0.98, None).unwrap();
    let (point, interval) = (PointMethod::Gart, IntervalMethod::SkewScore);
    let told =
        estimate_prevalence(&results, &assay, Households::APART, point, interval, 0.95, Compatibility::None)
            .unwrap();
    let chance = told.too_few_for_specificity.unwrap();
    assert!((chance.ln() / (2_000.0 * 0.98_f64.ln()) - 1.0).abs() < 1e-9, "{chance}");
}

fn any_assay() -> impl Strategy<Value = Assay> {
    let dilution = proptest::option::of((20.0..38.0_f64, 0.5..10.0_f64, 30.0..45.0_f64));
    (0.5..=1.0_f64, 0.51..=1.0_f64, dilution).prop_map(|(sensitivity, specificity, dilution)| {
        let dilution = dilution
            .and_then(|(mean, sd, limit)| Dilution::of(CtValues::Normal { mean, sd }, limit, 1.0).ok());
        Assay::of(sensitivity, specificity, dilution).unwrap()
    })
}

fn any_hierarchy() -> impl Strategy<Value = Scheme> {
    prop_oneof![
        Just(Scheme::Single),
        (2..200_usize).prop_map(|pool| Scheme::TwoStage { pool }),
        (2..200_usize).prop_map(|pool| Scheme::Confirmed { pool }),
        (2..200_usize).prop_map(|pool| Scheme::Twice { pool }),
        (2..20_usize, 2..20_usize).prop_map(|(parts, part)| Scheme::ThreeStage { pool: parts * part, part }),
    ]
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![
        3 => any_hierarchy(),
        1 => (2..60_usize).prop_map(|side| Scheme::Array { side }),
        1 => (2..31_usize).prop_map(|side| Scheme::MasterArray { side }),
    ]
}

fn entropy(p: f64) -> f64 {
    -(p * p.log2() + (1.0 - p) * (1.0 - p).log2())
}

proptest! {
    #[test]
    fn shares_are_shares_and_no_scheme_tests_less_than_it_must(
        log_p in -16.0..-0.02_f64, assay in any_assay(), scheme in any_scheme(),
        size in 1..8_usize, rho in 0.0..=1.0_f64,
    ) {
        let p = log_p.exp();
        let people = People::of(p, Households::together(size, rho).unwrap()).unwrap();
        let got = perform(scheme, &people, &assay).unwrap();
        let shares = [got.sensitivity, got.specificity, got.positive_predictive_value, got.negative_predictive_value, got.held];
        for share in shares {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&share), "{got:?}");
        }
        prop_assert!(got.tests >= 1.0 / scheme.largest_mix() as f64 - 1e-12, "{got:?}");
        prop_assert!(got.waits_for_sample + got.waits_for_reading >= got.held - 1e-12, "{got:?}");
        // Each person found was tested alone, and people cannot be told apart with fewer tests than they hold bits.
        let most = if matches!(scheme, Scheme::Twice { .. }) { 1.0 } else { assay.sensitivity() };
        prop_assert!(got.sensitivity <= most + 1e-12, "{got:?}");
        let sure = perform(scheme, &apart(p), &perfect()).unwrap();
        prop_assert!(sure.sensitivity > 1.0 - 1e-12 && sure.specificity > 1.0 - 1e-12, "{sure:?}");
        prop_assert!(sure.tests >= entropy(p) - 1e-9, "{sure:?}");
    }

    /// Not a square: that spares tests again when nearly everybody is infected.
    #[test]
    fn more_infected_people_mean_more_tests_and_more_held(
        log_p in -14.0..-0.3_f64, more in 1.01..1.3_f64, assay in any_assay(), scheme in any_hierarchy(),
        size in 1..8_usize, rho in 0.0..=1.0_f64,
    ) {
        let households = Households::together(size, rho).unwrap();
        let at = |p: f64| perform(scheme, &People::of(p, households).unwrap(), &assay).unwrap();
        let (low, high) = (at(log_p.exp()), at((log_p.exp() * more).min(0.99)));
        prop_assert!(low.tests <= high.tests + 1e-12 && low.held <= high.held + 1e-12, "{low:?} {high:?}");
    }

    #[test]
    fn people_alike_in_one_pool_cost_fewer_tests_and_are_missed_less(
        log_p in -10.0..-0.5_f64, assay in any_assay(), pool in 2..60_usize, size in 2..8_usize,
        rho in 0.0..0.9_f64, more in 0.0..0.1_f64,
    ) {
        let at = |rho: f64| {
            let people = People::of(log_p.exp(), Households::together(size, rho).unwrap()).unwrap();
            perform(Scheme::TwoStage { pool }, &people, &assay).unwrap()
        };
        let (less, more) = (at(rho), at(rho + more));
        prop_assert!(more.tests <= less.tests + 1e-12 && more.held <= less.held + 1e-12, "{less:?} {more:?}");
        // Where many pools hold several infected anyway, likeness takes them out of other pools.
        if pool as f64 * log_p.exp() < 0.3 {
            prop_assert!(more.sensitivity >= less.sensitivity - 1e-12, "{less:?} {more:?}");
        }
    }

    #[test]
    fn a_larger_mix_shows_fewer_and_thinning_never_helps(assay in any_assay(), pool in 2..500_usize, log_p in -10.0..-0.5_f64) {
        prop_assert!(assay.shown_in(pool + 1) <= assay.shown_in(pool) && assay.shown_in(1) == 1.0);
        let plain = Assay::of(assay.sensitivity(), 1.0 - assay.false_positive(), None).unwrap();
        let people = apart(log_p.exp());
        for scheme in [Scheme::TwoStage { pool }, Scheme::Confirmed { pool }, Scheme::Twice { pool }] {
            let (thin, whole) = (perform(scheme, &people, &assay).unwrap(), perform(scheme, &people, &plain).unwrap());
            prop_assert!(thin.sensitivity <= whole.sensitivity + 1e-12, "{thin:?} {whole:?}");
        }
    }

    #[test]
    fn an_interval_holds_the_likeliest_and_grows_with_the_positives(
        size in 1..60_usize, other in 1..60_usize, pools in 2..300_u64, share in 0.0..=1.0_f64,
        assay in any_assay(), household in 1..6_usize, rho in 0.0..=1.0_f64,
        method in prop_oneof![
            Just(IntervalMethod::SkewScore), Just(IntervalMethod::Score), Just(IntervalMethod::Wald),
            Just(IntervalMethod::ClopperPearson), Just(IntervalMethod::Blaker),
        ],
    ) {
        let households = Households::together(household, rho).unwrap();
        let exact = matches!(method, IntervalMethod::ClopperPearson | IntervalMethod::Blaker);
        let positive = (share * (pools - 1) as f64).floor() as u64;
        let at = |positive: u64| {
            let mut results = vec![PoolResult { size, pools, positive }];
            if !exact {
                results.push(PoolResult { size: other, pools: 5, positive: 1 });
            }
            estimate_prevalence(&results, &assay, households, PointMethod::Mle, method, 0.95, Compatibility::None)
        };
        // A mix in which these Ct values are no longer seen at all.
        let Ok(few) = at(positive) else { return Ok(()) };
        let more = at(positive + 1).unwrap();
        for one in [few, more] {
            prop_assert!(0.0 <= one.low && one.low <= one.high && one.high <= 1.0, "{one:?}");
            prop_assert!(one.low <= one.estimate * (1.0 + 1e-9) + 1e-12 && one.estimate <= one.high * (1.0 + 1e-9) + 1e-12, "{one:?}");
        }
        prop_assert!(few.estimate <= more.estimate + 1e-12, "{few:?} {more:?}");
    }

    #[test]
    fn pools_as_expected_give_the_prevalence_back(
        log_p in -7.0..-1.0_f64, size in 2..30_usize, household in 1..6_usize, rho in 0.0..=1.0_f64,
        sensitivity in 0.7..=1.0_f64, specificity in 0.97..=1.0_f64,
    ) {
        let (p, households) = (log_p.exp(), Households::together(household, rho).unwrap());
        let assay = Assay::of(sensitivity, specificity, None).unwrap();
        let held = perform(Scheme::TwoStage { pool: size }, &People::of(p, households).unwrap(), &assay).unwrap().held;
        prop_assume!(held < 0.9 * sensitivity);
        let pools = 1_000_000_000;
        let results = [PoolResult { size, pools, positive: (held * pools as f64).round() as u64 }];
        let (point, interval) = (PointMethod::Gart, IntervalMethod::SkewScore);
        let got = estimate_prevalence(&results, &assay, households, point, interval, 0.95, Compatibility::None).unwrap();
        prop_assert!((got.estimate / p - 1.0).abs() < 1e-3, "{got:?} for {p}");
        prop_assert!(got.low < got.high);
    }
}
