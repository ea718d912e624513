//! How likely it is that somebody infectious attends a gathering, and how many would be infected there.
//!
//! People come in parties; a party has somebody infected in it with a chance that follows from the prevalence where it comes
//! from. Infected people fill the air with quanta, each at their own rate (a gamma with a small k: most hardly, few a lot), the
//! air is taken as mixed and steady, and everybody else breathes it. All means are exact sums over who is infected, not draws.
//!
//! # Source
//! Riley et al. 1978 (docs/sources.md#riley-1978) for the air; Lloyd-Smith et al. 2005 (docs/sources.md#lloyd-smith-2005) for
//! how much infected people differ; numbers and their ends in packs/measures/gatherings.toml.

use crate::{Between, Gathering};
use packs::{CrowdPriors, GatheringRules, Prior};
use serde::Serialize;
use stats::{beta_cdf, gamma_quantile};

/// Attendees who come from one place, and what was found there lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComeFrom {
    pub people: f64,
    pub population: f64,
    /// Infections found in the open community in the last `days`.
    pub found: u32,
    pub days: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrowdRisk {
    /// Chance that at least one infectious person attends.
    pub any_infectious: Between,
    /// Infectious attendees expected.
    pub infectious: Between,
    /// People expected to be infected there.
    pub secondary: Between,
    pub if_one_attends: IfOne,
}

/// If exactly one infectious person attends, with the middle numbers of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IfOne {
    /// People expected to be infected.
    pub mean: f64,
    /// Chance that nobody is.
    pub none: f64,
    /// In nineteen of twenty such gatherings no more than this.
    pub at_most: u32,
}

/// One set of numbers, taken out of the priors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// Mean quanta that somebody who stays all the time breathes in from one infectious person.
    pub dose: f64,
    pub dispersion: f64,
    pub party: f64,
    pub party_attack: f64,
}

/// Attendees of one place and the share of them that is infectious.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub people: f64,
    pub prevalence: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Low,
    Middle,
    High,
}

impl End {
    fn of(self, prior: &Prior) -> f64 {
        match self {
            End::Low => prior.low,
            End::Middle => prior.value,
            End::High => prior.high,
        }
    }

    fn opposite(self) -> End {
        match self {
            End::Low => End::High,
            End::Middle => End::Middle,
            End::High => End::Low,
        }
    }

    /// What a count of `found` may have been the draw of: Garwood's exact interval of a Poisson mean.
    fn of_count(self, found: u32) -> f64 {
        let found = f64::from(found);
        match self {
            End::Low if found == 0.0 => 0.0,
            End::Low => gamma_quantile(0.025, found, 1.0),
            End::Middle => found,
            End::High => gamma_quantile(0.975, found + 1.0, 1.0),
        }
    }
}

/// The interval takes every number at its end that makes the answer smaller, and at its end that makes it larger: it is wide,
/// and it says how little is known.
pub fn crowd_risk(gathering: &Gathering, from: &[ComeFrom], rules: &GatheringRules) -> Option<CrowdRisk> {
    let activity = rules.activity(&gathering.activity)?;
    let priors = &rules.crowd;
    let numbers = |end: End| {
        let outdoors =
            end.opposite().of(&priors.outdoor_litres_per_second) * 3.6 * f64::from(gathering.people);
        let air = gathering.indoors.map_or(outdoors, crate::Room::m3_per_hour);
        let pass = if gathering.masks { end.of(&priors.masks_pass) } else { 1.0 };
        let emitted = end.of(&activity.quanta_per_hour) * pass;
        Numbers {
            dose: emitted * end.of(&activity.breath_m3_per_hour) * gathering.hours() / air,
            dispersion: end.of(&priors.dispersion),
            party: priors.party.value,
            party_attack: priors.party_attack.value,
        }
    };
    let shares = |end: End| shares_of(from, priors, end);
    let any = |end: End| {
        // Who comes in large parties is infected in fewer of them.
        let clustered = Numbers {
            party: end.opposite().of(&priors.party),
            party_attack: end.opposite().of(&priors.party_attack),
            ..numbers(end)
        };
        any_infectious(&shares(end), &clustered)
    };
    let between =
        |of: &dyn Fn(End) -> f64| Between { value: of(End::Middle), low: of(End::Low), high: of(End::High) };
    let one = numbers(End::Middle);
    Some(CrowdRisk {
        any_infectious: between(&any),
        infectious: between(&|end| infectious(&shares(end))),
        secondary: between(&|end| secondary(f64::from(gathering.people), &shares(end), &numbers(end))),
        if_one_attends: if_one(gathering.people, &one),
    })
}

