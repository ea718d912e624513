//! Reconstruction where the answer is known.

use base::Streams;
use trace::reconstruction::{
    Compatibility, Contacts, DelayDays, Evidence, Model, NamedSource, Posterior, Run, Sample, Situation,
    sample,
};

fn model() -> Model {
    Model::of(
        DelayDays::of(vec![0.0, 1.0, 3.0, 3.0, 1.0], "generation time").unwrap(),
        DelayDays::of(vec![0.0, 1.0, 2.0, 1.0], "incubation").unwrap(),
    )
}

fn drawn(evidence: Evidence, model: &Model, run: &Run) -> (Situation, Sample) {
    let situation = Situation::of(evidence, model).unwrap();
    let sample = sample(&situation, run, &Streams::seeded(1)).unwrap();
    (situation, sample)
}

/// Three cases, all ancestries and days written out: the chain visits each as often as its probability says.
#[test]
fn a_small_outbreak_is_visited_as_often_as_it_is_probable() {
    let model = Model { most_generations: 2, compatibility: Compatibility::Outbreaker2, ..model() };
    let evidence = Evidence {
        days: vec![0, 3, 4],
        contacts: Some(Contacts { records: vec![(1, 2)], directed: false }),
        imported: vec![0],
        ..Evidence::default()
    };
    let run = Run { chains: 4, warm_up: 200, draws: 8_000, every: 2 };
    let (situation, sample) = drawn(evidence, &model, &run);
    let draws: Vec<_> = sample.chains.iter().flatten().collect();
    // The rates are integrated out on a grid.
    let mut exact = std::collections::BTreeMap::new();
    for tree in trees() {
        let mut sum = 0.0;
        for (within, elsewhere, reporting) in grid() {
            let rates = trace::reconstruction::Rates {
                mutation: 1e-4,
                reporting,
                contact_within: within,
                contact_elsewhere: elsewhere,
                reproduction: 1.0,
                dispersion: 1.0,
                introductions: 1.0,
                diversity: 1.0,
                shared_source: 0.1,
            };
            sum += (situation.log_likelihood(&tree, &rates).sum() + situation.log_prior(&rates)).exp();
        }
        let key = (tree.ancestor.clone(), tree.generations.clone());
        *exact.entry(key).or_insert(0.0) += sum;
    }
    let whole: f64 = exact.values().sum();
    for ((ancestor, generations), sum) in exact {
        let matches = |draw: &&&trace::reconstruction::Draw| {
            (0..3).all(|case| {
                draw.ancestor[case].map(|a| a as usize) == ancestor[case]
                    && (ancestor[case].is_none() || usize::from(draw.generations[case]) == generations[case])
            })
        };
        let found = draws.iter().filter(matches).count() as f64 / draws.len() as f64;
        let wanted = sum / whole;
        assert!(
            (found - wanted).abs() < 0.01 + 0.03 * wanted,
            "{ancestor:?} {generations:?}: {found} {wanted}"
        );
    }
}

fn grid() -> Vec<(f64, f64, f64)> {
    let steps = |many: usize| (0..many).map(move |i| (i as f64 + 0.5) / many as f64);
    steps(12).flat_map(|a| steps(24).flat_map(move |b| steps(30).map(move |c| (a, b, c)))).collect()
}

fn trees() -> Vec<trace::reconstruction::Ancestry> {
    let mut all = Vec::new();
    for (second, third) in [(0, 0), (0, 1), (2, 0)] {
        for (g2, g3) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
            for first_day in -3..0 {
                for second_day in 0..3 {
                    for third_day in 1..4 {
                        all.push(trace::reconstruction::Ancestry {
                            ancestor: vec![None, Some(second), Some(third)],
                            infected: vec![first_day, second_day, third_day],
                            generations: vec![1, g2, g3],
                        });
                    }
                }
            }
        }
    }
    all
}

fn chain_of(many: i32) -> Evidence {
    Evidence {
        days: (0..many).map(|case| case * 3).collect(),
        contacts: Some(Contacts {
            records: (1..many as usize).map(|case| (case - 1, case)).collect(),
            directed: false,
        }),
        ..Evidence::default()
    }
}

const SHORT: Run = Run { chains: 3, warm_up: 200, draws: 300, every: 2 };

#[test]
fn contacts_in_a_row_make_a_chain() {
    let (situation, sample) = drawn(chain_of(12), &model(), &SHORT);
    let posterior = Posterior::of(&situation, &sample);
    for case in 1..12 {
        assert_eq!(posterior.consensus[case], Some(case - 1), "{:?}", posterior.links);
    }
    let last = &posterior.people[11];
    assert!(last.generation[1] >= 9.0 && last.infected_others[0] < 0.1, "{last:?}");
    assert!(posterior.largest_r_hat() < 1.1, "{:#?}", posterior.measures);
}

