//! The regression under both methods of Farrington: a quasi-Poisson one on blocks of the year and a trend, down-weighting
//! what looks like past outbreaks.
//!
//! A design of blocks and one slope needs no matrix: each step is solved from three sums for each block, and the means of a
//! run of consecutive steps are one exponential and multiplications. Deliberately absent: how the blocks are cut and what
//! bound is drawn, which is each method's own.
//!
//! # Source
//! Farrington, Andrews, Beale and Catchpole 1996, JRSS A 159:547, doi:10.2307/2983331; Noufaily, Enki, Farrington, Garthwaite,
//! Andrews and Charlett 2013, Statistics in Medicine 32:1206, doi:10.1002/sim.5595. Fitting by iteratively reweighted least
//! squares: McCullagh and Nelder 1989, Generalized Linear Models, 2.5, doi:10.1201/9780203753736, with the start (count +
//! 0.1), the criterion and the limit of 25 rounds that R's `glm.fit` uses.

use crate::Series;
use crate::farrington_counts::{Parts, Prepared};
use stats::student_two_sided;

/// Means are kept above this, as R keeps them: its smallest step from 1.
pub(crate) const LEAST_MEAN: f64 = f64::EPSILON;
/// `LEAST_MEAN` to the power −1/6: 2^(52/6).
const LEAST_MEAN_SIXTH: f64 = 406.374_669_303_268_3;
/// The deviance has settled when it moves by less than this share.
const SETTLED: f64 = 1e-8;

/// Steps that follow each other in one block.
#[derive(Debug, Clone, Copy)]
struct Run {
    block: usize,
    first: usize,
    end: usize,
    /// How much the time grows from one step to the next.
    stride: f64,
}

/// Sums over one block of the working weight times 1, time and time².
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    weight: f64,
    time: f64,
    square: f64,
}

impl Sums {
    fn middle(&self) -> f64 {
        self.time / self.weight
    }
}

/// Weighted sums of counts that no round of a fit changes.
#[derive(Debug, Clone, Copy)]
struct Cases {
    in_time: f64,
    /// Their part of half the deviance.
    constant: f64,
}

/// The points of one regression and its fit. Kept from one step to the next, so that nothing is allocated.
#[derive(Default)]
pub(crate) struct Model {
    count: Vec<f64>,
    /// In steps; the step that is scored is at 0.
    time: Vec<f64>,
    weight: Vec<f64>,
    start: Vec<f64>,
    own: Vec<f64>,
    start_deviance: Vec<f64>,
    two_thirds: Vec<f64>,
    people: Vec<f64>,
    log_people: Vec<f64>,
    sixth: Vec<f64>,
    runs: Vec<Run>,
    largest: f64,

    slope: f64,
    slopes: bool,
    level: Vec<f64>,
    mean: Vec<f64>,
    /// Means, and the sums of their weights, before the last round: the weights that this round used.
    mean_before: Vec<f64>,
    sums: Vec<Sums>,
    sums_before: Vec<Sums>,
    /// Weighted sum of counts in each block.
    cases: Vec<f64>,
    right: Vec<f64>,
}

impl Model {
    /// Forgets all points. Blocks are numbered from 0.
    pub(crate) fn empty(&mut self, blocks: usize) {
        for column in [
            &mut self.count,
            &mut self.time,
            &mut self.weight,
            &mut self.start,
            &mut self.own,
            &mut self.start_deviance,
            &mut self.two_thirds,
            &mut self.people,
            &mut self.log_people,
            &mut self.sixth,
            &mut self.level,
            &mut self.cases,
            &mut self.right,
        ] {
            column.clear();
        }
        self.runs.clear();
        self.largest = 0.0;
        for column in [&mut self.level, &mut self.cases, &mut self.right] {
            column.resize(blocks, 0.0);
        }
        for sums in [&mut self.sums, &mut self.sums_before] {
            sums.clear();
            sums.resize(blocks, Sums::default());
        }
    }

