//! The rates of a chain drawn anew, given who infected whom.

use super::chain::Chain;
use super::forest::Forest;
use super::introduced::Apart;
use super::likelihood::Rates;
use super::priors::{self, MEAN_INTRODUCTIONS};
use base::Stream;
use rand_distr::{Distribution, Gamma, StandardNormal};

/// A case with a sequence, its nearest ancestor with one, and the generations between.
type SequencedLink = (usize, usize, usize);

impl Chain<'_> {
    pub(super) fn draw_rates(&mut self) {
        self.draw_reporting();
        if self.board.situation.contacts.is_some() {
            self.draw_contact_rates();
        }
        if self.board.situation.evidence.distances.is_some() {
            if self.ours() {
                for _ in 0..2 {
                    self.draw_rates_of_sequences();
                }
            } else {
                self.draw_mutation_as_outbreaker2();
            }
        }
    }

    /// Exact where reporting stands alone; where the exposure depends on it too, a proposal.
    fn draw_reporting(&mut self) {
        let links = self.board.situation.cases() - self.introductions();
        let unknown: usize = (0..self.board.situation.cases())
            .filter(|case| self.ancestry.ancestor[*case].is_some())
            .map(|case| self.ancestry.generations[case] - 1)
            .sum();
        let (seen, unseen) = priors::REPORTING;
        let proposed = priors::beta((seen + links as f64, unseen + unknown as f64), &mut self.stream);
        let rates = Rates { reporting: proposed, ..self.rates };
        if self.ours() {
            self.accept_by_forest(rates, 0.0);
        } else {
            self.rates = rates;
        }
    }

    /// Takes the rates with the probability their forest calls for, times the factor whose logarithm is `more`.
    fn accept_by_forest(&mut self, rates: Rates, more: f64) {
        let forest = Forest::of(&self.board.reach, &rates);
        let log = |forest: &Forest, rates: &Rates| {
            forest.log_offspring(self.board.situation, &self.ancestry, &self.offspring, rates)
                + priors::log_prior_of_offspring(rates)
        };
        let gain = log(&forest, &rates) - log(&self.forest, &self.rates) + more;
        if self.stream.share().ln() < gain {
            (self.rates, self.forest) = (rates, forest);
        }
    }

    /// A step on the logarithms of R and k, whose priors are of the logarithms too.
    pub(super) fn draw_offspring_rates(&mut self) {
        let cases = self.board.situation.cases() as f64;
        let mut step = |width: f64| {
            let far: f64 = StandardNormal.sample(&mut self.stream);
            (width * far).exp()
        };
        let rates = Rates {
            reproduction: self.rates.reproduction * step((2.5 / cases.sqrt()).clamp(0.05, 0.6)),
            dispersion: self.rates.dispersion * step((5.0 / cases.sqrt()).clamp(0.1, 1.0)),
            ..self.rates
        };
        let possible = (1e-3..1e3).contains(&rates.reproduction) && (1e-4..1e4).contains(&rates.dispersion);
        if possible {
            self.accept_by_forest(rates, 0.0);
        }
    }

    /// Exact: Poisson introductions under an exponential prior.
    pub(super) fn draw_introductions(&mut self) {
        let shape = 1.0 + self.introductions() as f64;
        self.rates.introductions = gamma(shape, 1.0 / (1.0 + 1.0 / MEAN_INTRODUCTIONS), &mut self.stream);
    }

    /// Nearly exact: with few mutations per site their number is Poisson.
    fn draw_mutation_as_outbreaker2(&mut self) {
        let (mut mutations, mut sites) = (0.0, 0.0);
        let situation = self.board.situation;
        let Some(distances) = &situation.evidence.distances else { return };
        let links = self.sequenced_links();
        for (case, anchor, generations) in &links {
            let Some(differing) = distances.sites[*case][*anchor] else { continue };
            mutations += f64::from(differing);
            sites += *generations as f64 * (distances.genome_length as f64 - f64::from(differing));
        }
        let (shape, rate) = (mutations + 1.0, sites + 1.0);
        let proposed = gamma(shape, 1.0 / rate, &mut self.stream);
        // Of what the proposal stands for, under the prior Exp(1), and of the proposal.
        let log = |mutation: f64| {
            self.log_links(&links, mutation) - mutation - (mutations * mutation.ln() - rate * mutation)
        };
        let gain = log(proposed) - log(self.rates.mutation);
        if self.stream.share().ln() < gain {
            self.rates.mutation = proposed;
        }
    }

    /// Steps on the logarithms of mutation and diversity, whose priors are of the logarithms too; then the share of common
    /// sources, of which little is ever known, anew from its prior.
    fn draw_rates_of_sequences(&mut self) {
        let Some(distances) = &self.board.situation.evidence.distances else { return };
        let links = self.sequenced_links();
        let differing = links.iter().filter_map(|(case, anchor, _)| distances.sites[*case][*anchor]);
        let mutations: f64 = differing.map(f64::from).sum();
        let introductions = self.introductions() as f64;
        let mut step = |seen: f64| {
            let far: f64 = StandardNormal.sample(&mut self.stream);
            (2.0 / (seen + 0.7).sqrt() * far).exp()
        };
        let (mutation, diversity) = (step(mutations), step(introductions));
        self.accept_by_sequences(&links, |rates| rates.mutation *= mutation, true);
        self.accept_by_sequences(&links, |rates| rates.diversity *= diversity, true);
        let shared = priors::shared_source_of_prior(&mut self.stream);
        self.accept_by_sequences(&links, |rates| rates.shared_source = shared, false);
    }

    /// `by_prior`: whether the prior counts; it does not where the proposal comes from it.
    fn accept_by_sequences(&mut self, links: &[SequencedLink], change: impl Fn(&mut Rates), by_prior: bool) {
        let situation = self.board.situation;
        let Some(genome_length) = situation.genome_length() else { return };
        let log = |rates: &Rates, apart: &Apart| {
            let prior = if by_prior { priors::log_prior_of_sequences(rates, genome_length) } else { 0.0 };
            prior + self.log_links(links, rates.mutation) + self.log_introduced(rates.mutation, apart)
        };
        let mut rates = self.rates;
        change(&mut rates);
        let apart = Apart::of(situation, &rates);
        let gain = log(&rates, &apart) - log(&self.rates, &self.apart);
        if self.stream.share().ln() < gain {
            (self.rates, self.apart) = (rates, apart);
        }
    }

    fn sequenced_links(&self) -> Vec<SequencedLink> {
        let situation = self.board.situation;
        (0..situation.cases())
            .filter(|case| situation.is_sequenced(*case))
            .filter_map(|case| {
                let ancestor = self.ancestry.ancestor[case]?;
                let (anchor, between) = situation.sequenced_ancestor(&self.ancestry, ancestor)?;
                Some((case, anchor, between + self.ancestry.generations[case]))
            })
            .collect()
    }

    fn log_links(&self, links: &[SequencedLink], mutation: f64) -> f64 {
        let of_one = |(case, anchor, generations): &SequencedLink| {
            self.board.situation.log_mutations(*case, *anchor, *generations, mutation)
        };
        links.iter().map(of_one).sum()
    }

    /// Records within and beside transmission are two binomials; that the second share is a part of the first makes it a
    /// proposal.
    fn draw_contact_rates(&mut self) {
        let Some(tally) = self.board.situation.contact_tally(&self.ancestry) else { return };
        // That the share of chance is a part of the other brings 1 / within, and the prior of our own a little more.
        let shape = if self.ours() { priors::CONTACT_ELSEWHERE.0 } else { 1.0 };
        let within = (tally.transmissions_met + 1.0, tally.transmissions_unmet + 1.0);
        let within = priors::beta(within, &mut self.stream);
        let by_chance = (tally.others_met + shape, tally.others_unmet.max(0.0) + 1.0);
        let by_chance = priors::beta(by_chance, &mut self.stream);
        let rates = Rates { contact_within: within, contact_elsewhere: by_chance / within, ..self.rates };
        let log = |rates: &Rates| {
            let prior = if self.ours() { priors::log_prior_of_contacts(rates) } else { 0.0 };
            let by_chance = rates.contact_within * rates.contact_elsewhere;
            prior - (shape - 1.0) * by_chance.ln() - rates.contact_within.ln()
        };
        let gain = log(&rates) - log(&self.rates);
        if by_chance < within && self.stream.share().ln() < gain {
            self.rates = rates;
        }
    }
}

fn gamma(shape: f64, scale: f64, stream: &mut Stream) -> f64 {
    Gamma::new(shape, scale).map_or(shape * scale, |gamma| gamma.sample(stream))
}
