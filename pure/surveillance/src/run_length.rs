//! How long a chart runs until it alarms, when all is well and when it is not: the chance of each length, and the mean.
//!
//! Deliberately absent: charts whose means follow a season; simulation tells theirs.

/// A value that is added to the sum in one step, and its probability.
pub type Addend = (f64, f64);

#[derive(Debug, Clone, PartialEq)]
pub struct RunLength {
    /// Of an alarm at step 1, 2, …
    pub probabilities: Vec<f64>,
    /// Infinite when the chart never alarms.
    pub mean: f64,
}

/// Logarithms of the likelihood ratio of `changed` against `normal` for positives out of `n`, whose true share is `share`.
pub fn binomial_ratios(n: usize, normal: f64, changed: f64, share: f64) -> Vec<Addend> {
    let (yes, no) = ((changed / normal).ln(), ((1.0 - changed) / (1.0 - normal)).ln());
    (0..=n)
        .map(|y| {
            let (y, rest) = (y as f64, (n - y) as f64);
            let ways = libm::lgamma(n as f64 + 1.0) - libm::lgamma(y + 1.0) - libm::lgamma(rest + 1.0);
            // 0 · ln 0 is 0: what never happens does not weigh.
            let weigh = |many: f64, chance: f64| if many > 0.0 { many * chance.ln() } else { 0.0 };
            (y * yes + rest * no, (ways + weigh(y, share) + weigh(rest, 1.0 - share)).exp())
        })
        .collect()
}

/// For S_t = max(0, S_{t−1} + x_t), which alarms above `h` and starts at 0. The sum is known by the nearest of `levels` levels: 0, and
/// `levels` − 1 intervals of equal width up to `h`; from an interval the chart goes on as from its ends and its middle, weighted 1, 4
/// and 1. More levels, less error.
///
/// # Source
/// Brook and Evans 1972, Biometrika 59:539-549, doi:10.1093/biomet/59.3.539; with Simpson's rule Hawkins 1992, Communications in
/// Statistics – Simulation and Computation 21:1001-1020, doi:10.1080/03610919208813063.
pub fn estimate_run_length(addends: &[Addend], h: f64, levels: usize, steps: usize) -> RunLength {
    let chain = Chain::of(addends, h, levels.max(2));
    let mut chance = vec![0.0; chain.size];
    chance[0] = 1.0;
    let mut running = 1.0;
    let probabilities = (0..steps)
        .map(|_| {
            chance = chain.step(&chance);
            let still: f64 = chance.iter().sum();
            let alarmed = (running - still).max(0.0);
            running = still;
            alarmed
        })
        .collect();
    RunLength { probabilities, mean: chain.mean_steps() }
}

/// The exact mean for counts by Poisson's law, k taken off each, when k and h are multiples of `unit`, which divides 1: the sum only
/// ever stands at multiples of it. The alarm is given at `h`. Units are counted: `per_case` of them make one case.
///
/// # Source
/// Hawkins and Olwell 1998, Cumulative Sum Charts and Charting for Quality Improvement, chapter 6.
pub fn poisson_mean_run_length(mean: f64, k: usize, h: usize, per_case: usize) -> f64 {
    let common = greatest_common_divisor(k, per_case);
    let (k, per_case, size) = (k / common, per_case / common, h.div_ceil(common));
    if size == 0 {
        return 1.0;
    }
    let cases = (size + k) / per_case + 1;
    let mut chance = vec![0.0; cases + 1];
    for (x, chance) in chance.iter_mut().enumerate() {
        *chance = (x as f64 * mean.ln() - mean - libm::lgamma(x as f64 + 1.0)).exp();
    }
    let mut moves = vec![0.0; size * size];
    for from in 0..size {
        for (x, chance) in chance.iter().enumerate() {
            let to = (from + x * per_case).saturating_sub(k);
            if to < size {
                moves[from * size + to] += chance;
            }
        }
    }
    Chain { size, moves }.mean_steps()
}

pub(crate) fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

/// Where a chart that has not alarmed may stand, and the chance to go from one place to another without alarm.
struct Chain {
    size: usize,
    /// Row: from; column: to.
    moves: Vec<f64>,
}

impl Chain {
    fn of(addends: &[Addend], h: f64, levels: usize) -> Chain {
        let mut sorted = addends.to_vec();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = 0.0;
        for addend in &mut sorted {
            below += addend.1;
            addend.1 = below;
        }
        // Probability that at most so much is added.
        let at_most = |value: f64| match sorted.partition_point(|addend| addend.0 <= value) {
            0 => 0.0,
            place => sorted[place - 1].1,
        };
        let edge = |place: usize| h * place as f64 / (levels - 1) as f64;
        let mut moves = vec![0.0; levels * levels];
        for from in 0..levels {
            let starts = if from == 0 {
                [(0.0, 1.0), (0.0, 0.0), (0.0, 0.0)]
            } else {
                let (low, high) = (edge(from - 1), edge(from));
                [(low, 1.0 / 6.0), (f64::midpoint(low, high), 4.0 / 6.0), (high, 1.0 / 6.0)]
            };
            for (start, weight) in starts.into_iter().filter(|(_, weight)| *weight > 0.0) {
                let mut before = 0.0;
                for to in 0..levels {
                    let until = at_most(edge(to) - start);
                    moves[from * levels + to] += weight * (until - before);
                    before = until;
                }
            }
        }
        Chain { size: levels, moves }
    }