    /// One reported step, later than those before it.
    pub(crate) fn add(&mut self, series: &Series, prepared: &Prepared, t: usize, time: f64, block: usize) {
        let place = self.count.len();
        let y = series.counts[t];
        self.count.push(y);
        self.time.push(time);
        let parts = Parts::of(y);
        self.start.push(parts.start - prepared.log_people(t));
        self.own.push(parts.own);
        self.start_deviance.push(parts.start_deviance);
        self.two_thirds.push(parts.two_thirds);
        if prepared.plays_a_part() {
            self.people.push(prepared.people(t));
            self.log_people.push(prepared.log_people(t));
            self.sixth.push(prepared.sixth(t));
        }
        self.largest = self.largest.max(y);
        match self.runs.last_mut() {
            Some(run) if run.block == block => {
                let stride = time - self.time[place - 1];
                let alone = run.end - run.first == 1;
                if alone || stride == run.stride {
                    run.stride = stride;
                    run.end += 1;
                } else {
                    self.runs.push(Run { block, first: place, end: place + 1, stride: 1.0 });
                }
            }
            _ => self.runs.push(Run { block, first: place, end: place + 1, stride: 1.0 }),
        }
    }

    pub(crate) fn largest_count(&self) -> f64 {
        self.largest
    }

    /// Cases and people (or steps) in a block, with every point counting in full.
    pub(crate) fn cases_and_exposure(&self, block: usize) -> (f64, f64) {
        let places = self.runs.iter().filter(|run| run.block == block).flat_map(|run| run.first..run.end);
        places.fold((0.0, 0.0), |(cases, exposure), i| {
            (cases + self.count[i], exposure + self.people.get(i).copied().unwrap_or(1.0))
        })
    }

    /// Every point counts in full.
    pub(crate) fn weigh_equally(&mut self) {
        self.weight.clear();
        self.weight.resize(self.count.len(), 1.0);
    }

    /// Fits levels and, if asked, a slope, from the counts themselves. False when the deviance had not settled after `rounds`.
    pub(crate) fn fit(&mut self, slopes: bool, rounds: usize) -> bool {
        self.slopes = slopes;
        let cases = self.sum_cases();
        let before = self.begin();
        self.climb(before, cases, true, rounds)
    }

    /// The same from the fit there is, after the weights have changed; takes fewer rounds.
    pub(crate) fn fit_again(&mut self, rounds: usize) -> bool {
        let cases = self.sum_cases();
        let before = self.evaluate(cases);
        self.climb(before, cases, false, rounds)
    }

    fn climb(&mut self, mut before: f64, cases: Cases, anew: bool, rounds: usize) -> bool {
        for round in 0..rounds {
            let first = anew && round == 0;
            std::mem::swap(&mut self.sums, &mut self.sums_before);
            std::mem::swap(&mut self.mean, &mut self.mean_before);
            let right_slope = if first {
                self.first_right_side()
            } else {
                let mut in_time = cases.in_time;
                for (block, sums) in self.sums_before.iter().enumerate() {
                    self.right[block] = self.cases[block] - sums.weight;
                    in_time -= sums.time;
                }
                in_time
            };
            let slope_moves = self.solve(right_slope);
            if first {
                self.slope = slope_moves;
                self.level.copy_from_slice(&self.right);
            } else {
                self.slope += slope_moves;
                self.level.iter_mut().zip(&self.right).for_each(|(level, moves)| *level += moves);
            }
            let deviance = self.evaluate(cases);
            if !deviance.is_finite() {
                return false;
            }
            if (deviance - before).abs() < SETTLED * (deviance.abs() + 0.1) {
                return true;
            }
            before = deviance;
        }
        false
    }

    fn sum_cases(&mut self) -> Cases {
        self.cases.fill(0.0);
        let (mut in_time, mut constant) = (0.0, 0.0);
        for run in &self.runs {
            let mut cases = 0.0;
            for i in run.first..run.end {
                let weighted = self.weight[i] * self.count[i];
                cases += weighted;
                in_time += weighted * self.time[i];
                constant += self.weight[i] * self.own[i];
            }
            self.cases[run.block] += cases;
        }
        if !self.people.is_empty() {
            for i in 0..self.count.len() {
                constant -= self.weight[i] * self.count[i] * self.log_people[i];
            }
        }
        Cases { in_time, constant }
    }

    /// Means of count + 0.1 and their deviance.
    fn begin(&mut self) -> f64 {
        self.mean_before.clear();
        self.mean_before.resize(self.count.len(), 0.0);
        self.mean.clear();
        self.mean.extend(self.count.iter().map(|count| count + 0.1));
        self.sums.fill(Sums::default());
        let mut deviance = 0.0;
        for run in &self.runs {
            let mut sums = Sums::default();
            for i in run.first..run.end {
                let w = self.weight[i] * self.mean[i];
                sums.weight += w;
                sums.time += w * self.time[i];
                sums.square += w * self.time[i] * self.time[i];
                deviance += self.weight[i] * self.start_deviance[i];
            }
            let all = &mut self.sums[run.block];
            all.weight += sums.weight;
            all.time += sums.time;
            all.square += sums.square;
        }
        2.0 * deviance
    }

