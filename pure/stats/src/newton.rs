//! The highest point of a smooth function of several parameters whose slopes and curvatures are known.
//!
//! Deliberately absent: functions with several hills; the nearest one is climbed.

use crate::Cholesky;

/// A function and its derivatives at one place. `information` is minus the second derivatives, rows one after another.
#[derive(Debug, Clone)]
pub struct Slope {
    pub value: f64,
    pub gradient: Vec<f64>,
    pub information: Vec<f64>,
}

/// Where the climb ended.
#[derive(Debug, Clone)]
pub struct Summit {
    pub at: Vec<f64>,
    pub slope: Slope,
    pub steps: usize,
}

/// Steps beyond which a climb is given up; twenty are many for a likelihood of counts.
const MOST_STEPS: usize = 200;

/// `None` when no place was found where the next step would gain nothing.
///
/// # Source
/// Newton's method with the ridge of Levenberg 1944, Quarterly of Applied Mathematics 2:164-168, doi:10.1090/qam/10666, scaled by the
/// diagonal as in Marquardt 1963, doi:10.1137/0111030: the ridge grows while a step would go down, and fades as steps go up.
pub fn climb(mut look: impl FnMut(&[f64]) -> Slope, start: Vec<f64>) -> Option<Summit> {
    let size = start.len();
    let mut at = start;
    let mut here = look(&at);
    if !here.value.is_finite() {
        return None;
    }
    let mut ridge = 0.0_f64;
    for steps in 0..MOST_STEPS {
        let Some(step) = step_with(&here, size, ridge) else {
            ridge = steeper(ridge)?;
            continue;
        };
        // What Newton's parabola promises; it is the gain left to be had.
        let promise: f64 = step.iter().zip(&here.gradient).map(|(step, slope)| step * slope).sum();
        let next: Vec<f64> = at.iter().zip(&step).map(|(at, step)| at + step).collect();
        let there = look(&next);
        if there.value.is_finite() && there.value >= here.value - 1e-12 * here.value.abs() {
            (at, here) = (next, there);
            if promise <= 1e-12 * (1.0 + here.value.abs()) && ridge == 0.0 {
                return Some(Summit { at, slope: here, steps: steps + 1 });
            }
            ridge = if ridge < 1e-6 { 0.0 } else { ridge / 10.0 };
        } else {
            ridge = steeper(ridge)?;
        }
    }
    None
}

fn steeper(ridge: f64) -> Option<f64> {
    let next = if ridge == 0.0 { 1e-3 } else { ridge * 10.0 };
    (next < 1e12).then_some(next)
}

fn step_with(here: &Slope, size: usize, ridge: f64) -> Option<Vec<f64>> {
    let mut ridged = here.information.clone();
    for place in 0..size {
        let diagonal = &mut ridged[place * size + place];
        *diagonal += ridge * diagonal.abs().max(1e-6);
    }
    Some(Cholesky::of(&ridged, size)?.solve(&here.gradient))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_ridge_is_climbed_from_where_it_is_not_even_a_hill() {
        // Rosenbrock 1960 upside down: summit 0 at (1, 1).
        let look = |at: &[f64]| {
            let (x, y) = (at[0], at[1]);
            let bend = y - x * x;
            Slope {
                value: -(1.0 - x).powi(2) - 100.0 * bend * bend,
                gradient: vec![2.0 * (1.0 - x) + 400.0 * x * bend, -200.0 * bend],
                information: vec![2.0 - 400.0 * (bend - 2.0 * x * x), -400.0 * x, -400.0 * x, 200.0],
            }
        };
        let summit = climb(look, vec![-1.2, 3.0]).unwrap();
        assert!((summit.at[0] - 1.0).abs() < 1e-5 && (summit.at[1] - 1.0).abs() < 1e-5, "{summit:?}");
    }

    #[test]
    fn a_slope_without_a_summit_is_not_answered() {
        let look = |at: &[f64]| Slope { value: at[0], gradient: vec![1.0], information: vec![0.0] };
        assert!(climb(look, vec![0.0]).is_none());
    }
}
