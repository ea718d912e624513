//! Many data sets at once, against thresholds: of a million windows a handful can be the largest, and a subtraction and a
//! comparison tell that the others are not.
//!
//! For a window of given weight the score grows with its cases, so a score of at least `level` is a count of at least some
//! threshold. Thresholds are tabled by weight, rounded so that no window of that score is missed; those that pass are scored
//! exactly. Data sets lie side by side in memory, so that one instruction compares several.
//!
//! Deliberately absent: scores that are no function of whole counts.

use super::likelihood::Scorer;
use super::{Areas, Centre, Stretch};

/// Data sets scanned together: enough to share the look-up of a threshold, few enough to stay near the processor.
pub(super) const TOGETHER: usize = 64;
/// As many as the accumulators of the inner loop hold in registers.
const AT_ONCE: usize = 32;

const BINS: usize = 1 << 15;
/// Weights are summed as whole numbers, so many to a bin, whose look-up needs no conversion. Every place rounds down by at most
/// one, the sum of all places of a circle by a small part of a bin.
const FINER: u32 = 16;

/// A whole number wide enough for all cases and narrow enough that several fit one instruction.
pub(super) trait Count: Copy + Ord + Send + Sync {
    const ZERO: Self;
    /// Above any difference of counts.
    const NEVER: Self;
    fn of(count: u32) -> Self;
    fn plain(self) -> i32;
    fn plus(self, more: Self) -> Self;
    fn less(self, less: Self) -> Self;
}

macro_rules! count {
    ($whole:ty) => {
        impl Count for $whole {
            const ZERO: Self = 0;
            const NEVER: Self = <$whole>::MAX;
            fn of(count: u32) -> Self {
                <$whole>::try_from(count).unwrap_or(Self::NEVER).min(Self::NEVER)
            }
            fn plain(self) -> i32 {
                i32::from(self)
            }
            #[inline(always)]
            fn plus(self, more: Self) -> Self {
                self.wrapping_add(more)
            }
            #[inline(always)]
            fn less(self, less: Self) -> Self {
                self.wrapping_sub(less)
            }
        }
    };
}
count!(i16);
count!(i32);

/// The most cases for which differences, less a threshold, stay within 16 bits.
pub(super) const NARROW: u64 = i16::MAX as u64 - 1;

pub(super) type Side<T> = [T; TOGETHER];

/// From which count on a window of some weight may score `level`.
pub(super) struct Thresholds<T> {
    /// Sums over steps of the weights, in parts of a bin, `steps + 1` a place; they wrap, and so do their differences.
    weights: Vec<u32>,
    start: u32,
    /// At least so many.
    high: Option<Vec<T>>,
    /// At most so many; −1 is never.
    low: Option<Vec<T>>,
}

impl<T: Count> Thresholds<T> {
    /// `weights` are sums over steps, `steps + 1` a place; `most_weight` is the largest weight of a window, `cases` the most a
    /// window can hold.
    pub(super) fn of(
        scorer: &Scorer,
        level: f64,
        (weights, most_weight): (&[f64], f64),
        places: usize,
        cases: u32,
    ) -> Thresholds<T> {
        // How many bins the sum over all places may be off, either way, and room for that at the end.
        let astray = 0.01 + 2.0 * places as f64 / f64::from(1 << FINER);
        let bins_a_weight = (BINS as f64 - 2.0 - astray) / most_weight.max(f64::MIN_POSITIVE);
        // A bin begins earlier than rounding could place a weight in it, and ends later.
        let edge = |bin: f64| bin.max(0.0) / bins_a_weight;
        let high = || {
            let mut count = 0;
            let least = |bin: usize| {
                let weight = edge(bin as f64 - astray);
                let expected = scorer.expected(weight);
                let enough = |count: u32| {
                    f64::from(count) > expected
                        && (weight <= 0.0 || scorer.score(f64::from(count), weight) >= level)
                };
                // The threshold never falls with the weight.
                while count <= cases && !enough(count) {
                    count += 1;
                }
                if count > cases { T::NEVER } else { T::of(count) }
            };
            (0..BINS).map(least).collect()
        };
        let low = || {
            let mut next = 0;
            let most = |bin: usize| {
                let weight = edge(bin as f64 + 1.0 + astray);
                let expected = scorer.expected(weight);
                let few_enough = |count: u32| {
                    f64::from(count) < expected && scorer.score(f64::from(count), weight) >= level
                };
                while next <= cases && few_enough(next) {
                    next += 1;
                }
                if next == 0 { T::ZERO.less(T::of(1)) } else { T::of(next - 1) }
            };
            (0..BINS).map(most).collect()
        };
        let parts = bins_a_weight * f64::from(1 << FINER);
        Thresholds {
            weights: weights.iter().map(|weight| (weight * parts) as u64 as u32).collect(),
            // A difference of rounded sums may be this little less than nothing.
            start: places as u32,
            high: (scorer.areas != Areas::Low).then(high),
            low: (scorer.areas != Areas::High).then(low),
        }
    }
}