    fn first_right_side(&mut self) -> f64 {
        self.right.fill(0.0);
        let mut in_time = 0.0;
        for run in &self.runs {
            let mut sum = 0.0;
            for i in run.first..run.end {
                let pulled = self.weight[i] * self.mean_before[i] * self.start[i];
                sum += pulled;
                in_time += pulled * self.time[i];
            }
            self.right[run.block] += sum;
        }
        in_time
    }

    /// Weighted sum of squares of time within blocks, in the last round.
    fn spread_of_time(&self) -> Option<f64> {
        let used = || self.sums_before.iter().filter(|sums| sums.weight > 0.0);
        let within: f64 = used().map(|sums| sums.square - sums.time * sums.middle()).sum();
        let all: f64 = used().map(|sums| sums.square).sum();
        // Less is rounding: every block has one time only.
        (within > 1e-13 * all).then_some(within)
    }

    /// Solves for the slope, and turns `right` into what each level is.
    fn solve(&mut self, right_slope: f64) -> f64 {
        let mut slope = 0.0;
        if self.slopes
            && let Some(within) = self.spread_of_time()
        {
            let blocks = self.sums_before.iter().zip(&self.right).filter(|(sums, _)| sums.weight > 0.0);
            let explained: f64 = blocks.map(|(sums, right)| right * sums.middle()).sum();
            slope = (right_slope - explained) / within;
        }
        for (sums, right) in self.sums_before.iter().zip(&mut self.right) {
            *right = if sums.weight > 0.0 { (*right - slope * sums.time) / sums.weight } else { 0.0 };
        }
        slope
    }

    /// Means, their sums and their deviance at the present levels and slope.
    fn evaluate(&mut self, cases: Cases) -> f64 {
        self.sums.fill(Sums::default());
        let mut least = f64::INFINITY;
        let growth_of_one = if self.slopes { self.slope.exp() } else { 1.0 };
        for run in &self.runs {
            let mut value = (self.level[run.block] + self.slope * self.time[run.first]).exp();
            let growth = if run.stride == 1.0 { growth_of_one } else { (self.slope * run.stride).exp() };
            let mut sums = Sums::default();
            let steps = run.first..run.end;
            let means = self.mean[steps.clone()].iter_mut();
            let points = self.weight[steps.clone()].iter().zip(&self.time[steps.clone()]);
            let mut people = self.people.get(steps).unwrap_or_default().iter();
            for (mean, (weight, time)) in means.zip(points) {
                let raw = people.next().map_or(value, |people| value * people);
                least = least.min(raw);
                *mean = raw.max(LEAST_MEAN);
                let (w, moment) = (weight * *mean, weight * *mean * time);
                sums.weight += w;
                sums.time += moment;
                sums.square += moment * time;
                value *= growth;
            }
            let all = &mut self.sums[run.block];
            all.weight += sums.weight;
            all.time += sums.time;
            all.square += sums.square;
        }
        // Where a mean had to be kept from 0, its logarithm is no longer that of level and slope.
        if least < LEAST_MEAN { self.deviance_point_by_point() } else { self.deviance(cases) }
    }

    /// 2 Σ w (y ln(y/μ) − (y − μ)), with ln μ from levels and slope.
    fn deviance(&self, cases: Cases) -> f64 {
        let by_block = self.level.iter().zip(&self.cases).zip(&self.sums);
        let explained: f64 = by_block.map(|((level, cases), sums)| level * cases - sums.weight).sum();
        2.0 * (cases.constant - explained - self.slope * cases.in_time)
    }

    fn deviance_point_by_point(&self) -> f64 {
        let one = |i: usize| {
            let (y, mean) = (self.count[i], self.mean[i]);
            let log = if y > 0.0 { y * mean.ln() } else { 0.0 };
            self.weight[i] * (self.own[i] - log + mean)
        };
        2.0 * (0..self.count.len()).map(one).sum::<f64>()
    }

    pub(crate) fn slope(&self) -> f64 {
        self.slope
    }

    /// ln of the mean at a time in a block, for one person or without population.
    pub(crate) fn log_mean(&self, block: usize, time: f64) -> f64 {
        self.level[block] + self.slope * time
    }

