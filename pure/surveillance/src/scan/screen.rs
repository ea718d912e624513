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

/// One number of each data set, on its own lines of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Side<T>([T; TOGETHER]);

/// Stretches whose weights differ by less share a threshold: that of the lightest (for low counts, of the heaviest).
const ALIKE: f64 = 1.01;

/// From which count on a window of some weight may score `level`.
pub(super) struct Thresholds<T> {
    level: f64,
    /// By weight, in groups of such as are alike over the whole area, and so nearly alike in every circle.
    groups: Vec<Vec<Stretch>>,
    /// Sums over steps of the weights, in parts of a bin, `steps + 1` a place; they wrap, and so do their differences.
    weights: Vec<u32>,
    start: u32,
    /// At least so many.
    high: Option<Vec<T>>,
    /// At most so many; −1 is never.
    low: Option<Vec<T>>,
}

impl<T: Count> Thresholds<T> {
    /// `weights` are sums over steps, `steps + 1` a place; `cases` are the most a window can hold.
    pub(super) fn of(
        scorer: &Scorer,
        level: f64,
        weights: &[f64],
        stretches: &[Stretch],
        places: usize,
        cases: u32,
    ) -> Thresholds<T> {
        let (groups, most_weight) = groups_of(weights, stretches, places);
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
            level,
            groups,
            weights: weights.iter().map(|weight| (weight * parts) as u64 as u32).collect(),
            // A difference of rounded sums may be this little less than nothing.
            start: places as u32,
            high: (scorer.areas != Areas::Low).then(high),
            low: (scorer.areas != Areas::High).then(low),
        }
    }
}

/// Also the largest weight of a stretch.
fn groups_of(weights: &[f64], stretches: &[Stretch], places: usize) -> (Vec<Vec<Stretch>>, f64) {
    let width = weights.len() / places;
    let over_all = |stretch: &Stretch| -> f64 {
        weights.chunks(width).map(|place| place[stretch.to] - place[stretch.from]).sum()
    };
    let mut weighed: Vec<(f64, Stretch)> =
        stretches.iter().map(|stretch| (over_all(stretch), *stretch)).collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let most = weighed.last().map_or(0.0, |heaviest| heaviest.0);
    let mut groups: Vec<Vec<Stretch>> = Vec::new();
    let mut lightest = f64::NEG_INFINITY;
    for (weight, stretch) in weighed {
        match groups.last_mut() {
            Some(group) if weight <= lightest * ALIKE => group.push(stretch),
            _ => {
                lightest = weight;
                groups.push(vec![stretch]);
            }
        }
    }
    (groups, most)
}

/// What a scan of one batch needs; kept so that batches do not allocate.
pub(super) struct Batch<T> {
    steps: usize,
    /// Cases up to and with each step, cell by cell.
    sums: Vec<Side<T>>,
    running: Vec<Side<T>>,
    running_weights: Vec<f64>,
    running_parts: Vec<u32>,
    high: Vec<T>,
    low: Vec<T>,
}

impl<T: Count> Batch<T> {
    pub(super) fn of(cells: usize, steps: usize, thresholds: &Thresholds<T>) -> Batch<T> {
        let groups = thresholds.groups.len();
        Batch {
            steps,
            sums: vec![Side([T::ZERO; TOGETHER]); cells],
            running: vec![Side([T::ZERO; TOGETHER]); steps + 1],
            running_weights: vec![0.0; steps + 1],
            running_parts: vec![0; steps + 1],
            high: vec![T::NEVER; groups],
            low: vec![T::NEVER; groups],
        }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill(Side([T::ZERO; TOGETHER]));
    }

