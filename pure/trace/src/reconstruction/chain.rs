//! One chain of draws: an ancestry and the rates that go with it, changed step by step so that each is visited as often as it
//! is probable.

use super::forest::{Forest, Reach};
use super::introduced::{log_introduced, nearest_sites};
use super::likelihood::{Ancestry, Rates};
use super::model::{Compatibility, Situation};
use base::Stream;
use rand_distr::{Beta, Distribution, Gamma, StandardNormal};

/// What all chains read.
pub(super) struct Board<'a> {
    pub situation: &'a Situation,
    pub reach: Reach,
    pub nearest: Vec<Option<u32>>,
    /// Cases that stay introductions.
    pub introduced: Vec<bool>,
    /// Whether an ancestor may be several generations back; not while outliers are looked for.
    pub most_generations: usize,
}

impl<'a> Board<'a> {
    pub(super) fn of(situation: &'a Situation, introduced: Vec<bool>) -> Board<'a> {
        Board {
            reach: Reach::of(situation),
            nearest: nearest_sites(situation),
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
    /// Logarithm of what the sequence of each case says of an introduction, at the present mutation rate.
    pub(super) introduced_sequence: Vec<f64>,
    pub(super) stream: Stream,
    pub(super) desk: super::draw::Desk,
}

impl<'a> Chain<'a> {
    pub(super) fn started(board: &'a Board<'a>, mut stream: Stream) -> Chain<'a> {
        let situation = board.situation;
        let ancestry = first_guess(board, &mut stream);
        // Spread out, so that chains that agree in the end have come from different places.
        let mut around = |value: f64| value * (0.5 + 1.5 * stream.share());
        let rates = Rates {
            mutation: around(1e-4),
            reporting: 0.9,
            contact_within: 0.5,
            contact_elsewhere: around(0.05),
            reproduction: around(1.0),
            dispersion: around(0.7),
            introductions: around(3.0),
        };
        let mut offspring = vec![0; situation.cases()];
        for ancestor in ancestry.ancestor.iter().flatten() {
            offspring[*ancestor] += 1;
        }
        let forest = Forest::of(&board.reach, &rates);
        let mut chain = Chain {
            board,
            ancestry,
            rates,
            offspring,
            forest,
            introduced_sequence: Vec::new(),
            stream,
            desk: super::draw::Desk::default(),
        };
        chain.introduced_sequence = chain.introduced_sequences(rates.mutation);
        chain
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

    fn sweep_cases(&mut self) {
        let cases = self.board.situation.cases();
        for case in 0..cases {
            self.draw_infection(case);
        }
        for _ in 0..cases.div_ceil(3) {
            self.turn_round();
        }
    }

    pub(super) fn introductions(&self) -> usize {
        self.ancestry.ancestor.iter().filter(|ancestor| ancestor.is_none()).count()
    }

    pub(super) fn introduced_sequences(&self, mutation: f64) -> Vec<f64> {
        let length = self.board.situation.evidence.distances.as_ref().map_or(1, |d| d.genome_length);
        let beyond = self.board.most_generations + 1;
        let log =
            |sites: &Option<u32>| sites.map_or(0.0, |sites| log_introduced(sites, length, mutation, beyond));
        if self.ours() {
            self.board.nearest.iter().map(log).collect()
        } else {
            vec![0.0; self.board.nearest.len()]
        }
    }

    /// Logarithm of the probability of everything, up to a constant.
    pub(super) fn log_posterior(&self) -> f64 {
        let situation = self.board.situation;
        let told = situation.log_likelihood(&self.ancestry, &self.rates).sum()
            + situation.log_prior(&self.rates)
            + self.log_tellings();
        if self.ours() { told + self.log_forest() } else { told }
    }

    fn log_tellings(&self) -> f64 {
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
        let sequences: f64 = (0..situation.cases())
            .filter(|case| situation.is_sequenced(*case) && self.is_first_sequence(*case))
            .map(|case| self.introduced_sequence[case])
            .sum();
        self.forest.log_offspring(situation, &self.ancestry, &self.offspring, &self.rates)
            + self.introductions() as f64
                * (self.rates.introductions / self.board.reach.introduction_days).ln()
            - self.rates.introductions
            + Forest::log_prior(&self.rates)
            + sequences
    }

    /// Whether nobody before the case has a sequence.
    fn is_first_sequence(&self, case: usize) -> bool {
        let ancestor = self.ancestry.ancestor[case];
        ancestor.and_then(|from| self.board.situation.sequenced_ancestor(&self.ancestry, from)).is_none()
    }

    /// A case and its ancestor change places: the case was first. With or without the infectees of both. Accepted by the
    /// ratio of the probabilities, since the way back is as likely as the way there.
    fn turn_round(&mut self) {
        let cases = self.board.situation.cases();
        let case = self.stream.below(cases);
        let with_infectees = self.stream.bits() & 1 == 1;
        let Some(ancestor) = self.ancestry.ancestor[case] else { return };
        if self.board.introduced[ancestor] {
            return;
        }
        let before = self.log_posterior();
        self.exchange(case, ancestor, with_infectees);
        let after = self.log_posterior();
        if self.stream.share().ln() >= after - before {
            self.exchange(ancestor, case, with_infectees);
        }
    }

    /// `case` is an infectee of `ancestor`, and becomes its ancestor.
    fn exchange(&mut self, case: usize, ancestor: usize, with_infectees: bool) {
        let tree = &mut self.ancestry;
        tree.ancestor[case] = tree.ancestor[ancestor];
        tree.ancestor[ancestor] = Some(case);
        tree.generations.swap(case, ancestor);
        tree.infected.swap(case, ancestor);
        self.offspring[case] += 1;
        self.offspring[ancestor] -= 1;
        if !with_infectees {
            return;
        }
        for other in 0..tree.ancestor.len() {
            if other == case || other == ancestor {
                continue;
            }
            let (from, to) = match tree.ancestor[other] {
                Some(from) if from == ancestor => (ancestor, case),
                Some(from) if from == case => (case, ancestor),
                _ => continue,
            };
            tree.ancestor[other] = Some(to);
            self.offspring[from] -= 1;
            self.offspring[to] += 1;
        }
    }

    fn draw_rates(&mut self) {
        self.draw_reporting();
        if self.board.situation.contacts.is_some() {
            self.draw_contact_rates();
        }
        if self.board.situation.evidence.distances.is_some() {
            self.draw_mutation();
        }
    }

    /// Exact where reporting stands alone; where the exposure depends on it too, a proposal.
    fn draw_reporting(&mut self) {
        let links = self.board.situation.cases() - self.introductions();
        let unknown: usize = (0..self.board.situation.cases())
            .filter(|case| self.ancestry.ancestor[*case].is_some())
            .map(|case| self.ancestry.generations[case] - 1)
            .sum();
        let proposed =
            beta(10.0 + links as f64, 1.0 + unknown as f64, &mut self.stream).clamp(1e-6, 1.0 - 1e-9);
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
                + Forest::log_prior(rates)
        };
        let gain = log(&forest, &rates) - log(&self.forest, &self.rates) + more;
        if self.stream.share().ln() < gain {
            (self.rates, self.forest) = (rates, forest);
        }
    }

    /// A step on the logarithms of R and k, whose priors are of the logarithms too.
    fn draw_offspring_rates(&mut self) {
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
    fn draw_introductions(&mut self) {
        let shape = 1.0 + self.introductions() as f64;
        self.rates.introductions =
            gamma(shape, 1.0 / (1.0 + 1.0 / super::forest::MEAN_INTRODUCTIONS), &mut self.stream);
    }

    /// Nearly exact: with few mutations per site their number is Poisson.
    fn draw_mutation(&mut self) {
        let (mut mutations, mut sites) = (0.0, 0.0);
        let situation = self.board.situation;
        let Some(distances) = &situation.evidence.distances else { return };
        for (case, anchor, generations) in self.sequenced_links() {
            let Some(differing) = distances.sites[case][anchor] else { continue };
            mutations += f64::from(differing);
            sites += generations as f64 * (distances.genome_length as f64 - f64::from(differing));
        }
        let (shape, rate) = (mutations + 1.0, sites + 1.0);
        let proposed = gamma(shape, 1.0 / rate, &mut self.stream);
        // Of the proposal, and of what it stands for.
        let log_proposal = |mutation: f64| mutations * mutation.ln() - rate * mutation;
        let before = self.log_sequences(self.rates.mutation, &self.introduced_sequence);
        let introduced = self.introduced_sequences(proposed);
        let after = self.log_sequences(proposed, &introduced);
        let gain = after - before + log_proposal(self.rates.mutation) - log_proposal(proposed);
        if self.stream.share().ln() < gain {
            self.rates.mutation = proposed;
            self.introduced_sequence = introduced;
        }
    }

    /// Cases with a sequence, the nearest ancestor with one, and the generations between.
    fn sequenced_links(&self) -> Vec<(usize, usize, usize)> {
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

    fn log_sequences(&self, mutation: f64, introduced: &[f64]) -> f64 {
        let situation = self.board.situation;
        let links: f64 = self
            .sequenced_links()
            .into_iter()
            .map(|(case, anchor, generations)| situation.log_mutations(case, anchor, generations, mutation))
            .sum();
        let firsts = (0..situation.cases())
            .filter(|case| situation.is_sequenced(*case) && self.is_first_sequence(*case));
        // The prior of the mutation rate is Exp(1).
        let firsts: f64 = if self.ours() { firsts.map(|case| introduced[case]).sum() } else { 0.0 };
        links + firsts - mutation
    }

    /// Records within and beside transmission are two binomials; that the second share is a part of the first makes it a
    /// proposal.
    fn draw_contact_rates(&mut self) {
        let Some(tally) = self.board.situation.contact_tally(&self.ancestry) else { return };
        let within = beta(tally.transmissions_met + 1.0, tally.transmissions_unmet + 1.0, &mut self.stream);
        let by_chance = beta(tally.others_met + 1.0, tally.others_unmet.max(0.0) + 1.0, &mut self.stream);
        // Uniform on both rates is 1 / within on these two.
        let gain = self.rates.contact_within.ln() - within.ln();
        let possible = by_chance < within && within < 1.0 && by_chance > 0.0;
        if possible && self.stream.share().ln() < gain {
            self.rates.contact_within = within;
            self.rates.contact_elsewhere = by_chance / within;
        }
    }
}

/// Cases in the order of their days, each with an ancestor that can have infected it, if one can. The first is infected so
/// long before that the fewest are left without; half of our own chains begin with everybody introduced instead.
fn first_guess(board: &Board, stream: &mut Stream) -> Ancestry {
    let situation = board.situation;
    let apart = situation.compatibility == Compatibility::None && stream.bits() & 1 == 1;
    let delays = situation.sampling.shortest()..=situation.sampling.longest();
    let possible = delays.filter(|delay| situation.sampling.share(*delay as i32) > 0.0);
    let guesses = possible.map(|delay| guess(board, delay as i32, apart, stream));
    let without = |guess: &Ancestry| guess.ancestor.iter().filter(|ancestor| ancestor.is_none()).count();
    guesses.min_by_key(without).unwrap_or_else(|| unreachable!("a delay has a day with a share"))
}

fn guess(board: &Board, delay_of_first: i32, apart: bool, stream: &mut Stream) -> Ancestry {
    let situation = board.situation;
    let days = &situation.evidence.days;
    let cases = situation.cases();
    let shortest = situation.sampling.shortest() as i32;
    let mut order: Vec<usize> = (0..cases).collect();
    order.sort_by_key(|case| (days[*case], *case));
    let mut infected: Vec<i32> = days.iter().map(|day| day - shortest).collect();
    infected[order[0]] = days[order[0]] - delay_of_first;
    let mut ancestor = vec![None; cases];
    for (place, &case) in order.iter().enumerate().skip(1) {
        if apart || board.introduced[case] {
            continue;
        }
        let seen = situation.sampling.shares().iter().enumerate().filter(|(_, share)| **share > 0.0);
        let ways: Vec<(i32, usize)> = seen
            .map(|(delay, _)| days[case] - delay as i32)
            .flat_map(|day| order[..place].iter().map(move |other| (day, *other)))
            .filter(|(day, other)| situation.delays.share(1, day - infected[*other]) > 0.0)
            .collect();
        if !ways.is_empty() {
            let (day, from) = *stream.pick(&ways);
            (infected[case], ancestor[case]) = (day, Some(from));
        }
    }
    Ancestry { ancestor, infected, generations: vec![1; cases] }
}

fn beta(a: f64, b: f64, stream: &mut Stream) -> f64 {
    Beta::new(a, b).map_or(0.5, |beta| beta.sample(stream))
}

fn gamma(shape: f64, scale: f64, stream: &mut Stream) -> f64 {
    Gamma::new(shape, scale).map_or(shape * scale, |gamma| gamma.sample(stream))
}
