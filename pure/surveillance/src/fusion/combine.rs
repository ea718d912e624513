//! Several p-values about the same thing, one answer, without knowing how they depend on each other.
//!
//! Deliberately absent: estimates of their correlation. Brown's and Kost's methods need one, which a short history of
//! streams that are silent most of the time does not give.

/// Cauchy combination: the weighted mean of the p-values turned into Cauchy deviates.
///
/// A mean of Cauchy variables is Cauchy however they depend, at least in its far tail; so the combined p is right where
/// alarms are given. One strong stream stays strong among silent ones, and several weak ones add up. `None` when nothing
/// is there to combine. Weights need not sum to one; those that are not positive are left out.
///
/// # Source
/// Liu, Xie 2020, JASA 115:393, doi:10.1080/01621459.2018.1554485. The harmonic mean p (Wilson 2019, PNAS 116:1195,
/// doi:10.1073/pnas.1814092116) has the same tail but needs Landau's distribution to be exact.
pub fn combine_dependent(parts: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (p, weight) in parts {
        if weight > 0.0 && p.is_finite() {
            sum += weight * cauchy_of(p);
            weights += weight;
        }
    }
    (weights > 0.0).then(|| tail_of(sum / weights))
}

/// A p-value next to 1 must not cancel one that alarms: it says no more than that nothing is there (Liu and Xie's remark
/// on p-values of discrete tests, which do reach 1).
const MOST_SILENT: f64 = 0.99;

fn cauchy_of(p: f64) -> f64 {
    let p = p.clamp(1e-300, MOST_SILENT);
    // tan((½ − p)π) loses all digits for small p; there it is 1 / tan(pπ) ≈ 1 / (pπ).
    if p < 1e-8 { 1.0 / (p * std::f64::consts::PI) } else { ((0.5 - p) * std::f64::consts::PI).tan() }
}

fn tail_of(deviate: f64) -> f64 {
    if deviate > 1e8 {
        1.0 / (deviate * std::f64::consts::PI)
    } else {
        0.5 - deviate.atan() / std::f64::consts::PI
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_p_is_itself_and_equal_ones_are_that_one() {
        for p in [1e-200, 1e-9, 1e-8, 0.003, 0.5] {
            let alone = combine_dependent([(p, 1.0)]).unwrap();
            assert!((alone / p - 1.0).abs() < 1e-7, "{p} {alone}");
            let thrice = combine_dependent([(p, 1.0), (p, 2.0), (p, 0.5)]).unwrap();
            assert!((thrice / p - 1.0).abs() < 1e-7);
        }
        assert_eq!(combine_dependent([]), None);
    }

    proptest! {
        #[test]
        fn the_combined_p_lies_between_the_least_and_the_largest(
            ps in proptest::collection::vec(1e-12..0.98_f64, 1..6)
        ) {
            let combined = combine_dependent(ps.iter().map(|p| (*p, 1.0))).unwrap();
            let (low, high) = ps.iter().fold((1.0_f64, 0.0_f64), |(l, h), p| (l.min(*p), h.max(*p)));
            prop_assert!(combined >= low * (1.0 - 1e-6) && combined <= high * (1.0 + 1e-6));
        }
    }
}
