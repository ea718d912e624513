//! Who infected a case, through how many generations, and when: drawn together from what all the rest leaves open.

use super::chain::Chain;
use super::introduced::Firsts;

/// Room that is used again for every case.
#[derive(Debug, Default)]
pub(super) struct Desk {
    days: Vec<(i32, f64)>,
    offers: Vec<Offer>,
    weights: Vec<f64>,
}

/// One way in which a case can have been infected, before the day is asked.
#[derive(Debug, Clone, Copy)]
struct Offer {
    ancestor: Option<usize>,
    generations: usize,
    /// Logarithm.
    weight: f64,
}

/// Whose sequence depends on the ancestor of a case, and what the first sequences of all trees say, logarithms.
#[derive(Debug, Default)]
struct Heirs {
    /// The case itself, or the first sequenced ones below it; and how many generations below.
    of_case: Firsts,
    /// Of the other trees, by root.
    firsts: Vec<(usize, Firsts)>,
    /// When the case is introduced, and when it descends from somebody with a sequence.
    log_introduced: f64,
    log_descended: f64,
}

impl Chain<'_> {
    pub(super) fn draw_infection(&mut self, case: usize) {
        let mut desk = std::mem::take(&mut self.desk);
        if let Some(ancestor) = self.ancestry.ancestor[case] {
            self.offspring[ancestor] -= 1;
        }
        self.possible_days(case, &mut desk.days);
        self.collect_offers(case, &desk.days, &mut desk.offers);
        let (offer, day) = self.choose(&mut desk);
        self.ancestry.ancestor[case] = offer.ancestor;
        self.ancestry.generations[case] = offer.generations;
        self.ancestry.infected[case] = day;
        if let Some(ancestor) = offer.ancestor {
            self.offspring[ancestor] += 1;
        }
        self.desk = desk;
    }

    /// Days of infection that the day of the list and the infectees allow, with their weights.
    fn possible_days(&self, case: usize, days: &mut Vec<(i32, f64)>) {
        let situation = self.board.situation;
        let seen = situation.evidence.days[case];
        days.clear();
        for (delay, share) in situation.sampling.shares().iter().enumerate() {
            if *share > 0.0 {
                days.push((seen - delay as i32, *share));
            }
        }
        for infectee in 0..situation.cases() {
            if self.ancestry.ancestor[infectee] != Some(case) {
                continue;
            }
            let (their_day, generations) =
                (self.ancestry.infected[infectee], self.ancestry.generations[infectee]);
            for (day, weight) in days.iter_mut() {
                *weight *= situation.delays.share(generations, their_day - *day);
            }
            days.retain(|(_, weight)| *weight > 0.0);
            scale_to_most(days);
        }
        if self.ours() {
            let logs: Vec<f64> = days
                .iter()
                .map(|(day, _)| {
                    self.forest.log_day(self.offspring[case], situation.last_day - day, &self.rates)
                })
                .collect();
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for ((_, weight), log) in days.iter_mut().zip(logs) {
                *weight *= (log - most).exp();
            }
        }
    }

    fn collect_offers(&self, case: usize, days: &[(i32, f64)], offers: &mut Vec<Offer>) {
        offers.clear();
        let situation = self.board.situation;
        let pinned = self.board.introduced[case];
        // The peer keeps the number of introductions.
        let introduction = if self.ours() { true } else { self.ancestry.ancestor[case].is_none() };
        let heirs = self.heirs(case);
        if introduction {
            offers.push(self.introduction(case, &heirs));
        }
        if pinned || (introduction && !self.ours()) {
            return;
        }
        let latest = days.iter().map(|(day, _)| *day).max().unwrap_or(i32::MIN);
        let unknown = 1.0 - self.rates.reporting;
        let per_unknown = if self.ours() { unknown * self.rates.reproduction } else { unknown };
        for ancestor in 0..situation.cases() {
            let since = self.ancestry.infected[ancestor];
            // Whoever was infected before the case can be is not among its descendants.
            if ancestor == case || since >= latest {
                continue;
            }
            let rate = if self.ours() {
                self.forest.one_more(self.offspring[ancestor], situation.last_day - since, &self.rates)
            } else {
                1.0
            };
            let mut weight = rate * self.rates.reporting;
            for generations in 1..=self.board.most_generations {
                let told = situation.tellings.factor(case, Some(ancestor), generations);
                let evidence = self.contact_factor(case, ancestor, generations) * told;
                let log = (weight * evidence).ln() + self.log_heirs(&heirs, ancestor, generations);
                offers.push(Offer { ancestor: Some(ancestor), generations, weight: log });
                weight *= per_unknown;
            }
        }
    }

    fn introduction(&self, case: usize, heirs: &Heirs) -> Offer {
        let per_day = self.rates.introductions / self.board.reach.introduction_days;
        let told = self.board.situation.tellings.factor(case, None, 1);
        Offer { ancestor: None, generations: 1, weight: (per_day * told).ln() + heirs.log_introduced }
    }

    /// Beside no link at all.
    fn contact_factor(&self, case: usize, ancestor: usize, generations: usize) -> f64 {
        let Some(table) = &self.board.situation.contacts else { return 1.0 };
        let (within, elsewhere) = (self.rates.contact_within, self.rates.contact_elsewhere);
        match (generations, table.met(ancestor, case)) {
            (1, true) => 1.0 / elsewhere,
            (1, false) => (1.0 - within) / (1.0 - within * elsewhere),
            _ => 1.0,
        }
    }

    fn heirs(&self, case: usize) -> Heirs {
        let situation = self.board.situation;
        let mut heirs = Heirs::default();
        if situation.evidence.distances.is_none() {
            return heirs;
        }
        let mut open = vec![(case, 0)];
        while let Some((at, below)) = open.pop() {
            if situation.is_sequenced(at) {
                heirs.of_case.push((at, below));
                continue;
            }
            let infectees = (0..situation.cases()).filter(|other| self.ancestry.ancestor[*other] == Some(at));
            open.extend(infectees.map(|other| (other, below + self.ancestry.generations[other])));
        }
        if self.ours() && !heirs.of_case.is_empty() {
            heirs.firsts = situation.firsts(&self.ancestry, Some(case));
            let others: Vec<&Firsts> = heirs.firsts.iter().map(|(_, firsts)| firsts).collect();
            let log = |with: &[&Firsts]| {
                let trees = others.iter().chain(with).copied();
                situation.log_firsts(trees, &self.apart, self.rates.mutation)
            };
            (heirs.log_descended, heirs.log_introduced) = (log(&[]), log(&[&heirs.of_case]));
        }
        heirs
    }

    fn log_heirs(&self, heirs: &Heirs, ancestor: usize, generations: usize) -> f64 {
        if heirs.of_case.is_empty() {
            return 0.0;
        }
        let situation = self.board.situation;
        let Some((anchor, between)) = situation.sequenced_ancestor(&self.ancestry, ancestor) else {
            return if self.ours() { self.log_joined(heirs, ancestor, generations) } else { 0.0 };
        };
        let one = |(heir, below): &(usize, usize)| {
            situation.log_mutations(*heir, anchor, below + generations + between, self.rates.mutation)
        };
        heirs.of_case.iter().map(one).sum::<f64>() + heirs.log_descended
    }

    /// The heirs come under a root before whom nobody has a sequence.
    fn log_joined(&self, heirs: &Heirs, ancestor: usize, generations: usize) -> f64 {
        let (mut root, mut below) = (ancestor, generations);
        while let Some(above) = self.ancestry.ancestor[root] {
            below += self.ancestry.generations[root];
            root = above;
        }
        let mut joined: Firsts = heirs.of_case.iter().map(|(heir, down)| (*heir, down + below)).collect();
        let there = heirs.firsts.iter().filter(|(of, _)| *of == root);
        joined.extend(there.flat_map(|(_, firsts)| firsts));
        let others = heirs.firsts.iter().filter(|(of, _)| *of != root).map(|(_, firsts)| firsts);
        self.board.situation.log_firsts(others.chain([&joined]), &self.apart, self.rates.mutation)
    }

    /// Every offer on every day, each as often as its weight. The present state is always among them.
    fn choose(&mut self, desk: &mut Desk) -> (Offer, i32) {
        desk.weights.clear();
        let mut most = f64::NEG_INFINITY;
        for offer in &desk.offers {
            let mut possible = false;
            for (day, weight) in &desk.days {
                let delay = offer.ancestor.map_or(1.0, |ancestor| {
                    let days = day - self.ancestry.infected[ancestor];
                    self.board.situation.delays.share(offer.generations, days)
                });
                possible |= delay > 0.0;
                desk.weights.push(weight * delay);
            }
            if possible {
                most = most.max(offer.weight);
            }
        }
        let mut sum = 0.0;
        for (of_offer, offer) in desk.weights.chunks_mut(desk.days.len()).zip(&desk.offers) {
            let weight = (offer.weight - most).exp().min(1.0);
            for upto in of_offer {
                sum += *upto * weight;
                *upto = sum;
            }
        }
        let at = self.stream.share() * sum;
        // Rounding may lift the draw to the sum; the last that has a weight is meant then.
        let last = desk.weights.partition_point(|upto| *upto < sum);
        let place = desk.weights.partition_point(|upto| *upto <= at).min(last);
        (desk.offers[place / desk.days.len()], desk.days[place % desk.days.len()].0)
    }
}

fn scale_to_most(days: &mut [(i32, f64)]) {
    let most = days.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
    for (_, weight) in days.iter_mut() {
        *weight /= most;
    }
}
