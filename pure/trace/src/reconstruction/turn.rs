//! A case and its ancestor change places: the case was first. The days on which both were infected are summed over, since with
//! those they had before the turn is hardly ever possible.

use super::chain::Chain;

/// Days of infection of two cases, and the logarithm of how probable they are beside each other.
type DaysOfTwo = Vec<((i32, i32), f64)>;

/// Which infectees a turn takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taking {
    Nobody,
    Everybody,
}

impl Chain<'_> {
    /// With or without the infectees of both. Accepted by the ratio of the probabilities, summed over the days of both, since
    /// the way back is as likely as the way there.
    pub(super) fn turn_round(&mut self) {
        let cases = self.board.situation.cases();
        let case = self.stream.below(cases);
        let taking = if self.stream.bits() & 1 == 1 { Taking::Everybody } else { Taking::Nobody };
        let Some(ancestor) = self.ancestry.ancestor[case] else { return };
        if self.board.introduced[ancestor] {
            return;
        }
        let days_before = (self.ancestry.infected[ancestor], self.ancestry.infected[case]);
        let Some((before, _)) = self.all_days(ancestor, case) else { return };
        self.exchange(case, ancestor, taking);
        if let Some((after, days)) = self.all_days(case, ancestor)
            && self.stream.share().ln() < after - before
        {
            let (of_case, of_ancestor) = self.one_of(&days);
            self.ancestry.infected[case] = of_case;
            self.ancestry.infected[ancestor] = of_ancestor;
            return;
        }
        self.exchange(ancestor, case, taking);
        (self.ancestry.infected[ancestor], self.ancestry.infected[case]) = days_before;
    }

    /// Logarithm of the probability of everything, summed over the days of two cases, the first of whom is the ancestor of the
    /// second; and those days. Leaves the two at one of them. `None` when there is none.
    fn all_days(&mut self, first: usize, second: usize) -> Option<(f64, DaysOfTwo)> {
        let days = self.days_of_two(first, second);
        let (at, most) = days.iter().copied().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (self.ancestry.infected[first], self.ancestry.infected[second]) = at;
        let sum: f64 = days.iter().map(|(_, log)| (log - most).exp()).sum();
        Some((self.log_posterior() + sum.ln(), days))
    }

    fn days_of_two(&self, first: usize, second: usize) -> DaysOfTwo {
        let delays = &self.board.situation.delays;
        let of_first = self.days_of_one(first, Some(second));
        let of_second = self.days_of_one(second, None);
        let generations = self.ancestry.generations[second];
        let mut days = Vec::new();
        for (earlier, one) in &of_first {
            for (later, other) in &of_second {
                let between = delays.share(generations, later - earlier);
                if between > 0.0 {
                    days.push(((*earlier, *later), one + other + between.ln()));
                }
            }
        }
        days
    }

    /// Without the delay between the case and `besides`, its infectee; with none, without the delay from its ancestor.
    fn days_of_one(&self, case: usize, besides: Option<usize>) -> Vec<(i32, f64)> {
        let situation = self.board.situation;
        let tree = &self.ancestry;
        let infectees: Vec<usize> = (0..situation.cases())
            .filter(|other| tree.ancestor[*other] == Some(case) && Some(*other) != besides)
            .collect();
        let ancestor = tree.ancestor[case].filter(|_| besides.is_some());
        let delays = situation.sampling.shares().iter().enumerate().filter(|(_, share)| **share > 0.0);
        delays
            .filter_map(|(delay, share)| {
                let day = situation.evidence.days[case] - delay as i32;
                let onward = infectees.iter().map(|other| {
                    situation.delays.share(tree.generations[*other], tree.infected[*other] - day)
                });
                let before = ancestor
                    .map(|from| situation.delays.share(tree.generations[case], day - tree.infected[from]));
                let log: f64 = onward.chain(before).chain([*share]).map(f64::ln).sum();
                let own = if self.ours() {
                    self.forest.log_day(self.offspring[case], situation.last_day - day, &self.rates)
                } else {
                    0.0
                };
                log.is_finite().then_some((day, log + own))
            })
            .collect()
    }

    fn one_of(&mut self, days: &DaysOfTwo) -> (i32, i32) {
        let most = days.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        let whole: f64 = days.iter().map(|(_, log)| (log - most).exp()).sum();
        let mut left = self.stream.share() * whole;
        let found = days.iter().find(|(_, log)| {
            left -= (log - most).exp();
            left < 0.0
        });
        found.or(days.last()).map_or_else(|| unreachable!("some days are possible"), |(at, _)| *at)
    }

    /// `case` is an infectee of `ancestor`, and becomes its ancestor.
    fn exchange(&mut self, case: usize, ancestor: usize, taking: Taking) {
        let tree = &mut self.ancestry;
        tree.ancestor[case] = tree.ancestor[ancestor];
        tree.ancestor[ancestor] = Some(case);
        tree.generations.swap(case, ancestor);
        self.offspring[case] += 1;
        self.offspring[ancestor] -= 1;
        if taking == Taking::Nobody {
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
}
