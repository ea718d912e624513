//! Who stands in one pool: how many are infected, and how alike those are who live together.
//!
//! Deliberately absent: who they are. Different risks for different people are in `by_risk`.

use crate::refusal::{LabError, demand};
use crate::taylor::Taylor;

/// Households of one size whose members are kept in one pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Households {
    size: usize,
    correlation: f64,
}

impl Households {
    /// Everybody by themselves, or households torn apart.
    pub const APART: Households = Households { size: 1, correlation: 0.0 };

    /// `correlation` between two members: a member of an infected person's household is infected with probability
    /// p + ρ(1 − p), so it is nearly the secondary attack rate.
    ///
    /// # Source
    /// Beta-binomial counts in households: Griffiths 1973 (docs/sources.md#griffiths-1973). That correlated pools find more and
    /// cost less: Comess et al. 2022 (docs/sources.md#comess-2022); seen in 133,816 tests by Barak et al. 2021
    /// (docs/sources.md#barak-2021).
    pub fn together(size: usize, correlation: f64) -> Result<Households, LabError> {
        demand((1..=50).contains(&size), "household_size", size, "give the people of a household, 1 to 50")?;
        demand(
            (0.0..=1.0).contains(&correlation),
            "household_correlation",
            correlation,
            "give a share from 0 (each by chance) to 1 (all or none)",
        )?;
        Ok(Households { size, correlation })
    }

    /// What counts: without correlation a household is so many people.
    fn kept(self) -> usize {
        if self.correlation == 0.0 { 1 } else { self.size }
    }

    /// Chances of 0, 1, … infected among `members` of one household.
    fn infected(self, members: usize, prevalence: f64) -> Vec<Taylor> {
        let (rho, p) = (self.correlation, prevalence);
        let apart = 1.0 - rho;
        if rho == 1.0 {
            let mut all = vec![Taylor::constant(0.0); members + 1];
            all[0] = Taylor { value: 1.0 - p, slope: -1.0, bend: 0.0 };
            all[members] = Taylor { value: p, slope: 1.0, bend: 0.0 };
            return all;
        }
        // Pólya's urn: every infected member found makes the next likelier.
        let rising = |start: f64, slope: f64, many: usize| {
            (0..many).fold(Taylor::constant(1.0), |product, i| {
                product * Taylor { value: start * apart + i as f64 * rho, slope: slope * apart, bend: 0.0 }
            })
        };
        let all: f64 = (0..members).map(|i| apart + i as f64 * rho).product();
        let mut ways = 1.0;
        let mut chances = Vec::with_capacity(members + 1);
        for j in 0..=members {
            let weight = Taylor::constant(ways / all);
            chances.push(weight * rising(p, 1.0, j) * rising(1.0 - p, -1.0, members - j));
            ways *= (members - j) as f64 / (j + 1) as f64;
        }
        chances
    }
}

/// The people tested on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    prevalence: f64,
    households: Households,
}

/// Chances that a mix shows nobody: at all, when a member picked at random is infected, and when not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Silence {
    pub any: f64,
    pub infected: f64,
    pub well: f64,
}

/// ln of the chance that a mix shows nobody, with its derivatives in the prevalence.
pub(crate) type LogSilence = Taylor;

impl People {
    pub fn of(prevalence: f64, households: Households) -> Result<People, LabError> {
        demand(
            prevalence > 0.0 && prevalence < 1.0,
            "prevalence",
            prevalence,
            "give a share above 0 and below 1, such as 0.001",
        )?;
        Ok(People { prevalence, households })
    }

    pub fn prevalence(&self) -> f64 {
        self.prevalence
    }

    /// Whole households first; the last one may be in part, the rest of it then stands in another pool.
    fn parts(&self, people: usize) -> [(usize, usize); 2] {
        let kept = self.households.kept();
        [(kept, people / kept), (people % kept, usize::from(!people.is_multiple_of(kept)))]
    }

    /// `hidden` is the share of infected members whom a mix does not show.
    pub(crate) fn silence(&self, people: usize, hidden: f64) -> Silence {
        let mut log = 0.0;
        let mut told = Vec::with_capacity(2);
        for (members, many) in self.parts(people) {
            if many == 0 {
                continue;
            }
            let chances = self.households.infected(members, self.prevalence);
            let (mut shown, mut infected, mut well) = (0.0, 0.0, 0.0);
            for (j, chance) in chances.iter().enumerate() {
                let silent = hidden.powi(j as i32);
                let share = j as f64 / members as f64;
                shown += chance.value * (1.0 - silent);
                infected += chance.value * share * silent;
                well += chance.value * (1.0 - share) * silent;
            }
            log += many as f64 * (-shown).ln_1p();
            told.push(((members * many) as f64 / people as f64, 1.0 - shown, infected, well));
        }
        let any = log.exp();
        let given = |own: f64, of: f64, silent: f64| if silent > 0.0 { any / silent * own / of } else { 0.0 };
        let mut silence = Silence { any, infected: 0.0, well: 0.0 };
        for (weight, silent, infected, well) in told {
            silence.infected += weight * given(infected, self.prevalence, silent);
            silence.well += weight * given(well, 1.0 - self.prevalence, silent);
        }
        silence.infected = silence.infected.min(1.0);
        silence.well = silence.well.min(1.0);
        silence
    }

    pub(crate) fn log_silence(&self, people: usize, hidden: f64) -> LogSilence {
        let mut log = Taylor::constant(0.0);
        for (members, many) in self.parts(people) {
            if many == 0 {
                continue;
            }
            let mut shown = Taylor::constant(0.0);
            for (j, chance) in self.households.infected(members, self.prevalence).into_iter().enumerate() {
                shown = shown + chance * Taylor::constant(1.0 - hidden.powi(j as i32));
            }
            let (silent, many) = (1.0 - shown.value, many as f64);
            let slope = -shown.slope / silent;
            log = log
                + Taylor {
                    value: many * (-shown.value).ln_1p(),
                    slope: many * slope,
                    bend: many * (-shown.bend / silent - slope * slope),
                };
        }
        log
    }
}
