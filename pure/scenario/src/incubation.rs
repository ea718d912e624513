//! Drawing a day of onset between exposure and result.

use base::{Day, Stream};
use packs::Distribution;

/// A day of onset that lies after the first possible exposure and not after the result.
///
/// The delay from infection is drawn from the disease pack; a draw that leaves the window is thrown away
/// and drawn again, which is the incubation distribution *given* that the person was found by then. After
/// 200 refusals the middle of the window is taken, so that an impossible spec still ends.
pub(crate) fn onset(exposed: (Day, Day), result: Day, incubation: Distribution, chance: &mut Stream) -> Day {
    let (first, last) = exposed;
    let window = first + 1..=result;
    for _ in 0..200 {
        let span = usize::try_from((last.min(result) - first).max(0)).unwrap_or_default();
        let infected = first + i32::try_from(chance.below(span + 1)).unwrap_or_default();
        let onset = infected + whole_days(delay(incubation, chance));
        if window.contains(&onset) {
            return onset;
        }
    }
    first + ((result - first) / 2).max(1)
}

/// One delay in days.
///
/// # Source
/// Normal: Box and Muller 1958, doi:10.1214/aoms/1177706645. Gamma: the cube-root normal of Wilson and
/// Hilferty 1931, doi:10.1073/pnas.17.12.684, within 1 % of the quantiles for shapes above 2, and a day is
/// coarser than that.
fn delay(distribution: Distribution, chance: &mut Stream) -> f64 {
    let normal = |chance: &mut Stream| {
        let (radius, angle) = (1.0 - chance.share(), chance.share());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    };
    match distribution {
        Distribution::Lognormal { meanlog, sdlog } => (meanlog + sdlog * normal(chance)).exp(),
        Distribution::Gamma { shape, scale } => {
            let spread = 1.0 / (9.0 * shape);
            shape * scale * (1.0 - spread + normal(chance) * spread.sqrt()).max(0.0).powi(3)
        }
        Distribution::Weibull { shape, scale } => scale * (-(1.0 - chance.share()).ln()).powf(1.0 / shape),
        Distribution::Normal { mean, sd } => (mean + sd * normal(chance)).max(0.0),
        Distribution::Mean { mean: days } | Distribution::Median { median: days } => days,
    }
}

fn whole_days(delay: f64) -> i32 {
    // Sixty days is past every incubation in the packs; the cast cannot overflow.
    delay.round().clamp(0.0, 60.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_delays_have_the_mean_of_their_distribution() {
        let mut chance = Streams::seeded(7).of("delay");
        for distribution in [
            Distribution::Gamma { shape: 7.88, scale: 0.469 },
            Distribution::Lognormal { meanlog: 1.63, sdlog: 0.5 },
        ] {
            let mean = (0..10_000).map(|_| delay(distribution, &mut chance)).sum::<f64>() / 10_000.0;
            let expected = distribution.mean_days().unwrap();
            assert!((mean - expected).abs() < 0.1, "{distribution:?}: {mean} for {expected}, seed 7");
        }
    }

    proptest! {
        #[test]
        fn nobody_falls_ill_before_exposure_or_after_the_result(seed: u64, span in 0..10_i32, wait in 1..20_i32) {
            let first: Day = "2022-02-13".parse().unwrap();
            let result = first + wait;
            let gamma = Distribution::Gamma { shape: 7.88, scale: 0.469 };
            let day = onset((first, first + span), result, gamma, &mut Streams::seeded(seed).of("onset"));
            prop_assert!(first < day && day <= result, "{first} < {day} <= {result}");
        }
    }
}
