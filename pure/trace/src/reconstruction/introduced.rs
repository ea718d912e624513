//! What the sequences of introduced cases look like: those of people a long way off on the same tree of the pathogen.
//!
//! Each tree of the forest brings one sequence from elsewhere, that of its first sequenced case. They are copies of each other along
//! some tree, each tree as likely as another. Mostly a copy differs in a geometric number of sites, as two lineages that meet
//! in a large population of constant size do; how far introductions lie apart is a rate of its own, since otherwise a chain in
//! which everybody is introduced could explain near sequences by a low mutation rate. The others share a source that nobody lists,
//! such as a traveller who infected two cases before anybody looked, and are as near as cousins in a chain.
//!
//! # Source
//! Copies of those seen before at a geometric number of differing sites: Stephens, Donnelly 2000, J R Stat Soc B 62:605-635,
//! doi:10.1111/1467-9868.00254; there in an order, which here would make it matter who was listed first. The sum over all trees
//! is a determinant (Kirchhoff 1847, Ann Phys 148:497-508), found by taking away one sequence after another without a difference
//! (Grassmann, Taksar, Heyman 1985, Oper Res 33:1107-1116).

use super::likelihood::{Ancestry, Rates, log_mutated};
use super::model::Situation;

/// Sequenced cases of one tree before whom nobody in it has a sequence, and how many generations each is below the root.
pub(super) type Firsts = Vec<(usize, usize)>;

/// Generations up to a source that nobody lists and down again, and how often that many.
pub(super) const WAYS_THROUGH_A_SOURCE: [(f64, f64); 3] = [(2.0, 0.7), (3.0, 0.2), (4.0, 0.1)];

/// Logarithm of the probability that one introduced sequence differs from another in just these sites, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Apart {
    of_sites: Vec<f64>,
    /// Of two whose distance nobody measured.
    where_unknown: f64,
}

impl Apart {
    pub(super) fn of(situation: &Situation, rates: &Rates) -> Apart {
        let Some(distances) = &situation.evidence.distances else { return Apart::default() };
        let most = distances.sites.iter().flatten().flatten().max().copied().unwrap_or(0);
        let length = distances.genome_length as f64;
        // Which of all sites differ is one of so many choices.
        let choices = |sites: f64| {
            libm::lgamma(length + 1.0) - libm::lgamma(sites + 1.0) - libm::lgamma(length - sites + 1.0)
        };
        let far = |sites: f64| {
            sites * (rates.diversity / (1.0 + rates.diversity)).ln()
                - rates.diversity.ln_1p()
                - choices(sites)
                + (-rates.shared_source).ln_1p()
        };
        let near = |sites: f64, (way, share): (f64, f64)| {
            (rates.shared_source * share).ln() + log_mutated(sites, length, way * rates.mutation)
        };
        let one = |sites: f64| {
            let ways = WAYS_THROUGH_A_SOURCE.map(|way| near(sites, way));
            log_of_sum(ways.into_iter().chain([far(sites)]))
        };
        let of_sites = (0..=most).map(|sites| one(f64::from(sites))).collect();
        Apart { of_sites, where_unknown: one(rates.diversity.min(length / 2.0).round()) }
    }

    fn of_sites(&self, sites: Option<u32>) -> f64 {
        sites.map_or(self.where_unknown, |sites| self.of_sites[sites as usize])
    }
}

fn log_of_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    most + logs.map(|log| (log - most).exp()).sum::<f64>().ln()
}

impl Situation {
    /// By root, in the order of cases; `without` and all below it are left out.
    pub(super) fn firsts(&self, ancestry: &Ancestry, without: Option<usize>) -> Vec<(usize, Firsts)> {
        let mut trees: Vec<(usize, Firsts)> = Vec::new();
        for case in (0..self.cases()).filter(|case| self.is_sequenced(*case)) {
            let Some((root, below)) = self.root_of_first(ancestry, case, without) else { continue };
            match trees.iter_mut().find(|(of, _)| *of == root) {
                Some((_, firsts)) => firsts.push((case, below)),
                None => trees.push((root, vec![(case, below)])),
            }
        }
        trees
    }

