//! Whether "95 %" and "the cheapest with probability" are as often right as they say: every result of a day, weighed by its
//! chance.

use lab::{
    Assay, Compatibility, Households, IntervalMethod, People, PointMethod, PoolResult, Scheme, Wishes,
    advise, estimate_prevalence, perform,
};

/// Chances of 0, 1, … positive among `pools`.
fn binomial(pools: u64, chance: f64) -> Vec<f64> {
    let mut log_ways = 0.0;
    (0..=pools)
        .map(|x| {
            if x > 0 {
                log_ways += ((pools - x + 1) as f64 / x as f64).ln();
            }
            (log_ways + x as f64 * chance.ln() + (pools - x) as f64 * (-chance).ln_1p()).exp()
        })
        .collect()
}

fn assay() -> Assay {
    Assay::of(0.95, 0.998, None).unwrap()
}

fn chance_of_positive(size: usize, p: f64, households: Households) -> f64 {
    perform(Scheme::TwoStage { pool: size }, &People::of(p, households).unwrap(), &assay()).unwrap().held
}

/// How often the interval of a hundred pools of ten holds the truth.
fn coverage(method: IntervalMethod, p: f64, households: Households) -> f64 {
    let chances = binomial(100, chance_of_positive(10, p, households));
    chances
        .iter()
        .enumerate()
        .filter(|(positive, _)| {
            let results = [PoolResult { size: 10, pools: 100, positive: *positive as u64 }];
            let told = estimate_prevalence(
                &results,
                &assay(),
                households,
                PointMethod::Gart,
                method,
                0.95,
                Compatibility::None,
            )
            .unwrap();
            told.low <= p && p <= told.high
        })
        .map(|(_, chance)| chance)
        .sum()
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let households = [Households::APART, Households::together(3, 0.3).unwrap()];
    println!("prevalence,household,skew_score,score,wald,clopper_pearson,blaker");
    for households in households {
        for p in [0.0005, 0.002, 0.01, 0.05] {
            let [skew, score, wald, exact, blaker] = [
                IntervalMethod::SkewScore,
                IntervalMethod::Score,
                IntervalMethod::Wald,
                IntervalMethod::ClopperPearson,
                IntervalMethod::Blaker,
            ]
            .map(|method| coverage(method, p, households));
            println!("{p},{households:?},{skew:.3},{score:.3},{wald:.3},{exact:.3},{blaker:.3}");
            assert!(exact >= 0.95 && blaker >= 0.95 && blaker <= exact + 1e-9, "{p}: {exact} {blaker}");
            assert!(skew > 0.92 && score > 0.90, "{p}: {skew} {score}");
        }
    }
}

/// Prevalences from 1 in 10,000 to 1 in 20, evenly by their logarithm; two hundred pools of ten.
#[test]
fn the_size_advised_is_the_cheapest_as_often_as_it_is_said_to_be() {
    let wishes = Wishes {
        price_of_test: 20.0,
        value_of_hour: 0.1,
        hours_for_sample: 12.0,
        hours_for_reading: 4.0,
        least_sensitivity: 0.0,
        sizes: vec![1, 5, 10, 20],
    };
    let pools = 200;
    let advised: Vec<_> = (0..=pools)
        .map(|positive| {
            let results = [PoolResult { size: 10, pools, positive }];
            advise(&results, &assay(), Households::APART, &wishes, 0.95).unwrap()
        })
        .collect();
    let cost = |size: usize, p: f64| {
        let scheme = if size == 1 { Scheme::Single } else { Scheme::TwoStage { pool: size } };
        lab::offer(scheme, &People::of(p, Households::APART).unwrap(), &assay(), &wishes).unwrap().cost
    };
    let (mut said, mut right, mut said_doubt, mut doubt) = (0.0, 0.0, 0.0, 0.0);
    let grid = 60;
    for step in 0..grid {
        let p = (1e-4_f64.ln() + (0.05_f64 / 1e-4).ln() * (f64::from(step) + 0.5) / f64::from(grid)).exp();
        let costs = [1, 5, 10, 20].map(|size| cost(size, p));
        let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
        for (chance, advice) in
            binomial(pools, chance_of_positive(10, p, Households::APART)).iter().zip(&advised)
        {
            let weight = chance / f64::from(grid);
            let taken = cost(advice.size, p);
            said += weight * advice.best().cheapest;
            said_doubt += weight * advice.price_of_doubt / least;
            doubt += weight * (taken / least - 1.0);
            right += weight * f64::from(u8::from(taken <= least * (1.0 + 1e-12)));
        }
    }
    println!(
        "said to be the cheapest {said:.3}, was {right:.3}; dearer than need be, said {said_doubt:.4}, was {doubt:.4}"
    );
    assert!((said - right).abs() < 0.04 && right > 0.85, "{said} {right}");
    assert!((said_doubt - doubt).abs() < 0.005, "{said_doubt} {doubt}");
}