    /// Points less parameters.
    pub(crate) fn freedom(&self) -> f64 {
        let levels = self.sums.iter().filter(|sums| sums.weight > 0.0).count();
        let slopes = usize::from(self.slopes && self.spread_of_time().is_some());
        self.count.len() as f64 - (levels + slopes) as f64
    }

    /// Σ weight (y−μ)²/μ: the sum of Pearson's residuals at the end of the fit.
    pub(crate) fn pearson(&self) -> f64 {
        let one = |i: usize| {
            let apart = self.count[i] - self.mean[i];
            self.weight[i] * apart * apart / self.mean[i]
        };
        (0..self.count.len()).map(one).sum()
    }

    /// The same with the working weights of the round before, which is what R's `summary.glm` divides.
    pub(crate) fn pearson_one_round_late(&self) -> f64 {
        let one = |i: usize| {
            let apart = (self.count[i] - self.mean[i]) / self.mean[i];
            self.weight[i] * self.mean_before[i] * apart * apart
        };
        (0..self.count.len()).map(one).sum()
    }

    /// Σ weight ((y−μ)/μ)²: a sum that no theory asks for, and that `farringtonFlexible` divides for its standard errors.
    pub(crate) fn squares_of_relative_residuals(&self) -> f64 {
        let one = |i: usize| {
            let apart = (self.count[i] - self.mean[i]) / self.mean[i];
            self.weight[i] * apart * apart
        };
        (0..self.count.len()).map(one).sum()
    }

    /// Variance of the logarithm of the mean at a place, to be multiplied by the dispersion.
    pub(crate) fn variance_at(&self, block: usize, time: f64) -> f64 {
        let sums = &self.sums_before[block];
        let level = 1.0 / sums.weight;
        if !self.slopes {
            return level;
        }
        let away = time - sums.middle();
        level + self.spread_of_time().map_or(0.0, |within| away * away / within)
    }

    /// Two-sided probability of a slope at least as far from none, given the dispersion. 1 when no slope can be told.
    pub(crate) fn slope_p_value(&self, dispersion: f64) -> f64 {
        self.spread_of_time().map_or(1.0, |within| {
            let t = self.slope / (dispersion / within).sqrt();
            student_two_sided(t, self.freedom())
        })
    }

