//! One chain of draws: an ancestry and the rates that go with it, changed step by step so that each is visited as often as it
//! is probable.

use super::first_guess::first_guess;
use super::forest::{Forest, Reach};
use super::introduced::Apart;
use super::likelihood::{Ancestry, Rates};
use super::model::{Compatibility, Situation};
use super::priors;
use base::Stream;

/// What all chains read.
pub(super) struct Board<'a> {
    pub situation: &'a Situation,
    pub reach: Reach,
    /// Cases that stay introductions.
    pub introduced: Vec<bool>,
    /// Whether an ancestor may be several generations back; not while outliers are looked for.
    pub most_generations: usize,
}

impl<'a> Board<'a> {
    pub(super) fn of(situation: &'a Situation, introduced: Vec<bool>) -> Board<'a> {
        Board {
            reach: Reach::of(situation),
            introduced,
            most_generations: situation.delays.most(),
            situation,
        }
    }
}

pub(super) struct Chain<'a> {
    pub(super) board: &'a Board<'a>,
    pub(super) ancestry: Ancestry,
    pub(super) rates: Rates,
    /// Infectees in the list, by case.
    pub(super) offspring: Vec<u32>,
    pub(super) forest: Forest,
    /// How far introductions lie apart, at the present diversity.
    pub(super) apart: Apart,
    pub(super) stream: Stream,
    pub(super) desk: super::draw::Desk,
}

impl<'a> Chain<'a> {
    pub(super) fn started(board: &'a Board<'a>, mut stream: Stream) -> Chain<'a> {
        let situation = board.situation;
        let ancestry = first_guess(board, &mut stream);
        let middle = priors::middle_of_priors(situation.genome_length().unwrap_or(1));
        // Spread out, so that chains that agree in the end have come from different places.
        let mut around = |value: f64| value * (0.5 + 1.5 * stream.share());
        let mutation = if situation.compatibility == Compatibility::None { middle.mutation } else { 1e-4 };
        let rates = Rates {
            mutation: around(mutation),
            diversity: around(middle.diversity),
            contact_elsewhere: around(middle.contact_elsewhere),
            reproduction: around(middle.reproduction),
            dispersion: around(middle.dispersion),
            introductions: around(middle.introductions),
            ..middle
        };
        let mut offspring = vec![0; situation.cases()];
        for ancestor in ancestry.ancestor.iter().flatten() {
            offspring[*ancestor] += 1;
        }
        let forest = Forest::of(&board.reach, &rates);
        let apart = Apart::of(situation, &rates);
        let desk = super::draw::Desk::default();
        Chain { board, ancestry, rates, offspring, forest, apart, stream, desk }
    }

    pub(super) fn ours(&self) -> bool {
        self.board.situation.compatibility == Compatibility::None
    }

    /// Every case drawn anew, some branches turned round, every rate drawn anew.
    pub(super) fn sweep(&mut self) {
        self.sweep_cases();
        self.draw_rates();
        if self.ours() {
            self.draw_introductions();
            for _ in 0..2 {
                self.draw_offspring_rates();
            }
        }
    }

    /// While a chain settles, R, k and introductions stay where they are. With everybody introduced R would fall so low that
    /// no link is begun, and the other way round: each alone keeps the chain where it started.
    pub(super) fn settle(&mut self) {
        self.sweep_cases();
        self.draw_rates();
    }

    pub(super) fn sweep_cases(&mut self) {
        let cases = self.board.situation.cases();
        for case in 0..cases {
            self.draw_infection(case);
        }
        for _ in 0..cases.div_ceil(3) {
            self.turn_round();
        }
    }

    /// Puts the chain where somebody else says.
    pub(super) fn stand_at(&mut self, ancestry: Ancestry, rates: Rates) {
        self.offspring = vec![0; ancestry.ancestor.len()];
        for ancestor in ancestry.ancestor.iter().flatten() {
            self.offspring[*ancestor] += 1;
        }
        self.ancestry = ancestry;
        self.rates = rates;
        self.forest = Forest::of(&self.board.reach, &rates);
        self.apart = Apart::of(self.board.situation, &rates);
    }

    pub(super) fn introductions(&self) -> usize {
        self.ancestry.ancestor.iter().filter(|ancestor| ancestor.is_none()).count()
    }

    /// Logarithm of the probability of everything, up to a constant.
    pub(super) fn log_posterior(&self) -> f64 {
        let situation = self.board.situation;
        let told = situation.log_likelihood(&self.ancestry, &self.rates).sum() + self.log_tellings();
        if self.ours() {
            told + self.log_forest()
                + priors::log_prior(&self.rates, situation.contacts.is_some(), situation.genome_length())
        } else {
            told + situation.log_prior(&self.rates)
        }
    }

    pub(super) fn log_tellings(&self) -> f64 {
        let factor = |case: usize| {
            let (ancestor, generations) = (self.ancestry.ancestor[case], self.ancestry.generations[case]);
            self.board.situation.tellings.factor(case, ancestor, generations)
        };
        if self.board.situation.evidence.named.is_empty() {
            return 0.0;
        }
        (0..self.board.situation.cases()).map(|case| factor(case).ln()).sum()
    }

    fn log_forest(&self) -> f64 {
        let situation = self.board.situation;
        self.forest.log_offspring(situation, &self.ancestry, &self.offspring, &self.rates)
            + self.introductions() as f64
                * (self.rates.introductions / self.board.reach.introduction_days).ln()
            - self.rates.introductions
            + self.log_introduced(self.rates.mutation, &self.apart)
    }

    pub(super) fn log_introduced(&self, mutation: f64, apart: &Apart) -> f64 {
        let situation = self.board.situation;
        let firsts = situation.firsts(&self.ancestry, None);
        situation.log_firsts(firsts.iter().map(|(_, firsts)| firsts), apart, mutation)
    }
}