    pub(super) fn add(&mut self, cell: usize, side: usize) {
        let count = &mut self.sums[cell].0[side];
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
        weights: &[f64],
        scorer: &Scorer,
        thresholds: &Thresholds<T>,
    ) -> [f64; TOGETHER] {
        let mut best = [0.0; TOGETHER];
        let width = self.steps + 1;
        for centre in centres {
            self.running.fill(Side([T::ZERO; TOGETHER]));
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
                    self.look(scorer, thresholds, &mut best);
                }
            }
        }
        best
    }

    /// One circle of all data sets.
    fn look(&mut self, scorer: &Scorer, thresholds: &Thresholds<T>, best: &mut [f64; TOGETHER]) {
        let (parts, start) = (&self.running_parts, thresholds.start);
        let weight_of =
            |stretch: &Stretch| parts[stretch.to].wrapping_sub(parts[stretch.from]).wrapping_add(start);
        let bin = |weight: u32| (weight >> FINER) as usize & (BINS - 1);
        if let Some(table) = &thresholds.high {
            for (least, group) in self.high.iter_mut().zip(&thresholds.groups) {
                *least = table[bin(group.iter().map(weight_of).min().unwrap_or(0))];
            }
        }
        if let Some(table) = &thresholds.low {
            for (most, group) in self.low.iter_mut().zip(&thresholds.groups) {
                *most = table[bin(group.iter().map(weight_of).max().unwrap_or(0))];
            }
        }
        for half in 0..TOGETHER / AT_ONCE {
            let mut surplus = [T::ZERO.less(T::NEVER); AT_ONCE];
            if thresholds.high.is_some() {
                most_over(&self.running, &thresholds.groups, &self.high, half, &mut surplus);
            }
            if thresholds.low.is_some() {
                most_under(&self.running, &thresholds.groups, &self.low, half, &mut surplus);
            }
            // One look at all of them first: there is seldom anything.
            if surplus.iter().copied().max().is_none_or(|most| most < T::ZERO) {
                continue;
            }
            for (side, _) in surplus.iter().enumerate().filter(|(_, surplus)| **surplus >= T::ZERO) {
                let side = half * AT_ONCE + side;
                best[side] = self.exactly(scorer, thresholds, side, best[side]);
            }
        }
    }

    /// A score below the level does not count: others like it were not looked at.
    fn exactly(&self, scorer: &Scorer, thresholds: &Thresholds<T>, side: usize, mut best: f64) -> f64 {
        let (high, low) = (thresholds.high.is_some(), thresholds.low.is_some());
        for (group, (least, most)) in thresholds.groups.iter().zip(self.high.iter().zip(&self.low)) {
            for stretch in group {
                let count = self.running[stretch.to].0[side].less(self.running[stretch.from].0[side]);
                if !(high && count >= *least || low && count <= *most) {
                    continue;
                }
                let value = f64::from(count.plain());
                let weight = self.running_weights[stretch.to] - self.running_weights[stretch.from];
                if scorer.bound(value, weight) >= best.max(thresholds.level) {
                    let score = scorer.score(value, weight);
                    if score >= thresholds.level {
                        best = best.max(score);
                    }
                }
            }
        }
        best
    }
}

#[inline(always)]
fn add_side<T: Count>(to: &mut Side<T>, more: &Side<T>) {
    for (sum, more) in to.0.iter_mut().zip(&more.0) {
        *sum = sum.plus(*more);
    }
}

/// Of every data set of this half the most by which a stretch exceeds its threshold.
fn most_over<T: Count>(
    running: &[Side<T>],
    groups: &[Vec<Stretch>],
    least: &[T],
    half: usize,
    surplus: &mut [T; AT_ONCE],
) {
    for (group, least) in groups.iter().zip(least) {
        let mut most = [T::ZERO; AT_ONCE];
        for stretch in group {
            let (to, from) = (part(&running[stretch.to], half), part(&running[stretch.from], half));
            for i in 0..AT_ONCE {
                most[i] = most[i].max(to[i].less(from[i]));
            }
        }
        for i in 0..AT_ONCE {
            surplus[i] = surplus[i].max(most[i].less(*least));
        }
    }
}

/// Of every data set of this half the most by which a stretch falls short of its threshold.
fn most_under<T: Count>(
    running: &[Side<T>],
    groups: &[Vec<Stretch>],
    at_most: &[T],
    half: usize,
    surplus: &mut [T; AT_ONCE],
) {
    for (group, at_most) in groups.iter().zip(at_most) {
        let mut least = [T::NEVER; AT_ONCE];
        for stretch in group {
            let (to, from) = (part(&running[stretch.to], half), part(&running[stretch.from], half));
            for i in 0..AT_ONCE {
                least[i] = least[i].min(to[i].less(from[i]));
            }
        }
        for i in 0..AT_ONCE {
            surplus[i] = surplus[i].max(at_most.less(least[i]));
        }
    }
}

#[inline(always)]
fn part<T>(side: &Side<T>, half: usize) -> &[T; AT_ONCE] {
    side.0[half * AT_ONCE..].first_chunk().expect("sides hold whole parts")
}