fn shares_of(from: &[ComeFrom], priors: &CrowdPriors, end: End) -> Vec<Share> {
    from.iter()
        .map(|group| {
            let a_day = end.of_count(group.found) / group.days.max(1.0);
            let about = a_day * end.of(&priors.days_about) / end.opposite().of(&priors.ascertainment);
            Share { people: group.people, prevalence: (about / group.population.max(1.0)).clamp(0.0, 1.0) }
        })
        .collect()
}

/// Chance that a party has somebody infected in it, so that people are infected as often as the prevalence says.
fn party_infected(prevalence: f64, numbers: &Numbers) -> f64 {
    let infected = 1.0 + (numbers.party - 1.0) * numbers.party_attack;
    (prevalence * numbers.party / infected).min(1.0)
}

pub(crate) fn infectious(shares: &[Share]) -> f64 {
    shares.iter().map(|share| share.people * share.prevalence).sum()
}

pub(crate) fn any_infectious(shares: &[Share], numbers: &Numbers) -> f64 {
    // In logarithms: at a prevalence of one in a million nothing must be lost.
    let nobody: f64 = shares
        .iter()
        .map(|share| share.people / numbers.party * (-party_infected(share.prevalence, numbers)).ln_1p())
        .sum();
    -nobody.exp_m1()
}

/// Chance that somebody who stays all the time escapes one infectious person, over how much infectious people differ.
pub(crate) fn escape_one(numbers: &Numbers) -> f64 {
    (1.0 + numbers.dose / numbers.dispersion).powf(-numbers.dispersion)
}

/// With I infectious people and z the chance to escape one: the mean of (n − I)(1 − z^I), by the generating function of I.
pub(crate) fn secondary(people: f64, shares: &[Share], numbers: &Numbers) -> f64 {
    let z = escape_one(numbers);
    let (attack, others) = (numbers.party_attack, numbers.party - 1.0);
    let stays = 1.0 - attack + attack * z;
    let mut log_of_all = 0.0;
    let mut slope = 0.0;
    for share in shares {
        let infected = party_infected(share.prevalence, numbers);
        let parties = share.people / numbers.party;
        let inside = z * stays.powf(others);
        let one = 1.0 - infected + infected * inside;
        log_of_all += parties * (infected * (inside - 1.0)).ln_1p();
        let by_z = infected * (stays.powf(others) + z * others * attack * stays.powf(others - 1.0));
        if one > 0.0 {
            slope += parties * z * by_z / one;
        }
    }
    let everybody_escapes = log_of_all.exp();
    let expected = people * -log_of_all.exp_m1() - infectious(shares) + everybody_escapes * slope;
    expected.max(0.0)
}

/// Slices of the gamma of emissions, each taken at its middle.
const SLICES: u32 = 400;

fn if_one(people: u32, numbers: &Numbers) -> IfOne {
    let others = f64::from(people - 1);
    let doses: Vec<f64> = (0..SLICES)
        .map(|slice| {
            let share = (f64::from(slice) + 0.5) / f64::from(SLICES);
            -(-gamma_quantile(share, numbers.dispersion, numbers.dose / numbers.dispersion)).exp_m1()
        })
        .collect();
    let at_most = |infected: u32| {
        let of_slice = |chance: &f64| binomial_at_most(f64::from(infected), others, *chance);
        doses.iter().map(of_slice).sum::<f64>() / f64::from(SLICES)
    };
    let (mut low, mut high) = (0, people - 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if at_most(middle) >= 0.95 { high = middle } else { low = middle + 1 }
    }
    IfOne { mean: others * (1.0 - escape_one(numbers)), none: at_most(0), at_most: low }
}