/// What a scan of one batch needs; kept so that batches do not allocate.
pub(super) struct Batch<T> {
    steps: usize,
    /// Cases up to and with each step, cell by cell.
    pub(super) sums: Vec<Side<T>>,
    running: Vec<Side<T>>,
    running_weights: Vec<f64>,
    running_parts: Vec<u32>,
    high: Vec<T>,
    low: Vec<T>,
}

impl<T: Count> Batch<T> {
    pub(super) fn of(cells: usize, steps: usize, stretches: usize) -> Batch<T> {
        Batch {
            steps,
            sums: vec![[T::ZERO; TOGETHER]; cells],
            running: vec![[T::ZERO; TOGETHER]; steps + 1],
            running_weights: vec![0.0; steps + 1],
            running_parts: vec![0; steps + 1],
            high: vec![T::NEVER; stretches],
            low: vec![T::NEVER; stretches],
        }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill([T::ZERO; TOGETHER]);
    }

    pub(super) fn add(&mut self, cell: usize, side: usize) {
        let count = &mut self.sums[cell][side];
        *count = count.plus(T::of(1));
    }

    /// Turns the counts of cells into sums over steps.
    pub(super) fn sum_over_steps(&mut self) {
        for place in self.sums.chunks_mut(self.steps) {
            for step in 1..place.len() {
                let (before, now) = place.split_at_mut(step);
                add_side(&mut now[0], &before[step - 1]);
            }
        }
    }

    /// The largest score of each data set among those of at least the thresholds' level; 0 where there is none.
    /// `weights` are sums over steps, `steps + 1` a place.
    pub(super) fn largest(
        &mut self,
        centres: &[Centre],
        stretches: &[Stretch],
        weights: &[f64],
        scorer: &Scorer,
        thresholds: &Thresholds<T>,
    ) -> [f64; TOGETHER] {
        let mut best = [0.0; TOGETHER];
        let width = self.steps + 1;
        for centre in centres {
            self.running.fill([T::ZERO; TOGETHER]);
            self.running_weights.fill(0.0);
            self.running_parts.fill(0);
            let mut ends = centre.ends.iter().copied().peekable();
            for (at, place) in centre.order.iter().enumerate() {
                let place = *place as usize;
                let cells = &self.sums[place * self.steps..(place + 1) * self.steps];
                for (sum, more) in self.running[1..].iter_mut().zip(cells) {
                    add_side(sum, more);
                }
                for (sum, more) in self.running_weights.iter_mut().zip(&weights[place * width..]) {
                    *sum += more;
                }
                for (sum, more) in self.running_parts.iter_mut().zip(&thresholds.weights[place * width..]) {
                    *sum = sum.wrapping_add(*more);
                }
                if ends.next_if_eq(&(at + 1)).is_some() {
                    self.look(stretches, scorer, thresholds, &mut best);
                }
            }
        }
        best
    }

