//! Cumulative sums of standardised counts: small, lasting rises add up until they alarm.
//!
//! Deliberately absent: sums downwards; an outbreak goes up.

use crate::seasonal_mean::{Normal, SeasonalMean};
use crate::watch::run;
use crate::{Compatibility, Detector, Doubt, Scored, Series, Watch};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// S_t = max(0, S_{t−1} + z_t − k), with an alarm while S_t ≥ h. `score` is S_t / h; `upper` is the count from which the step
/// alarms.
///
/// # Source
/// Rossi, Lampugnani and Marchi 1999, Statistics in Medicine 18:2111-2122, doi:10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q:
/// the scheme for counts and k = 1.04, h = 2.26, which on their scale give one false alarm in about 500 steps and find a doubling of
/// the rate in about 7.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cusum {
    /// Reference value: half the rise to be found, in standard deviations.
    pub k: f64,
    /// Decision interval.
    pub h: f64,
    pub m: Centre,
    pub trans: Transformation,
    /// Variance beyond Poisson, for the two negative binomial transformations.
    pub alpha: f64,
    /// Begin again at 0 after an alarm. Without it the alarm lasts as long as the sum stays high, and for a while after a big
    /// outbreak has ended; with it every alarm is a new finding.
    pub reset_after_alarm: bool,
    /// Four faults of surveillance 1.20: `upper` forgets k, the transformation and the step before for `none` and `anscombeNegBin`;
    /// it has m^⅓ for m^(−⅓) with `anscombe2nd`; and `anscombeNegBin` rounds αx to hundredths.
    pub compatibility: Compatibility,
}

impl Default for Cusum {
    fn default() -> Cusum {
        Cusum {
            k: 1.04,
            h: 2.26,
            m: Centre::Mean,
            trans: Transformation::Standard,
            alpha: 0.1,
            reset_after_alarm: false,
            compatibility: Compatibility::None,
        }
    }
}

/// Where the expected count comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum Centre {
    /// A number known from elsewhere.
    Given(f64),
    Estimated(Estimated),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimated {
    /// The mean of all steps before those watched.
    Mean,
    /// A Poisson regression with one yearly wave on the steps before those watched.
    Glm,
}

#[allow(non_upper_case_globals, reason = "reads as the variants it stands for")]
impl Centre {
    pub const Mean: Centre = Centre::Estimated(Estimated::Mean);
    pub const Glm: Centre = Centre::Estimated(Estimated::Glm);
}

/// How a count becomes nearly standard normal; m is the expected count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transformation {
    /// (x − m) / √m.
    #[serde(rename = "standard")]
    Standard,
    /// (x − 3m + 2√(xm)) / (2√m): Rossi et al. 1999.
    #[serde(rename = "rossi")]
    Rossi,
    /// 3/2 (x^⅔ − m^⅔) / m^⅙: Anscombe 1953, as residual of McCullagh and Nelder 1989, chapter 2.4.
    #[serde(rename = "anscombe")]
    Anscombe,
    /// (x^⅔ − (m^⅔ − m^(−⅓)/9)) / (⅔ m^⅙): Pierce and Schafer 1986, doi:10.1080/01621459.1986.10478361.
    #[serde(rename = "anscombe2nd")]
    AnscombeSecond,
    /// (x − m) / √(m + αm²).
    #[serde(rename = "pearsonNegBin")]
    PearsonNegativeBinomial,
    /// ∫ₘˣ (t + αt²)^(−⅓) dt / (m + αm²)^⅙: Hilbe 2011, Negative Binomial Regression, chapter 5.
    #[serde(rename = "anscombeNegBin")]
    AnscombeNegativeBinomial,
    /// The count itself.
    #[serde(rename = "none")]
    None,
}

impl Transformation {
    fn of(self, x: f64, m: f64, alpha: f64) -> f64 {
        match self {
            Transformation::Standard => (x - m) / m.sqrt(),
            Transformation::Rossi => (x - 3.0 * m + 2.0 * (x * m).sqrt()) / (2.0 * m.sqrt()),
            Transformation::Anscombe => 1.5 * (x.powf(2.0 / 3.0) - m.powf(2.0 / 3.0)) / m.powf(1.0 / 6.0),
            Transformation::AnscombeSecond => {
                (x.powf(2.0 / 3.0) - second_order(m)) / (2.0 / 3.0 * m.powf(1.0 / 6.0))
            }
            Transformation::PearsonNegativeBinomial => (x - m) / (m + alpha * m * m).sqrt(),
            Transformation::AnscombeNegativeBinomial => {
                stretched(m, x, alpha) / (m + alpha * m * m).powf(1.0 / 6.0)
            }
            Transformation::None => x,
        }
    }

