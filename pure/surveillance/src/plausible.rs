//! What a site usually reports, wide enough that only a slip of the finger lies outside.
//!
//! Deliberately absent: alarms. Who is asked "really?" and says yes is believed.

use stats::median;

/// Numbers a site has to have sent before it can be asked.
const LEAST: usize = 7;

/// Below this nobody is asked: a village school's three after none is news, not a slip.
const SMALL: f64 = 10.0;

/// The smallest and the largest number that surprise nobody after this history; `None` while there is too little of it.
///
/// Medians on the scale of square roots, where counts of small and of large sites spread alike, so that one outbreak in the past
/// does not make every slip look usual; five spreads, each at least that of a Poisson count. Days on which a site is closed are
/// zeros of another kind: where most numbers are above zero, only those are compared, and a zero surprises nobody.
///
/// # Source
/// Leys et al. 2013, Journal of Experimental Social Psychology 49:764, doi:10.1016/j.jesp.2013.03.013 (median absolute deviation for
/// outliers); Bartlett 1936, Supplement to the Journal of the Royal Statistical Society 3:68, doi:10.2307/2983678 (square roots).
pub fn usual_range(history: &[f64]) -> Option<(f64, f64)> {
    let all: Vec<f64> = history.iter().copied().filter(|count| count.is_finite() && *count >= 0.0).collect();
    if all.len() < LEAST {
        return None;
    }
    let positive: Vec<f64> = all.iter().copied().filter(|count| *count > 0.0).collect();
    let compared = if positive.len() * 2 >= all.len() { &positive } else { &all };
    let mut roots: Vec<f64> = compared.iter().map(|count| count.sqrt()).collect();
    let middle = median(&mut roots)?;
    let mut apart: Vec<f64> = roots.iter().map(|root| (root - middle).abs()).collect();
    // 1.4826 makes it a standard deviation where counts vary as a normal does.
    let reach = 5.0 * (1.4826 * median(&mut apart)?).max(0.5);
    let had_none = positive.len() < all.len();
    let low = if had_none { 0.0 } else { (middle - reach).max(0.0).powi(2).floor() };
    Some((low, (middle + reach).powi(2).ceil().max(SMALL)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_too_many_is_outside_and_a_bad_week_is_not() {
        let clinic = [12.0, 9.0, 15.0, 11.0, 13.0, 8.0, 14.0, 60.0, 10.0];
        let (low, high) = usual_range(&clinic).unwrap();
        assert!(low <= 4.0 && (20.0..110.0).contains(&high), "{low} to {high}");
    }

    #[test]
    fn a_large_site_that_sends_nothing_is_asked_and_a_small_one_is_not() {
        assert!(usual_range(&[400.0, 420.0, 390.0, 405.0, 398.0, 410.0, 402.0]).unwrap().0 > 0.0);
        assert_eq!(usual_range(&[0.0; 30]), Some((0.0, 10.0)));
    }

    #[test]
    fn a_school_that_is_closed_at_the_weekend_is_compared_with_its_school_days() {
        let fortnight = [33.0, 41.0, 38.0, 52.0, 44.0, 0.0, 0.0, 36.0, 40.0, 47.0, 39.0, 42.0, 0.0, 0.0];
        let (low, high) = usual_range(&fortnight).unwrap();
        assert!(low == 0.0 && (60.0..140.0).contains(&high), "{low} to {high}");
    }

    #[test]
    fn nobody_is_asked_in_the_first_week() {
        assert_eq!(usual_range(&[5.0; 6]), None);
    }
}
