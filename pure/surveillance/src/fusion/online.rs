//! Error control over a stream of questions that never ends: among the signals, at most a stated share is false.
//!
//! Deliberately absent: SAFFRON and its kin, which gain most where many streams are truly alarming; the budget is then what
//! binds.

/// LORD++. Each question gets a level from the time since earlier discoveries; each discovery earns level for later ones.
///
/// # Source
/// Ramdas, Yang, Wainwright, Jordan 2017, "Online control of the false discovery rate with decaying memory", NeurIPS 30,
/// arXiv:1710.00499, equation (4); the sequence γ_j ∝ log(max(j, 2)) / (j exp √log j) of Javanmard, Montanari 2018, Ann
/// Stat 46:526, doi:10.1214/17-AOS1559.
#[derive(Debug, Clone)]
pub struct Lord {
    share: f64,
    start: f64,
    asked: usize,
    discoveries: Vec<usize>,
}

/// Makes the sequence sum to one.
const GAMMA: f64 = 0.0722;
/// Discoveries further back than this add less than a millionth each.
const REMEMBERED: usize = 400;

impl Lord {
    /// `share` is the false share allowed among the signals, such as 0.1.
    pub fn of(share: f64) -> Lord {
        Lord { share, start: share / 2.0, asked: 0, discoveries: Vec::new() }
    }

    /// The level of the next question: it is a discovery when its p is not above.
    pub fn level(&self) -> f64 {
        let now = self.asked + 1;
        let mut level = gamma(now) * self.start;
        for (place, found) in self.discoveries.iter().enumerate() {
            let earned = if place == 0 { self.share - self.start } else { self.share };
            level += earned * gamma(now - found);
        }
        level
    }

    pub fn asked(&mut self, discovery: bool) {
        self.asked += 1;
        if discovery {
            self.discoveries.push(self.asked);
            if self.discoveries.len() > REMEMBERED {
                // The first one earns less, so the second is dropped.
                self.discoveries.remove(1);
            }
        }
    }
}

fn gamma(j: usize) -> f64 {
    let j = j as f64;
    GAMMA * j.max(2.0).ln() / (j * j.ln().sqrt().exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;

    #[test]
    fn with_nothing_there_discoveries_stay_within_the_share() {
        let mut runs = 0;
        for run in 0..200 {
            let mut chance = Streams::seeded(run).of("p");
            let mut lord = Lord::of(0.1);
            let mut found = false;
            for _ in 0..1_000 {
                let discovery = chance.share() <= lord.level();
                found |= discovery;
                lord.asked(discovery);
            }
            runs += usize::from(found);
        }
        // With no truth, every discovery is false: the share of runs with any is the false discovery rate.
        assert!(runs <= 30, "{runs} of 200");
    }
}