#[test]
fn the_same_seed_says_the_same_on_any_number_of_threads() {
    let all = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| drawn(chain_of(9), &model(), &SHORT).1)
    });
    assert_eq!(all[0], all[1]);
}

#[test]
fn a_named_source_is_believed_as_far_as_it_is_reliable() {
    // Case 2 fits cases 0 and 1 alike.
    let support = |reliability: Option<f64>| {
        let named = reliability.map(|reliability| NamedSource { case: 2, source: 1, reliability });
        let evidence =
            Evidence { days: vec![0, 0, 4], named: named.into_iter().collect(), ..Evidence::default() };
        let run = Run { draws: 4_000, ..SHORT };
        let (situation, sample) = drawn(evidence, &model(), &run);
        let links = Posterior::of(&situation, &sample).links;
        let of = |ancestor| {
            links.iter().find(|l| l.case == 2 && l.ancestor == ancestor).map_or(0.0, |l| l.support)
        };
        [of(Some(0)), of(Some(1)), of(None)]
    };
    let [first, second, _] = support(None);
    assert!((first - second).abs() < 0.04, "{first} {second}");
    let [first, second, _] = support(Some(0.9));
    assert!(second > 3.0 * first && first > 0.0, "{first} {second}");
    // A name that contradicts the days is not followed.
    let evidence = Evidence {
        days: vec![0, 4, 40],
        named: vec![NamedSource { case: 0, source: 2, reliability: 0.99 }],
        ..Evidence::default()
    };
    let (situation, sample) = drawn(evidence, &model(), &SHORT);
    assert_eq!(Posterior::of(&situation, &sample).consensus[0], None);
}

#[test]
fn a_case_nobody_can_have_infected_was_introduced() {
    let evidence = Evidence { days: vec![0, 3, 60, 63], ..Evidence::default() };
    let (situation, sample) = drawn(evidence, &model(), &SHORT);
    let posterior = Posterior::of(&situation, &sample);
    assert_eq!(posterior.consensus[2], None);
    assert!(
        posterior.links.iter().any(|link| link.case == 2 && link.ancestor.is_none() && link.support > 0.99)
    );
}

#[test]
fn evidence_that_cannot_be_is_refused() {
    let refused = |evidence: Evidence| Situation::of(evidence, &model()).unwrap_err().to_string();
    assert!(refused(Evidence { days: vec![1], ..Evidence::default() }).contains("too few"));
    assert!(refused(Evidence { days: vec![0, 99_999], ..Evidence::default() }).contains("mistyped year"));
    let contacts = Some(Contacts { records: vec![(0, 7)], directed: false });
    assert!(refused(Evidence { days: vec![0, 1], contacts, ..Evidence::default() }).contains("case 7"));
    let same_day =
        Model { generation_time: DelayDays::of(vec![1.0, 1.0], "generation time").unwrap(), ..model() };
    let evidence = Evidence { days: vec![0, 1], ..Evidence::default() };
    assert!(Situation::of(evidence, &same_day).unwrap_err().to_string().contains("at least a day"));
}

/// Ten small outbreaks of a generator that lists not everybody: the intervals hold the truth as often as they say, and the
/// supports promise what they keep, no more and no less.
#[test]
fn intervals_and_supports_of_simulated_outbreaks_hold() {
    for mutations in [None, Some(1.0)] {
        let run = Run { chains: 2, warm_up: 200, draws: 200, every: 2 };
        let design = trace::OutbreakDesign {
            days: 25,
            introductions: 4.0,
            mutations,
            ..trace::OutbreakDesign::example()
        };
        let found = |seed| trace::reconstruction::trial(&design, &run, seed).unwrap();
        let trials: Vec<_> = (1..).filter_map(found).take(10).collect();
        let held: usize = trials
            .iter()
            .map(|trial| {
                usize::from(trial.holds_reproduction)
                    + usize::from(trial.holds_dispersion)
                    + usize::from(trial.holds_serial_interval)
            })
            .sum();
        // 30 intervals of 95 %: fewer than 25 once in a hundred times, were they independent.
        assert!(held >= 25, "{held} of 30: {trials:?}");
        let cases: usize = trials.iter().map(|trial| trial.cases).sum();
        let right: usize = trials.iter().map(|trial| trial.right).sum();
        let expected: f64 = trials.iter().map(|trial| trial.expected_right).sum();
        println!("{right} right of {cases}, {expected} expected, {held} of 30 intervals");
        assert!(2 * right > cases, "{right} of {cases}");
        assert!(
            (right as f64 - expected).abs() < 0.1 * cases as f64,
            "{right} right, {expected} expected of {cases}"
        );
    }
}