fn binomial_at_most(k: f64, n: f64, chance: f64) -> f64 {
    if k >= n || chance <= 0.0 {
        return 1.0;
    }
    if chance >= 1.0 {
        return 0.0;
    }
    beta_cdf(1.0 - chance, n - k, k + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Room;
    use base::{Moment, Stream, Streams};
    use proptest::prelude::*;
    use rand_distr::{Distribution, Gamma};

    /// The same told by drawing: parties, who of them is infected, what each breathes out, who of the others breathes it in.
    fn drawn(shares: &[Share], numbers: &Numbers, runs: u32, seed: u64) -> (f64, f64, f64, f64) {
        let streams = Streams::seeded(seed);
        let (mut who, mut air, mut breath) = (streams.of("who"), streams.of("air"), streams.of("breath"));
        let party = numbers.party as u32;
        let emission = Gamma::new(numbers.dispersion, numbers.dose / numbers.dispersion).unwrap();
        let (mut some, mut total, mut squares) = (0.0, 0.0, 0.0);
        for _ in 0..runs {
            let (mut infectious, mut well) = (0, 0);
            for share in shares {
                let chance = party_infected(share.prevalence, numbers);
                for _ in 0..(share.people as u32 / party) {
                    let infected = draw_party(chance, party, numbers.party_attack, &mut who);
                    infectious += infected;
                    well += party - infected;
                }
            }
            if infectious == 0 {
                continue;
            }
            some += 1.0;
            let dose: f64 = (0..infectious).map(|_| emission.sample(&mut air)).sum();
            let chance = 1.0 - (-dose).exp();
            let infected = (0..well).filter(|_| breath.share() < chance).count() as f64;
            total += infected;
            squares += infected * infected;
        }
        let runs = f64::from(runs);
        let (any, mean) = (some / runs, total / runs);
        let spread = ((squares / runs - mean * mean) / runs).sqrt();
        (any, (any * (1.0 - any) / runs).sqrt(), mean, spread)
    }

    fn draw_party(chance: f64, party: u32, attack: f64, who: &mut Stream) -> u32 {
        if who.share() >= chance {
            return 0;
        }
        1 + (1..party).filter(|_| who.share() < attack).count() as u32
    }

    #[test]
    fn sums_and_plain_draws_say_the_same() {
        for (seed, dose, dispersion, party, attack, shares) in [
            (1, 0.02, 0.2, 1.0, 0.0, vec![(200.0, 0.004)]),
            (2, 0.01, 0.1, 2.0, 0.5, vec![(100.0, 0.01), (60.0, 0.0005)]),
            (3, 0.3, 0.5, 4.0, 0.3, vec![(40.0, 0.02), (40.0, 0.05)]),
            (4, 2.0, 5.0, 2.0, 0.9, vec![(20.0, 0.2)]),
        ] {
            let numbers = Numbers { dose, dispersion, party, party_attack: attack };
            let shares: Vec<Share> =
                shares.into_iter().map(|(people, prevalence)| Share { people, prevalence }).collect();
            let people: f64 = shares.iter().map(|share| share.people).sum();
            let (any, any_error, mean, error) = drawn(&shares, &numbers, 60_000, 20_220_224 + seed);
            let (told_any, told) = (any_infectious(&shares, &numbers), secondary(people, &shares, &numbers));
            println!(
                "{seed}: any {told_any:.5} drawn {any:.5} ± {any_error:.5}; infected {told:.5} drawn {mean:.5} ± {error:.5}"
            );
            assert!((told_any - any).abs() < 4.0 * any_error, "{seed}: any {told_any} drawn {any}");
            assert!((told - mean).abs() < 4.0 * error, "{seed}: infected {told} drawn {mean} ± {error}");
        }
    }

    #[test]
    fn what_one_infectious_person_does_is_what_drawing_says() {
        let numbers = Numbers { dose: 0.02, dispersion: 0.2, party: 1.0, party_attack: 0.0 };
        let told = if_one(301, &numbers);
        let streams = Streams::seeded(7);
        let (mut air, mut breath) = (streams.of("air"), streams.of("breath"));
        let emission = Gamma::new(0.2, 0.1).unwrap();
        let mut all: Vec<usize> = (0..20_000)
            .map(|_| {
                let dose: f64 = emission.sample(&mut air);
                let chance = 1.0 - (-dose).exp();
                (0..300).filter(|_| breath.share() < chance).count()
            })
            .collect();
        all.sort_unstable();
        let mean = all.iter().sum::<usize>() as f64 / all.len() as f64;
        let none = all.iter().filter(|one| **one == 0).count() as f64 / all.len() as f64;
        assert!((told.mean - mean).abs() < 0.35, "{} {mean}", told.mean);
        assert!((told.none - none).abs() < 0.015, "{} {none}", told.none);
        assert!(
            (f64::from(told.at_most) - all[19_000] as f64).abs() <= 2.0,
            "{} {}",
            told.at_most,
            all[19_000]
        );
    }

    fn wedding(people: u32, masks: bool, air_changes: f64) -> Gathering {
        Gathering {
            people,
            starts: Moment(0),
            ends: Moment(3 * 3_600_000),
            indoors: Some(Room { floor_m2: 600.0, height_m: 4.0, air_changes }),
            activity: "seated_talking".to_owned(),
            masks,
            duties: Vec::new(),
        }
    }

    fn rules() -> GatheringRules {
        packs::shipped::measures().unwrap().gatherings
    }

    #[test]
    fn where_nothing_was_found_the_middle_is_nobody_and_the_upper_end_is_not() {
        let from = [ComeFrom { people: 200.0, population: 300_000.0, found: 0, days: 7.0 }];
        let told = crowd_risk(&wedding(200, false, 4.0), &from, &rules()).unwrap();
        assert_eq!((told.any_infectious.value, told.secondary.value), (0.0, 0.0));
        assert!(told.any_infectious.high > 0.001 && told.any_infectious.high < 0.2, "{told:?}");
    }

    #[test]
    fn outdoors_is_safer_than_the_same_crowd_in_a_hall() {
        let from = [ComeFrom { people: 200.0, population: 300_000.0, found: 20, days: 7.0 }];
        let hall = crowd_risk(&wedding(200, false, 4.0), &from, &rules()).unwrap();
        let mut garden = wedding(200, false, 4.0);
        garden.indoors = None;
        let garden = crowd_risk(&garden, &from, &rules()).unwrap();
        assert_eq!(hall.any_infectious, garden.any_infectious);
        assert!(garden.secondary.value < hall.secondary.value / 5.0, "{garden:?} {hall:?}");
    }

    proptest! {
        #[test]
        fn the_interval_holds_its_middle_and_worse_air_is_never_safer(
            people in 2_u32..5_000, found in 0_u32..400, population in 5_000.0_f64..5e6, air in 0.2_f64..10.0, masks: bool
        ) {
            let from = [ComeFrom { people: f64::from(people), population, found, days: 7.0 }];
            let told = crowd_risk(&wedding(people, masks, air), &from, &rules()).unwrap();
            for one in [told.any_infectious, told.infectious, told.secondary] {
                prop_assert!(one.low <= one.value + 1e-12 && one.value <= one.high + 1e-12, "{one:?}");
                prop_assert!(one.low >= 0.0 && one.high.is_finite());
            }
            prop_assert!(told.any_infectious.high <= 1.0 && told.secondary.high <= f64::from(people) + 1e-6);
            let worse = crowd_risk(&wedding(people, masks, air / 2.0), &from, &rules()).unwrap();
            prop_assert!(worse.secondary.value + 1e-9 >= told.secondary.value);
            prop_assert!(told.if_one_attends.at_most < people);
        }
    }
}
