//! How long it takes: from being infected to infecting, over one or several generations, and from being infected to the day the
//! list has for a case.

use super::Compatibility;
use super::evidence::ReconstructionError;
use base::Stream;

/// Shares of whole days; place `d` is a delay of `d` days. They add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct DelayDays(Vec<f64>);

impl DelayDays {
    /// `shares` in any unit, such as counts; zeros at the end are dropped.
    pub fn of(mut shares: Vec<f64>, what: &'static str) -> Result<DelayDays, ReconstructionError> {
        while shares.last() == Some(&0.0) {
            shares.pop();
        }
        let sum: f64 = shares.iter().sum();
        let sensible = shares.iter().all(|share| *share >= 0.0) && sum > 0.0 && sum.is_finite();
        if !sensible {
            return Err(ReconstructionError::NoDelay { what });
        }
        for share in &mut shares {
            *share /= sum;
        }
        Ok(DelayDays(shares))
    }

    /// A gamma delay known to the day: day `d` holds what lies within half a day of it, day `least` all before.
    pub fn gamma(
        mean: f64,
        sd: f64,
        least: usize,
        what: &'static str,
    ) -> Result<DelayDays, ReconstructionError> {
        let sensible =
            mean > 0.0 && sd > 0.0 && mean.is_finite() && sd.is_finite() && mean + 8.0 * sd < 2_000.0;
        if !sensible {
            return Err(ReconstructionError::NoDelay { what });
        }
        let (shape, scale) = ((mean / sd).powi(2), sd * sd / mean);
        let below = |x: f64| stats::gamma_cdf(x, shape, scale);
        let mut shares = vec![0.0; least];
        let mut before = 0.0;
        // What lies beyond is less than a case in ten thousand.
        while before < 0.9999 {
            let upto = below(shares.len() as f64 + 0.5);
            shares.push(upto - before);
            before = upto;
        }
        DelayDays::of(shares, what)
    }

    pub fn longest(&self) -> usize {
        self.0.len() - 1
    }

    /// Days; the shortest delay that happens.
    pub fn shortest(&self) -> usize {
        self.0.iter().position(|share| *share > 0.0).unwrap_or(0)
    }

    pub fn share(&self, days: i32) -> f64 {
        usize::try_from(days).ok().and_then(|days| self.0.get(days)).copied().unwrap_or(0.0)
    }

    /// Days.
    pub fn mean(&self) -> f64 {
        self.0.iter().enumerate().map(|(days, share)| days as f64 * share).sum()
    }

    /// One of these delays, each as often as its share.
    pub(crate) fn drawn(&self, stream: &mut Stream) -> i32 {
        let mut left = stream.share();
        let day = self.0.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        day.unwrap_or(self.longest()) as i32
    }

    pub(crate) fn shares(&self) -> &[f64] {
        &self.0
    }
}

/// Delays between the infections of a case and of its ancestor, when the ancestor is 1, 2, … generations back.
#[derive(Debug, Clone)]
pub(super) struct GenerationDelays {
    /// At `[generations − 1][days]`.
    shares: Vec<Vec<f64>>,
}

impl GenerationDelays {
    /// `span` is the number of days between the first and the last dated case.
    ///
    /// # Source
    /// The tail and the columns that stand a day early are those of outbreaker2 1.1.4 (Campbell et al. 2018, BMC Bioinformatics
    /// 19:363, doi:10.1186/s12859-018-2330-z): its table of the sum of g delays holds at d days what belongs to d + g − 1.
    pub(super) fn of(
        generation: &DelayDays,
        most_generations: usize,
        span: usize,
        compatibility: Compatibility,
    ) -> GenerationDelays {
        match compatibility {
            Compatibility::None => GenerationDelays::right(generation, most_generations),
            Compatibility::Outbreaker2 => GenerationDelays::a_day_early(generation, most_generations, span),
        }
    }

    fn right(generation: &DelayDays, most_generations: usize) -> GenerationDelays {
        let mut shares = vec![generation.shares().to_vec()];
        for before in 1..most_generations {
            let longer = convolved(&shares[before - 1], generation.shares());
            shares.push(longer);
        }
        GenerationDelays { shares }
    }

    fn a_day_early(generation: &DelayDays, most_generations: usize, span: usize) -> GenerationDelays {
        let mut from_one_day = generation.shares()[1..].to_vec();
        if from_one_day.len() < span {
            let tail: Vec<f64> =
                (1..=span - from_one_day.len() + 10).map(|day| (-(day as f64)).exp()).collect();
            let whole: f64 = tail.iter().sum();
            from_one_day.extend(tail.iter().map(|share| 1e-4 * share / whole));
        }
        let whole: f64 = from_one_day.iter().sum();
        for share in &mut from_one_day {
            *share /= whole;
        }
        let mut early = vec![from_one_day];
        for before in 1..most_generations {
            let mut longer = convolved(&early[before - 1], &early[0]);
            longer.truncate(early[0].len());
            early.push(longer);
        }
        let with_day_zero = |shares: Vec<f64>| std::iter::once(0.0).chain(shares).collect();
        GenerationDelays { shares: early.into_iter().map(with_day_zero).collect() }
    }

    pub(super) fn most(&self) -> usize {
        self.shares.len()
    }

    pub(super) fn share(&self, generations: usize, days: i32) -> f64 {
        let of_these = &self.shares[generations - 1];
        usize::try_from(days).ok().and_then(|days| of_these.get(days)).copied().unwrap_or(0.0)
    }

    pub(super) fn of_generations(&self, generations: usize) -> &[f64] {
        &self.shares[generations - 1]
    }
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            sum[i + j] += x * y;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_generations_take_twice_as_long() {
        let once = DelayDays::gamma(5.0, 2.0, 1, "generation time").unwrap();
        let twice = GenerationDelays::of(&once, 2, 30, Compatibility::None);
        let mean: f64 = twice.of_generations(2).iter().enumerate().map(|(d, p)| d as f64 * p).sum();
        assert!((mean - 2.0 * once.mean()).abs() < 1e-9 && (once.mean() - 5.0).abs() < 0.05, "{mean}");
        let theirs = GenerationDelays::of(&once, 2, 0, Compatibility::Outbreaker2);
        assert!((theirs.share(2, 9) - twice.share(2, 10)).abs() < 1e-12);
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        for shares in [vec![], vec![0.0, 0.0], vec![0.5, -0.1], vec![f64::NAN]] {
            assert!(DelayDays::of(shares, "generation time").is_err());
        }
        assert!(DelayDays::gamma(5.0, 0.0, 1, "generation time").is_err());
    }
}
