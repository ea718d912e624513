//! What our own model holds of its rates before anything is seen, and rates drawn from it.
//!
//! # Source
//! Mutations from one case to the next are few in ten pathogens (Campbell, Strang, Ferguson, Cori, Jombart 2018, PLoS Pathog
//! 14:e1006885, doi:10.1371/journal.ppat.1006885): here 0.1 to 2 sites with 95 %. Reporting as in outbreaker2. The others are
//! wide and of our own making.

use super::likelihood::Rates;
use base::Stream;
use rand_distr::{Beta, Distribution, Exp1, StandardNormal};

/// Median, and standard deviation of the logarithm.
#[derive(Debug, Clone, Copy)]
struct Lognormal(f64, f64);

const REPRODUCTION: Lognormal = Lognormal(1.2, 0.8);
const DISPERSION: Lognormal = Lognormal(0.7, 1.3);
/// Mutations per genome and generation.
const MUTATIONS: Lognormal = Lognormal(0.5, 0.7);
/// Sites in which two introductions differ.
const DIVERSITY: Lognormal = Lognormal(10.0, 1.2);
pub(super) const MEAN_INTRODUCTIONS: f64 = 3.0;
/// Shapes of a beta distribution.
pub(super) const REPORTING: (f64, f64) = (10.0, 1.0);
const SHARED_SOURCE: (f64, f64) = (1.0, 4.0);
/// Of records between two who did not infect each other, as a share of `contact_within`, which is uniform: few, since contacts
/// are looked for around each case, and not among cases.
pub(super) const CONTACT_ELSEWHERE: (f64, f64) = (0.5, 2.0);

impl Lognormal {
    /// Of the logarithm, up to a constant.
    fn log_density(self, value: f64) -> f64 {
        -0.5 * ((value / self.0).ln() / self.1).powi(2)
    }

    fn drawn(self, stream: &mut Stream) -> f64 {
        let far: f64 = StandardNormal.sample(stream);
        self.0 * (self.1 * far).exp()
    }
}

/// Of R and k.
pub(super) fn log_prior_of_offspring(rates: &Rates) -> f64 {
    REPRODUCTION.log_density(rates.reproduction) + DISPERSION.log_density(rates.dispersion)
}

/// Of contacts between those who did not infect each other.
pub(super) fn log_prior_of_contacts(rates: &Rates) -> f64 {
    let (a, b) = CONTACT_ELSEWHERE;
    (a - 1.0) * rates.contact_elsewhere.ln() + (b - 1.0) * (-rates.contact_elsewhere).ln_1p()
}

/// Of mutations and of introduced sequences.
pub(super) fn log_prior_of_sequences(rates: &Rates, genome_length: usize) -> f64 {
    MUTATIONS.log_density(rates.mutation * genome_length as f64)
        + DIVERSITY.log_density(rates.diversity)
        + (SHARED_SOURCE.1 - 1.0) * (-rates.shared_source).ln_1p()
}

/// Of the rates the evidence calls for, up to a constant; of those that are positive without a bound, the density of the logarithm.
pub(super) fn log_prior(rates: &Rates, contacts: bool, genome_length: Option<usize>) -> f64 {
    (REPORTING.0 - 1.0) * rates.reporting.ln() + (REPORTING.1 - 1.0) * (-rates.reporting).ln_1p()
        - rates.introductions / MEAN_INTRODUCTIONS
        + log_prior_of_offspring(rates)
        + if contacts { log_prior_of_contacts(rates) } else { 0.0 }
        + genome_length.map_or(0.0, |length| log_prior_of_sequences(rates, length))
}

/// Rates as probable as the priors have them.
pub(super) fn rates_of_priors(genome_length: usize, stream: &mut Stream) -> Rates {
    let introductions: f64 = Exp1.sample(stream);
    Rates {
        mutation: MUTATIONS.drawn(stream) / genome_length as f64,
        diversity: DIVERSITY.drawn(stream),
        shared_source: shared_source_of_prior(stream),
        reporting: beta(REPORTING, stream),
        contact_within: stream.share(),
        contact_elsewhere: beta(CONTACT_ELSEWHERE, stream),
        reproduction: REPRODUCTION.drawn(stream),
        dispersion: DISPERSION.drawn(stream),
        introductions: MEAN_INTRODUCTIONS * introductions,
    }
}

pub(super) fn shared_source_of_prior(stream: &mut Stream) -> f64 {
    beta(SHARED_SOURCE, stream)
}

/// Away from 0 and 1, whose logarithms are none.
pub(super) fn beta((a, b): (f64, f64), stream: &mut Stream) -> f64 {
    Beta::new(a, b).map_or(0.5, |beta| beta.sample(stream)).clamp(1e-9, 1.0 - 1e-9)
}

/// Where a chain begins: the middle of the priors.
pub(super) fn middle_of_priors(genome_length: usize) -> Rates {
    Rates {
        mutation: MUTATIONS.0 / genome_length as f64,
        diversity: DIVERSITY.0,
        shared_source: 0.1,
        reporting: 0.9,
        contact_within: 0.5,
        contact_elsewhere: 0.05,
        reproduction: REPRODUCTION.0,
        dispersion: DISPERSION.0,
        introductions: MEAN_INTRODUCTIONS,
    }
}