    /// The root above a case before whom nobody has a sequence, and the generations between.
    fn root_of_first(
        &self,
        ancestry: &Ancestry,
        case: usize,
        without: Option<usize>,
    ) -> Option<(usize, usize)> {
        let (mut at, mut below) = (case, 0);
        loop {
            if Some(at) == without {
                return None;
            }
            let Some(ancestor) = ancestry.ancestor[at] else { return Some((at, below)) };
            if self.is_sequenced(ancestor) {
                return None;
            }
            below += ancestry.generations[at];
            at = ancestor;
        }
    }

    /// Logarithm of what the first sequences of all trees say. Those of one tree who share an unsequenced root are as far
    /// apart as the way up to it and down again is long.
    pub(super) fn log_firsts<'a>(
        &self,
        trees: impl IntoIterator<Item = &'a Firsts>,
        apart: &Apart,
        mutation: f64,
    ) -> f64 {
        let Some(distances) = &self.evidence.distances else { return 0.0 };
        let listed = |(case, _): &&(usize, usize)| (self.evidence.days[*case], *case);
        let (mut brought, mut log) = (Vec::new(), 0.0);
        for firsts in trees {
            let Some((first, below)) = firsts.iter().min_by_key(listed).copied() else { continue };
            brought.push(first);
            for (case, down) in firsts.iter().filter(|(case, _)| *case != first) {
                log += self.log_mutations(*case, first, below + down, mutation);
            }
        }
        let between = |a: usize, b: usize| apart.of_sites(distances.sites[a][b]);
        log + log_of_trees(&brought, between)
    }
}

/// Logarithm of the mean, over all trees that join the sequences, of the product along the tree.
fn log_of_trees(brought: &[usize], between: impl Fn(usize, usize) -> f64) -> f64 {
    let many = brought.len();
    if many < 2 {
        return 0.0;
    }
    // At `[a][b]`, b below a.
    let mut logs: Vec<Vec<f64>> =
        (0..many).map(|a| (0..a).map(|b| between(brought[a], brought[b])).collect()).collect();
    // Of so many trees (Cayley).
    let mut log = -((many - 2) as f64) * (many as f64).ln();
    while let Some(last) = logs.pop().filter(|last| !last.is_empty()) {
        let all = log_of_sum(last.iter().copied());
        log += all;
        for (a, row) in logs.iter_mut().enumerate() {
            for (b, one) in row.iter_mut().enumerate() {
                *one = log_of_two(*one, last[a] + last[b] - all);
            }
        }
    }
    log
}

fn log_of_two(a: f64, b: f64) -> f64 {
    let (less, more) = if a < b { (a, b) } else { (b, a) };
    // What is smaller by so much changes nothing.
    if less < more - 40.0 { more } else { more + (less - more).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_trees_are_summed_up() {
        let weight = |a: usize, b: usize| -> f64 { [0.5, 0.02, 0.3, 0.9, 0.001, 0.07][a * (a - 1) / 2 + b] };
        let pairs: Vec<(usize, usize)> = (0..4).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let mut sum = 0.0;
        for chosen in (0_u32..64).filter(|chosen| chosen.count_ones() == 3) {
            let edges: Vec<(usize, usize)> =
                (0..6).filter(|edge| chosen >> edge & 1 == 1).map(|edge| pairs[edge]).collect();
            let mut reached = [true, false, false, false];
            for _ in 0..3 {
                for (a, b) in &edges {
                    let either = reached[*a] || reached[*b];
                    (reached[*a], reached[*b]) = (either, either);
                }
            }
            if reached == [true; 4] {
                sum += edges.iter().map(|(a, b)| weight(*a, *b)).product::<f64>() / 16.0;
            }
        }
        let log = log_of_trees(&[0, 1, 2, 3], |a, b| weight(a.max(b), a.min(b)).ln());
        assert!((log.exp() / sum - 1.0).abs() < 1e-12, "{} {sum}", log.exp());
    }
}
