//! What a stream's p-values are worth: how often it was as loud before.
//!
//! Deliberately absent: the size of past alarms. A stream that cried wolf is trusted less; one that was right is not
//! trusted more, because nobody has told us that it was right.

/// The past of one stream. Ask `corrected` before `remember`ing the same step: only the past may judge.
///
/// The chance of a p as small is estimated as (prior · p + r) / (prior + n): n steps were seen, and r times the stream came
/// below p. A run of steps below p counts once, so that one long outbreak does not silence the stream for good. With no
/// history it is p itself, with a long one it is the frequency seen; for a stream whose p-values are right it stays p on
/// average. It draws nothing at random, so discrete counts need no randomised p-value.
///
/// # Source
/// The mean of a beta posterior whose prior has mean p and the weight of `prior` steps (Gelman et al. 2013, Bayesian Data
/// Analysis, 3rd ed., doi:10.1201/b16018, 2.4); the use of a stream's own past alarms for its threshold: Kleinman et al.
/// 2005, MMWR 54 Suppl:85, recurrence intervals of syndromic signals.
#[derive(Debug, Clone)]
pub struct OwnHistory {
    /// Steps for which the stream is believed before its own past speaks as loudly.
    prior: f64,
    /// Steps that are remembered.
    reach: usize,
    past: std::collections::VecDeque<f64>,
}

impl OwnHistory {
    pub fn of(prior: f64, reach: usize) -> OwnHistory {
        OwnHistory { prior, reach, past: std::collections::VecDeque::with_capacity(reach + 1) }
    }

    pub fn corrected(&self, p: f64) -> f64 {
        let mut before = 1.0;
        let mut times = 0.0;
        for past in &self.past {
            if *past <= p && before > p {
                times += 1.0;
            }
            before = *past;
        }
        ((self.prior * p + times) / (self.prior + self.past.len() as f64)).min(1.0)
    }

    /// The share of steps that were as loud, counting every step of a run, by the same estimate.
    pub fn share_of_steps(&self, p: f64) -> f64 {
        let times = self.past.iter().filter(|past| **past <= p).count() as f64;
        ((self.prior * p + times) / (self.prior + self.past.len() as f64)).min(1.0)
    }

    pub fn remember(&mut self, p: f64) {
        self.past.push_back(p);
        if self.past.len() > self.reach {
            self.past.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_cries_wolf_is_believed_less_and_a_long_outbreak_counts_once() {
        let (mut wolf, mut outbreak) = (OwnHistory::of(52.0, 104), OwnHistory::of(52.0, 104));
        for t in 0..104 {
            wolf.remember(if t % 8 == 0 { 1e-6 } else { 0.6 });
            outbreak.remember(if (40..60).contains(&t) { 1e-6 } else { 0.6 });
        }
        assert!((wolf.corrected(1e-5) - 13.0 / 156.0).abs() < 1e-4);
        assert!((outbreak.corrected(1e-5) - 1.0 / 156.0).abs() < 1e-4);
        assert_eq!(OwnHistory::of(52.0, 104).corrected(0.01), 0.01);
    }
}