    /// One circle of all data sets.
    fn look(
        &mut self,
        stretches: &[Stretch],
        scorer: &Scorer,
        thresholds: &Thresholds<T>,
        best: &mut [f64; TOGETHER],
    ) {
        let (parts, start) = (&self.running_parts, thresholds.start);
        let bin = |stretch: &Stretch| {
            (parts[stretch.to].wrapping_sub(parts[stretch.from]).wrapping_add(start) >> FINER) as usize
                & (BINS - 1)
        };
        if let Some(table) = &thresholds.high {
            for (least, stretch) in self.high.iter_mut().zip(stretches) {
                *least = table[bin(stretch)];
            }
        }
        if let Some(table) = &thresholds.low {
            for (most, stretch) in self.low.iter_mut().zip(stretches) {
                *most = table[bin(stretch)];
            }
        }
        for half in 0..TOGETHER / AT_ONCE {
            let mut surplus = [T::ZERO.less(T::NEVER); AT_ONCE];
            if thresholds.high.is_some() {
                most_over(&self.running, stretches, &self.high, half, &mut surplus);
            }
            if thresholds.low.is_some() {
                most_under(&self.running, stretches, &self.low, half, &mut surplus);
            }
            // One look at all of them first: there is seldom anything.
            if surplus.iter().copied().max().is_none_or(|most| most < T::ZERO) {
                continue;
            }
            for (side, _) in surplus.iter().enumerate().filter(|(_, surplus)| **surplus >= T::ZERO) {
                let side = half * AT_ONCE + side;
                best[side] = self.exactly(stretches, scorer, thresholds, side, best[side]);
            }
        }
    }

    fn exactly(
        &self,
        stretches: &[Stretch],
        scorer: &Scorer,
        thresholds: &Thresholds<T>,
        side: usize,
        mut best: f64,
    ) -> f64 {
        let (high, low) = (thresholds.high.is_some(), thresholds.low.is_some());
        for (i, stretch) in stretches.iter().enumerate() {
            let count = self.running[stretch.to][side].less(self.running[stretch.from][side]);
            if (high && count >= self.high[i]) || (low && count <= self.low[i]) {
                let value = f64::from(count.plain());
                let weight = self.running_weights[stretch.to] - self.running_weights[stretch.from];
                if scorer.bound(value, weight) >= best {
                    best = best.max(scorer.score(value, weight));
                }
            }
        }
        best
    }
}

#[inline(always)]
fn add_side<T: Count>(to: &mut Side<T>, more: &Side<T>) {
    for (sum, more) in to.iter_mut().zip(more) {
        *sum = sum.plus(*more);
    }
}

/// Of every data set of this half the most by which a stretch exceeds its threshold.
fn most_over<T: Count>(
    running: &[Side<T>],
    stretches: &[Stretch],
    least: &[T],
    half: usize,
    surplus: &mut [T; AT_ONCE],
) {
    let mut most = *surplus;
    for (stretch, least) in stretches.iter().zip(least) {
        let (to, from) = (part(&running[stretch.to], half), part(&running[stretch.from], half));
        for i in 0..AT_ONCE {
            most[i] = most[i].max(to[i].less(from[i]).less(*least));
        }
    }
    *surplus = most;
}

/// Of every data set of this half the most by which a stretch falls short of its threshold.
fn most_under<T: Count>(
    running: &[Side<T>],
    stretches: &[Stretch],
    at_most: &[T],
    half: usize,
    surplus: &mut [T; AT_ONCE],
) {
    let mut most = *surplus;
    for (stretch, at_most) in stretches.iter().zip(at_most) {
        let (to, from) = (part(&running[stretch.to], half), part(&running[stretch.from], half));
        for i in 0..AT_ONCE {
            most[i] = most[i].max(at_most.less(to[i].less(from[i])));
        }
    }
    *surplus = most;
}

#[inline(always)]
fn part<T>(side: &Side<T>, half: usize) -> &[T; AT_ONCE] {
    side[half * AT_ONCE..].first_chunk().expect("sides hold whole parts")
}
