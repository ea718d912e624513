//! How long it takes from a case until its contacts are isolated, those still waited for counted in.

use stats::normal_quantile;

/// One contact: days from the case being found until it was isolated or, where it is not yet, until today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub days: u32,
    pub isolated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IsolationDelay {
    pub contacts: usize,
    pub isolated: usize,
    /// The day by which half are isolated; absent while it cannot be told.
    pub median_days: Option<u32>,
    /// The interval of the median; an open end is one that cannot be told yet.
    pub low_days: Option<u32>,
    pub high_days: Option<u32>,
}

/// To leave out who is not isolated yet would make the delay look short, so the median is that of the product-limit estimate.
///
/// # Source
/// Kaplan and Meier 1958, J Am Stat Assoc 53:457-481, doi:10.1080/01621459.1958.10501452; the interval is where the band of the
/// logarithm, with Greenwood's variance, crosses one half: Brookmeyer and Crowley 1982, Biometrics 38:29-41, doi:10.2307/2530286.
pub fn isolation_delay(waiting: &[Waiting], level: f64) -> IsolationDelay {
    let z = normal_quantile(0.5 + level / 2.0);
    let mut sorted = waiting.to_vec();
    sorted.sort_by_key(|one| one.days);
    let (mut free, mut variance) = (1.0_f64, 0.0);
    let (mut median, mut low, mut high) = (None, None, None);
    let mut place = 0;
    while place < sorted.len() {
        let days = sorted[place].days;
        let same = sorted[place..].iter().take_while(|one| one.days == days);
        let (mut all, mut isolated) = (0, 0);
        for one in same {
            all += 1;
            isolated += usize::from(one.isolated);
        }
        let at_risk = (sorted.len() - place) as f64;
        place += all;
        if isolated == 0 {
            continue;
        }
        let left = at_risk - isolated as f64;
        free *= left / at_risk;
        variance += if left > 0.0 { isolated as f64 / (at_risk * left) } else { 0.0 };
        let half_width = z * variance.sqrt();
        let below_half = |share: f64| share <= 0.5 + 1e-12;
        median = median.or(below_half(free).then_some(days));
        low = low.or(below_half(free * (-half_width).exp()).then_some(days));
        high = high.or(below_half(free * half_width.exp()).then_some(days));
    }
    IsolationDelay {
        contacts: waiting.len(),
        isolated: waiting.iter().filter(|one| one.isolated).count(),
        median_days: median,
        low_days: low,
        high_days: high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(isolated: &[u32], waiting: &[u32]) -> Vec<Waiting> {
        let one = |isolated| move |days: &u32| Waiting { days: *days, isolated };
        isolated.iter().map(one(true)).chain(waiting.iter().map(one(false))).collect()
    }

    /// Remission of leukaemia, Freireich et al. 1963, Blood 21:699-716, as every course prints it. R's survfit with its
    /// defaults: medians 8 (4 to 12) and 23 (16 to none).
    #[test]
    fn the_medians_are_those_of_the_textbook() {
        let control = of(&[1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], &[]);
        let told = isolation_delay(&control, 0.95);
        assert_eq!((told.median_days, told.low_days, told.high_days), (Some(8), Some(4), Some(12)));
        let treated = of(&[6, 6, 6, 7, 10, 13, 16, 22, 23], &[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let told = isolation_delay(&treated, 0.95);
        assert_eq!((told.contacts, told.isolated), (21, 9));
        assert_eq!((told.median_days, told.low_days, told.high_days), (Some(23), Some(16), None));
    }

    #[test]
    fn half_who_still_wait_leave_the_median_open() {
        let told = isolation_delay(&of(&[1], &[1, 1, 2]), 0.95);
        assert_eq!((told.median_days, told.high_days), (None, None));
        assert_eq!(isolation_delay(&[], 0.95).median_days, None);
    }

    proptest! {
        #[test]
        fn who_is_still_waited_for_never_makes_it_shorter(
            isolated in proptest::collection::vec(0_u32..20, 1..30), more in proptest::collection::vec(0_u32..20, 0..10),
        ) {
            let without = isolation_delay(&of(&isolated, &[]), 0.95).median_days.unwrap();
            let with = isolation_delay(&of(&isolated, &more), 0.95).median_days;
            prop_assert!(with.is_none_or(|days| days >= without));
        }
    }
}
