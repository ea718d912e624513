//! How likely what was seen is, given who infected whom, when, and through how many unknown generations.
//!
//! # Source
//! Dates, reporting and genetic distances: Jombart et al. 2014, PLoS Comput Biol 10:e1003457, doi:10.1371/journal.pcbi.1003457.
//! Contacts: Campbell et al. 2019, PLoS Comput Biol 15:e1006930, doi:10.1371/journal.pcbi.1006930. Term by term as outbreaker2
//! 1.1.4 has them (Campbell et al. 2018, BMC Bioinformatics 19:363, doi:10.1186/s12859-018-2330-z).

use super::model::Situation;

/// Who infected whom. A case without an ancestor was infected elsewhere: an introduction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestry {
    pub ancestor: Vec<Option<usize>>,
    /// The day of infection of each case, on the scale of `Evidence::days`.
    pub infected: Vec<i32>,
    /// How many generations the ancestor is back: 1 when it infected the case itself, 2 when one person in between is
    /// unknown. 1 for introductions, where it means nothing.
    pub generations: Vec<usize>,
}

/// The numbers that are estimated along with the ancestry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Mutations per site and generation.
    pub mutation: f64,
    /// Mean number of sites in which two introductions differ; in our own model only.
    pub diversity: f64,
    /// Share of the introductions who have a source nobody lists in common with one before, 0 to 1; in our own model only.
    pub shared_source: f64,
    /// Probability that a case is in the list, 0 to 1.
    pub reporting: f64,
    /// Probability that infector and infectee are recorded as contacts, 0 to 1.
    pub contact_within: f64,
    /// Probability that two cases who did not infect each other are recorded, as a share of `contact_within`, 0 to 1.
    pub contact_elsewhere: f64,
    /// Mean number of people whom a case infects.
    pub reproduction: f64,
    /// Dispersion k of that number: the smaller, the fewer infect most.
    pub dispersion: f64,
    /// Introductions that are seen in the whole time looked at, on average.
    pub introductions: f64,
}

/// Natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LogLikelihood {
    pub infections: f64,
    pub sampling: f64,
    pub genetic: f64,
    pub reporting: f64,
    pub contact: f64,
}

impl LogLikelihood {
    pub fn sum(&self) -> f64 {
        self.infections + self.sampling + self.genetic + self.reporting + self.contact
    }
}

impl Situation {
    /// The likelihood of outbreaker2. Impossible delays give minus infinity.
    pub fn log_likelihood(&self, ancestry: &Ancestry, rates: &Rates) -> LogLikelihood {
        let mut told =
            LogLikelihood { contact: self.log_contacts(ancestry, rates), ..LogLikelihood::default() };
        for case in 0..self.cases() {
            let infected = ancestry.infected[case];
            told.sampling += self.sampling.share(self.evidence.days[case] - infected).ln();
            let Some(ancestor) = ancestry.ancestor[case] else { continue };
            let generations = ancestry.generations[case];
            let days = infected - ancestry.infected[ancestor];
            told.infections += self.delays.share(generations, days).ln();
            told.reporting += rates.reporting.ln() + (generations - 1) as f64 * (-rates.reporting).ln_1p();
            if self.is_sequenced(case)
                && let Some((anchor, between)) = self.sequenced_ancestor(ancestry, ancestor)
            {
                told.genetic += self.log_mutations(case, anchor, generations + between, rates.mutation);
            }
        }
        told
    }

    /// The nearest ancestor with a sequence, `from` itself included, and how many generations it lies behind `from`.
    pub(super) fn sequenced_ancestor(&self, ancestry: &Ancestry, from: usize) -> Option<(usize, usize)> {
        let (mut at, mut between) = (from, 0);
        while !self.is_sequenced(at) {
            between += ancestry.generations[at];
            at = ancestry.ancestor[at]?;
        }
        Some((at, between))
    }

    /// d ln(gμ) + (L − d) ln(1 − gμ).
    pub(super) fn log_mutations(&self, case: usize, anchor: usize, generations: usize, mutation: f64) -> f64 {
        let Some(distances) = &self.evidence.distances else { return 0.0 };
        let Some(sites) = distances.sites[case][anchor] else { return 0.0 };
        log_mutated(f64::from(sites), distances.genome_length as f64, generations as f64 * mutation)
    }

    fn log_contacts(&self, ancestry: &Ancestry, rates: &Rates) -> f64 {
        let Some(tally) = self.contact_tally(ancestry) else { return 0.0 };
        tally.log_likelihood(rates.contact_within, rates.contact_elsewhere)
    }

    pub(super) fn contact_tally(&self, ancestry: &Ancestry) -> Option<ContactTally> {
        let table = self.contacts.as_ref()?;
        let mut tally = ContactTally {
            transmissions_met: 0.0,
            others_met: 0.0,
            transmissions_unmet: 0.0,
            others_unmet: 0.0,
        };
        for case in 0..self.cases() {
            let Some(ancestor) = ancestry.ancestor[case] else { continue };
            if ancestry.generations[case] > 1 {
                continue;
            }
            if table.met(ancestor, case) {
                tally.transmissions_met += 1.0;
            } else {
                tally.transmissions_unmet += 1.0;
            }
        }
        tally.others_met = table.records as f64 - tally.transmissions_met;
        tally.others_unmet =
            table.pairs as f64 - tally.transmissions_met - tally.transmissions_unmet - tally.others_met;
        Some(tally)
    }

    /// The priors of outbreaker2: mutation Exp(1), reporting Beta(10, 1), the two of contacts uniform.
    pub fn log_prior(&self, rates: &Rates) -> f64 {
        10_f64.ln() + 9.0 * rates.reporting.ln() - rates.mutation
    }
}

pub(super) fn log_mutated(sites: f64, genome_length: f64, share: f64) -> f64 {
    // Sites that have all changed again and again differ in a half of them at the most.
    let share = share.min(0.5);
    sites * share.ln() + (genome_length - sites) * (-share).ln_1p()
}

/// Pairs of cases: did one infect the other, and are they recorded as contacts?
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ContactTally {
    pub transmissions_met: f64,
    /// Records that are no transmission.
    pub others_met: f64,
    pub transmissions_unmet: f64,
    pub others_unmet: f64,
}

impl ContactTally {
    fn log_likelihood(&self, within: f64, elsewhere: f64) -> f64 {
        let by_chance = within * elsewhere;
        times_ln(self.transmissions_met, within)
            + times_ln(self.others_met, by_chance)
            + times_ln(self.transmissions_unmet, 1.0 - within)
            + times_ln(self.others_unmet, 1.0 - by_chance)
    }
}

/// Nothing seen says nothing, even of what is impossible.
fn times_ln(many: f64, share: f64) -> f64 {
    if many == 0.0 { 0.0 } else { many * share.ln() }
}