    /// Lets each point count by its Anscombe residual: in full up to the threshold, then falling with its square. Tells
    /// whether anything changed.
    ///
    /// # Source
    /// Farrington 1996, section 3.6; leverages of a design of blocks and a slope in closed form.
    pub(crate) fn reweight(&mut self, dispersion: f64, threshold: f64) -> bool {
        let within = if self.slopes { self.spread_of_time() } else { None };
        let growth_of_one = (-self.slope / 6.0).exp();
        let mut total = 0.0;
        let mut changed = false;
        for run in &self.runs {
            let sums = &self.sums_before[run.block];
            let (share, middle) = (1.0 / sums.weight, sums.middle());
            let at = self.level[run.block] + self.slope * self.time[run.first];
            let mut sixth = (-at / 6.0).exp();
            let growth =
                if run.stride == 1.0 { growth_of_one } else { (-self.slope * run.stride / 6.0).exp() };
            for i in run.first..run.end {
                let away = self.time[i] - middle;
                let leverage = self.weight[i]
                    * self.mean_before[i]
                    * (share + within.map_or(0.0, |within| away * away / within));
                let raw = if self.people.is_empty() { sixth } else { sixth * self.sixth[i] };
                let residual = 1.5 * (self.two_thirds[i] * raw.min(LEAST_MEAN_SIXTH) - self.mean[i].sqrt());
                let scale = dispersion * (1.0 - leverage);
                sixth *= growth;
                // A point that fits itself (leverage 1) tells nothing about itself.
                let square = residual * residual;
                let stands_out =
                    residual > 0.0 && leverage < 1.0 - 1e-9 && square > threshold * threshold * scale;
                self.weight[i] = if stands_out { scale / square } else { 1.0 };
                changed |= stands_out;
                total += self.weight[i];
            }
        }
        if changed {
            let all = self.count.len() as f64 / total;
            self.weight.iter_mut().for_each(|weight| *weight *= all);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stats::Cholesky;

    /// Levels, slope, leverages and the variance of a prediction by matrices, as any textbook does it.
    struct ByMatrices {
        coefficients: Vec<f64>,
        leverages: Vec<f64>,
        variance: f64,
    }

    const BLOCKS: usize = 3;

    fn row(block: usize, time: f64) -> Vec<f64> {
        let mut row = vec![0.0; BLOCKS + 1];
        row[block] = 1.0;
        row[BLOCKS] = time;
        row
    }

    fn by_matrices(counts: &[f64], people: &[f64], rows: &[Vec<f64>], at: &[f64]) -> ByMatrices {
        let size = BLOCKS + 1;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut means: Vec<f64> = counts.iter().map(|y| y + 0.1).collect();
        let mut found = None;
        for _ in 0..30 {
            let (mut matrix, mut right) = (vec![0.0; size * size], vec![0.0; size]);
            for (i, row) in rows.iter().enumerate() {
                let response = (means[i] / people[i]).ln() + (counts[i] - means[i]) / means[i];
                for a in 0..size {
                    right[a] += means[i] * row[a] * response;
                    for b in 0..size {
                        matrix[a * size + b] += means[i] * row[a] * row[b];
                    }
                }
            }
            let root = Cholesky::of(&matrix, size).unwrap();
            let coefficients = root.solve(&right);
            means =
                rows.iter().zip(people).map(|(row, people)| people * dot(row, &coefficients).exp()).collect();
            found = Some((coefficients, root));
        }
        let (coefficients, root) = found.unwrap();
        let leverages =
            rows.iter().zip(&means).map(|(row, mean)| mean * dot(row, &root.solve(row))).collect();
        ByMatrices { coefficients, leverages, variance: dot(at, &root.solve(at)) }
    }

    #[test]
    fn three_sums_for_each_block_are_the_matrices() {
        let counts: Vec<f64> = (0..40).map(|i| f64::from((i * 7 + i * i) % 11)).collect();
        let people: Vec<f64> = (0..40).map(|i| 900.0 + 13.0 * f64::from(i)).collect();
        let block = |i: usize| (i / 5) % BLOCKS;
        let time = |i: usize| i as f64 - 44.0;
        let mut series = Series::of("any", counts.clone(), 52);
        series.population = people.clone();
        let prepared = Prepared::of(&series, true);
        let mut model = Model::default();
        model.empty(BLOCKS);
        (0..40).for_each(|i| model.add(&series, &prepared, i, time(i), block(i)));
        model.weigh_equally();
        assert!(model.fit(true, 50));
        let rows: Vec<Vec<f64>> = (0..40).map(|i| row(block(i), time(i))).collect();
        let known = by_matrices(&counts, &people, &rows, &row(1, 0.0));
        for (level, known) in model.level.iter().zip(&known.coefficients) {
            assert!((level - known).abs() < 1e-7, "{level} {known}");
        }
        assert!((model.slope() - known.coefficients[BLOCKS]).abs() < 1e-9);
        // Weights and leverages are those of the round before the last.
        assert!((model.variance_at(1, 0.0) / known.variance - 1.0).abs() < 1e-3);
        assert!((model.freedom() - 36.0).abs() < 1e-12);

        let dispersion = model.pearson() / model.freedom();
        let anscombe: Vec<f64> = (0..40)
            .map(|i| {
                let (y, mean) = (counts[i], model.mean[i]);
                let raw = 1.5 * (y.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
                raw / (dispersion * (1.0 - known.leverages[i])).sqrt()
            })
            .collect();
        assert!(model.reweight(dispersion, 1.0));
        let share = |s: &f64| if *s > 1.0 { s.powi(-2) } else { 1.0 };
        let total: f64 = anscombe.iter().map(share).sum();
        for (weight, s) in model.weight.iter().zip(&anscombe) {
            assert!((weight / (40.0 / total * share(s)) - 1.0).abs() < 1e-2, "{weight} {s}");
        }
    }

    #[test]
    fn a_block_of_one_day_and_no_spread_of_time_has_no_slope() {
        let series = Series::of("any", vec![3.0, 5.0, 4.0], 52);
        let prepared = Prepared::of(&series, false);
        let mut model = Model::default();
        model.empty(3);
        (0..3).for_each(|i| model.add(&series, &prepared, i, i as f64, i));
        model.weigh_equally();
        assert!(model.fit(true, 50) && model.slope() == 0.0);
        assert!((model.slope_p_value(1.0) - 1.0).abs() < 1e-15 && model.freedom() == 0.0);
    }
}
