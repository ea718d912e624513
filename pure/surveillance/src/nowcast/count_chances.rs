//! How likely each count is: a list of chances that begins at a count.

/// Sums of a thousand chances are off by less.
const ROUNDING: f64 = 1e-12;

/// Chances of `from`, `from + 1`, …; they add up to one unless a peer is being reproduced.
#[derive(Debug, Clone, PartialEq)]
pub struct CountChances {
    from: usize,
    chances: Vec<f64>,
}

impl CountChances {
    pub(super) fn certain(count: usize) -> CountChances {
        CountChances { from: count, chances: vec![1.0] }
    }

    /// Weights of any size, brought to a sum of one.
    pub(super) fn weighed(from: usize, mut weights: Vec<f64>) -> CountChances {
        let sum: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= sum;
        }
        CountChances { from, chances: weights }
    }

    /// As they are, whatever they add up to.
    pub(super) fn unweighed(from: usize, chances: Vec<f64>) -> CountChances {
        CountChances { from, chances }
    }

    pub fn of(&self, count: usize) -> f64 {
        count.checked_sub(self.from).and_then(|place| self.chances.get(place)).copied().unwrap_or(0.0)
    }

    pub fn sum(&self) -> f64 {
        self.chances.iter().sum()
    }

    /// The first count with more than this probability at or below it. What sums to the probability but for rounding is not
    /// more.
    pub fn quantile(&self, share: f64) -> Option<usize> {
        let mut at_most = 0.0;
        let place = self.chances.iter().position(|chance| {
            at_most += chance;
            at_most > share + ROUNDING
        });
        place.map(|place| self.from + place)
    }

    pub fn mean(&self) -> Option<f64> {
        let total: f64 =
            self.chances.iter().enumerate().map(|(place, c)| c * (self.from + place) as f64).sum();
        Some(total / self.sum()).filter(|mean| mean.is_finite())
    }
}
