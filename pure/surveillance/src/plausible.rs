//! What a site usually reports, wide enough that only a slip of the finger lies outside.
//!
//! Deliberately absent: alarms. Who is asked "really?" and says yes is believed.

/// Numbers a site has to have sent before it can be asked.
const LEAST: usize = 7;

/// Below this nobody is asked: a village school's three after none is news, not a slip.
const SMALL: f64 = 10.0;

/// The smallest and the largest number that surprise nobody after this history; `None` while there is too little of it.
///
/// Medians on the scale of logarithms, so that one outbreak in the past does not make every slip look usual; five spreads,
/// and a spread of at least a quarter (x 1.28), because counts of quiet sites hardly vary.
///
/// # Source
/// Leys et al. 2013, Journal of Experimental Social Psychology 49:764, doi:10.1016/j.jesp.2013.03.013 (median absolute deviation for
/// outliers).
pub fn usual_range(history: &[f64]) -> Option<(f64, f64)> {
    let mut logs: Vec<f64> = history
        .iter()
        .filter(|count| count.is_finite() && **count >= 0.0)
        .map(|count| count.ln_1p())
        .collect();
    if logs.len() < LEAST {
        return None;
    }
    let middle = median(&mut logs);
    let mut apart: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
    // 1.4826 makes it a standard deviation where counts vary as a normal does.
    let reach = 5.0 * (1.4826 * median(&mut apart)).max(0.25);
    let low = (middle - reach).exp_m1().max(0.0).floor();
    Some((low, (middle + reach).exp_m1().ceil().max(SMALL)))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_too_many_is_outside_and_a_bad_week_is_not() {
        let clinic = [12.0, 9.0, 15.0, 11.0, 13.0, 8.0, 14.0, 60.0, 10.0];
        let (low, high) = usual_range(&clinic).unwrap();
        assert!(low <= 4.0 && (40.0..110.0).contains(&high), "{low} to {high}");
    }

    #[test]
    fn a_large_site_that_sends_nothing_is_asked_and_a_small_one_is_not() {
        assert!(usual_range(&[400.0, 420.0, 390.0, 405.0, 398.0, 410.0, 402.0]).unwrap().0 > 0.0);
        assert_eq!(usual_range(&[0.0; 30]), Some((0.0, 10.0)));
    }

    #[test]
    fn nobody_is_asked_in_the_first_week() {
        assert_eq!(usual_range(&[5.0; 6]), None);
    }
}