    /// The count whose transformed value is `z`; 0 when every count lies above.
    fn undo(self, z: f64, m: f64, alpha: f64) -> f64 {
        let from_two_thirds = |power: f64| power.max(0.0).powf(1.5);
        match self {
            Transformation::Standard => z * m.sqrt() + m,
            // A square in √x; no count lies below −3√m / 2.
            Transformation::Rossi if z <= -1.5 * m.sqrt() => 0.0,
            Transformation::Rossi => {
                let root = m.sqrt();
                ((4.0 * m + 2.0 * root * z).sqrt() - root).powi(2)
            }
            Transformation::Anscombe => from_two_thirds(z * m.powf(1.0 / 6.0) / 1.5 + m.powf(2.0 / 3.0)),
            Transformation::AnscombeSecond => {
                from_two_thirds(z * (2.0 / 3.0) * m.powf(1.0 / 6.0) + second_order(m))
            }
            Transformation::PearsonNegativeBinomial => z * (m + alpha * m * m).sqrt() + m,
            Transformation::AnscombeNegativeBinomial => self.undo_by_halving(z, m, alpha),
            Transformation::None => z,
        }
        .max(0.0)
    }

    fn undo_by_halving(self, z: f64, m: f64, alpha: f64) -> f64 {
        let (mut low, mut high) = (0.0, m.max(1.0));
        while self.of(high, m, alpha) < z && high < 1e15 {
            high *= 2.0;
        }
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.of(middle, m, alpha) < z {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

/// Mean of x^⅔ when the mean of x is m, to the second order.
fn second_order(m: f64) -> f64 {
    m.powf(2.0 / 3.0) - m.powf(-1.0 / 3.0) / 9.0
}

/// ∫ (t + αt²)^(−⅓) dt from `m` to `x`: with t = v³ it is 3 ∫ v (1 + αv³)^(−⅓) dv, smooth everywhere. Pieces that double beyond the
/// bend at α^(−⅓), each by Gauss and Legendre with ten places, leave an error below 1e-12.
fn stretched(m: f64, x: f64, alpha: f64) -> f64 {
    if x < m {
        return -stretched(x, m, alpha);
    }
    let bend = if alpha > 0.0 { alpha.powf(-1.0 / 3.0) } else { f64::MAX };
    let (mut from, to) = (m.cbrt(), x.cbrt());
    let mut sum = 0.0;
    while from < to {
        let edge = if from < bend { from + bend / 2.0 } else { 2.0 * from };
        let until = edge.min(to);
        sum += gauss(from, until, |v| 3.0 * v / (1.0 + alpha * v * v * v).cbrt());
        from = until;
    }
    sum
}

/// As surveillance 1.20 has it: ∫₀ˣ (t + αt²)^(−⅓) dt = 3/2 x^⅔ F(αx), with F looked up in a table of ten digits: at the nearest
/// hundredth up to 10, interpolated between whole numbers above.
fn stretched_on_grid(x: f64, alpha: f64) -> f64 {
    let factor = |z: f64| {
        let exact = if z > 0.0 { stretched(0.0, z, 1.0) / (1.5 * z.powf(2.0 / 3.0)) } else { 1.0 };
        // The last digit of the table is not always the nearest; of the places seen so far only that of 0.7 is one too high.
        let too_high = if z == 0.7 { 1.0 } else { 0.0 };
        ((exact * 1e10).round() + too_high) / 1e10
    };
    let z = alpha * x;
    let looked_up = if z <= 10.0 {
        factor((100.0 * z).round() / 100.0)
    } else {
        let (below, share) = (z.floor(), z.fract());
        factor(below) * (1.0 - share) + factor(below + 1.0) * share
    };
    1.5 * x.powf(2.0 / 3.0) * looked_up
}

/// # Source
/// Abramowitz and Stegun 1964, table 25.4, n = 10.
fn gauss(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    const PLACES: [(f64, f64); 5] = [
        (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let (middle, half) = (f64::midpoint(from, to), (to - from) / 2.0);
    half * PLACES
        .iter()
        .map(|(x, weight)| weight * (f(middle - half * x) + f(middle + half * x)))
        .sum::<f64>()
}

impl Cusum {
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), String> {
        let Cusum { k, h, alpha, .. } = *self;
        if !(h > 0.0 && h.is_finite()) {
            return Err(format!("`h` is {h}; write a limit above 0, such as 2.26"));
        }
        if !(k >= 0.0 && k.is_finite()) {
            return Err(format!("`k` is {k}; write 0 or more, such as 1.04"));
        }
        if !(alpha >= 0.0 && alpha.is_finite()) {
            return Err(format!("`alpha` is {alpha}; write 0 (Poisson) or more, such as 0.1"));
        }
        match self.m {
            Centre::Given(m) if !(m > 0.0 && m.is_finite()) => {
                Err(format!("`m` is {m}; write a mean above 0, or \"mean\" or \"glm\""))
            }
            _ => Ok(()),
        }
    }

    /// What is normal from step `from` on.
    fn centre(&self, series: &Series, from: usize) -> Result<Expected, Doubt> {
        let flat = |mean: f64| if mean > 0.0 { Ok(Expected::Flat(mean)) } else { Err(Doubt::ZeroHistory) };
        match &self.m {
            Centre::Given(mean) => flat(*mean),
            Centre::Estimated(Estimated::Mean) => {
                let history = series.counts.iter().take(from).filter(|count| !count.is_nan());
                let (n, sum) = history.fold((0, 0.0), |(n, sum), count| (n + 1, sum + count));
                if n == 0 { Err(Doubt::ShortHistory) } else { flat(sum / f64::from(n)) }
            }
            Centre::Estimated(Estimated::Glm) => {
                let model = SeasonalMean { s: 1, trend: false };
                model.estimate_poisson(series, from).map(Expected::Seasonal)
            }
        }
    }

    fn standardised(&self, x: f64, m: f64) -> f64 {
        match (self.trans, self.compatibility) {
            (Transformation::AnscombeNegativeBinomial, Compatibility::Surveillance1_20) => {
                let alpha = self.alpha;
                (stretched_on_grid(x, alpha) - stretched_on_grid(m, alpha))
                    / (m + alpha * m * m).powf(1.0 / 6.0)
            }
            (trans, _) => trans.of(x, m, self.alpha),
        }
    }

    fn forgets(&self) -> bool {
        self.compatibility == Compatibility::Surveillance1_20
            && matches!(self.trans, Transformation::None | Transformation::AnscombeNegativeBinomial)
    }

    fn upper(&self, before: f64, m: f64) -> f64 {
        if self.compatibility == Compatibility::Surveillance1_20
            && self.trans == Transformation::AnscombeSecond
        {
            let z = self.h + self.k - before;
            let power = z * (2.0 / 3.0) * m.powf(1.0 / 6.0) + m.powf(2.0 / 3.0) - m.cbrt() / 9.0;
            return power.max(0.0).powf(1.5);
        }
        let upper = self.trans.undo(self.h + self.k - before, m, self.alpha);
        // Only this one is told as a whole count by the papers' program.
        if self.trans == Transformation::Standard { upper.ceil() } else { upper }
    }
}

/// The sum so far, and what each step is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct CusumMemory {
    sum: f64,
    expected: Result<Expected, Doubt>,
}

#[derive(Debug, Clone, PartialEq)]
enum Expected {
    Flat(f64),
    Seasonal(Normal),
}

impl Expected {
    fn at(&self, t: usize) -> Result<f64, Doubt> {
        match self {
            Expected::Flat(mean) => Ok(*mean),
            Expected::Seasonal(normal) => normal.mean(t).ok_or(Doubt::OutOfRange),
        }
    }
}

impl Watch for Cusum {
    type Memory = CusumMemory;

    fn learn(&self, series: &Series, from: usize) -> CusumMemory {
        CusumMemory { sum: 0.0, expected: self.centre(series, from) }
    }

    fn forget(&self, memory: &mut CusumMemory) {
        memory.sum = 0.0;
    }

    fn advance(&self, memory: &mut CusumMemory, series: &Series, t: usize) -> Scored {
        let m = match memory.expected.as_ref().map_err(|doubt| *doubt).and_then(|expected| expected.at(t)) {
            Ok(mean) => mean,
            Err(doubt) => return Scored::unanswered(series, t, doubt),
        };
        let blank = Scored::blank(series, t);
        let sum = &mut memory.sum;
        let upper = Some(self.upper(*sum, m)).filter(|upper| upper.is_finite());
        // A step that nobody reported neither adds nor takes away.
        let Some(count) = blank.observed else {
            let doubt = Some(Doubt::NotReported);
            return Scored { expected: Some(m), upper, doubt, ..blank };
        };
        *sum = (*sum + self.standardised(count, m) - self.k).max(0.0);
        if !sum.is_finite() {
            *sum = 0.0;
            return Scored::unanswered(series, t, Doubt::OutOfRange);
        }
        let upper = if self.forgets() { Some((self.h - *sum).max(0.0)) } else { upper };
        let (score, alarm) = (*sum / self.h, *sum >= self.h);
        if alarm && self.reset_after_alarm {
            *sum = 0.0;
        }
        Scored { expected: Some(m), upper, score: Some(score), alarm: Some(alarm), ..blank }
    }
}

impl Detector for Cusum {
    fn detect(&self, series: &Series, range: Range<usize>) -> Vec<Scored> {
        run(self, series, range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Transformation; 7] = [
        Transformation::Standard,
        Transformation::Rossi,
        Transformation::Anscombe,
        Transformation::AnscombeSecond,
        Transformation::PearsonNegativeBinomial,
        Transformation::AnscombeNegativeBinomial,
        Transformation::None,
    ];

    #[test]
    fn a_sum_by_hand() {
        // m = 4, k = ½: (x − 4)/2 − ½ is 1½, ½, −1½, so S is 1½, 2, ½; h = 2 alarms in the second step only.
        let cusum = Cusum { k: 0.5, h: 2.0, m: Centre::Given(4.0), ..Cusum::default() };
        let points = cusum.detect(&Series::of("s", vec![8.0, 6.0, 2.0], 52), 0..3);
        let told: Vec<_> = points.iter().map(|point| (point.score.unwrap(), point.alarm.unwrap())).collect();
        assert_eq!(told, [(0.75, false), (1.0, true), (0.25, false)]);
        // From 0, 2½ deviations above 4 alarm: 9.
        assert_eq!(points[0].upper, Some(9.0));
    }

    #[test]
    fn a_count_at_the_upper_bound_alarms_and_the_peers_bound_does_not() {
        for (compatibility, alarms) in [(Compatibility::None, true), (Compatibility::Surveillance1_20, false)]
        {
            let cusum = Cusum {
                k: 4.0,
                h: 10.0,
                m: Centre::Given(3.0),
                trans: Transformation::None,
                compatibility,
                ..Cusum::default()
            };
            let upper = cusum.detect(&Series::of("s", vec![0.0], 52), 0..1)[0].upper.unwrap();
            let at_upper = cusum.detect(&Series::of("s", vec![upper], 52), 0..1);
            assert_eq!(at_upper[0].alarm, Some(alarms), "upper {upper}");
        }
    }

    #[test]
    fn a_step_nobody_reported_changes_nothing() {
        let cusum = Cusum { m: Centre::Given(2.0), ..Cusum::default() };
        let gap = cusum.detect(&Series::of("s", vec![5.0, f64::NAN, 4.0], 52), 0..3);
        let whole = cusum.detect(&Series::of("s", vec![5.0, 4.0], 52), 0..2);
        assert_eq!((gap[1].alarm, gap[1].doubt), (None, Some(Doubt::NotReported)));
        assert_eq!(gap[2].score, whole[1].score);
    }

    proptest! {
        #[test]
        fn undoing_a_transformation_gives_the_count(x in 0.0..500.0_f64, m in 0.05..300.0_f64, a in 0.0..2.0_f64) {
            for trans in ALL {
                let back = trans.undo(trans.of(x, m, a), m, a);
                prop_assert!((back - x).abs() < 1e-7 * (1.0 + x), "{trans:?} {x} {back}");
            }
        }

        /// More cases never lower the sum.
        #[test]
        fn the_sum_grows_with_the_counts(
            counts in proptest::collection::vec(0_u32..30, 30),
            more in proptest::collection::vec(0_u32..5, 30),
        ) {
            for trans in ALL {
                let cusum = Cusum { m: Centre::Given(6.0), trans, ..Cusum::default() };
                let fewer = counts.iter().map(|c| f64::from(*c)).collect();
                let with = counts.iter().zip(&more).map(|(c, m)| f64::from(c + m)).collect();
                let fewer = cusum.detect(&Series::of("s", fewer, 52), 0..30);
                let with = cusum.detect(&Series::of("s", with, 52), 0..30);
                prop_assert!(fewer.iter().zip(&with).all(|(f, w)| f.score <= w.score));
            }
        }
    }
}