    fn step(&self, chance: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; self.size];
        for (row, chance) in self.moves.chunks_exact(self.size).zip(chance) {
            for (next, share) in next.iter_mut().zip(row) {
                *next += chance * share;
            }
        }
        next
    }

    /// The first entry of (I − moves)⁻¹ 1, by elimination with the largest pivot.
    fn mean_steps(&self) -> f64 {
        let size = self.size;
        let mut left: Vec<f64> = self.moves.iter().map(|share| -share).collect();
        for place in 0..size {
            left[place * size + place] += 1.0;
        }
        let mut right = vec![1.0; size];
        // From the last unknown to the first, so that the one asked for comes out without going back.
        for pivot in (0..size).rev() {
            let at = |row: usize| row * size + pivot;
            let largest = (0..=pivot).max_by(|a, b| left[at(*a)].abs().total_cmp(&left[at(*b)].abs()));
            let largest = largest.unwrap_or(pivot);
            if left[at(largest)].abs() < 1e-300 {
                return f64::INFINITY;
            }
            if largest != pivot {
                for column in 0..=pivot {
                    left.swap(pivot * size + column, largest * size + column);
                }
                right.swap(pivot, largest);
            }
            let (above, own) = left.split_at_mut(pivot * size);
            for row in 0..pivot {
                let times = above[row * size + pivot] / own[pivot];
                if times != 0.0 {
                    for column in 0..pivot {
                        above[row * size + column] -= times * own[column];
                    }
                    right[row] -= times * right[pivot];
                }
            }
        }
        let mean = right[0] / left[0];
        // A chart that alarms less than once in 10¹⁴ steps is beyond what the numbers tell.
        if (1.0..1e14).contains(&mean) { mean } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;
    use proptest::prelude::*;

    #[test]
    fn a_chart_that_alarms_at_the_first_case_waits_geometrically() {
        // h = k: one case alarms, none leaves the sum at 0; Poisson mean ½.
        let mean = poisson_mean_run_length(0.5, 5, 5, 10);
        assert!((mean - 1.0 / -(-0.5_f64).exp_m1()).abs() < 1e-12);
    }

    #[test]
    fn a_chart_that_cannot_alarm_runs_for_ever() {
        let told = estimate_run_length(&[(-1.0, 1.0)], 3.0, 20, 5);
        assert_eq!((told.mean, told.probabilities), (f64::INFINITY, vec![0.0; 5]));
    }

    /// Mean and spread of 4,000 simulated runs, at most 10,000 steps each.
    fn simulated(h: f64, mut draw: impl FnMut(&mut base::Stream) -> f64) -> (f64, f64) {
        let streams = Streams::seeded(1);
        let lengths: Vec<f64> = (0..4_000)
            .map(|run| {
                let mut stream = streams.of(&format!("run {run}"));
                let mut sum = 0.0_f64;
                for step in 1..=10_000 {
                    sum = (sum + draw(&mut stream)).max(0.0);
                    if sum > h {
                        return f64::from(step);
                    }
                }
                10_000.0
            })
            .collect();
        let mean = lengths.iter().sum::<f64>() / 4_000.0;
        let spread = lengths.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / 3_999.0;
        (mean, spread.sqrt())
    }

    #[test]
    fn simulated_charts_run_as_long_as_computed() {
        let addends = binomial_ratios(20, 0.05, 0.1, 0.05);
        let computed = estimate_run_length(&addends, 3.0, 400, 1).mean;
        let (mean, spread) = simulated(3.0, |stream| {
            let mut left = stream.share();
            addends
                .iter()
                .find(|(_, chance)| {
                    left -= chance;
                    left < 0.0
                })
                .map_or(0.0, |(value, _)| *value)
        });
        // Four standard errors.
        assert!((mean - computed).abs() < 4.0 * spread / 4_000.0_f64.sqrt(), "{mean} {computed}");
    }

    proptest! {
        #[test]
        fn chances_are_chances(
            n in 3_usize..40, normal in 0.02..0.3_f64, times in 1.2..3.0_f64, h in 1.0..5.0_f64,
        ) {
            let addends = binomial_ratios(n, normal, normal * times, normal);
            let told = estimate_run_length(&addends, h, 12, 50);
            prop_assert!(told.probabilities.iter().all(|chance| (0.0..=1.0).contains(chance)));
            prop_assert!(told.probabilities.iter().sum::<f64>() <= 1.0 + 1e-12);
        }

        #[test]
        fn higher_limits_and_smaller_means_run_longer(
            mean in 0.1..8.0_f64, k in 5_usize..120, h in 1_usize..60, higher in 1_usize..20,
        ) {
            let run = poisson_mean_run_length(mean, k, h, 10);
            prop_assert!(poisson_mean_run_length(mean, k, h + higher, 10) >= run * (1.0 - 1e-6));
            prop_assert!(poisson_mean_run_length(mean * 0.9, k, h, 10) >= run * (1.0 - 1e-6));
        }
    }
}
