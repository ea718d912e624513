//! Does one laboratory find more or fewer than the others, when each was given what it was given?
//!
//! Compared within strata, because a laboratory that serves sealed homes finds more and is honest.

/// One stratum: this laboratory and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stratum {
    pub own: u64,
    pub own_with: u64,
    pub others: u64,
    pub others_with: u64,
}

/// How many of those with it fall to this laboratory by chance, all margins given.
pub(crate) struct ByChance {
    lowest: u64,
    shares: Vec<f64>,
}

/// What is rarer than this beside the likeliest is not kept; nothing below is told apart.
const NEVER: f64 = 1e-40;

impl ByChance {
    pub(crate) fn of(strata: &[Stratum]) -> ByChance {
        let mut all = ByChance { lowest: 0, shares: vec![1.0] };
        for stratum in strata {
            all = all.and(&ByChance::in_one(stratum));
        }
        all
    }

    fn in_one(stratum: &Stratum) -> ByChance {
        let with = stratum.own_with + stratum.others_with;
        let (first, last) = (with.saturating_sub(stratum.others), with.min(stratum.own));
        let mut logs = vec![0.0_f64];
        for x in first..last {
            let more = (stratum.own - x) as f64 * (with - x) as f64;
            let fewer = (x + 1) as f64 * (stratum.others + x + 1 - with) as f64;
            logs.push(logs[logs.len() - 1] + (more / fewer).ln());
        }
        let likeliest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        ByChance { lowest: first, shares: logs.iter().map(|log| (log - likeliest).exp()).collect() }.settled()
    }

    fn and(&self, other: &ByChance) -> ByChance {
        let mut shares = vec![0.0; self.shares.len() + other.shares.len() - 1];
        for (i, one) in self.shares.iter().enumerate() {
            for (j, two) in other.shares.iter().enumerate() {
                shares[i + j] += one * two;
            }
        }
        ByChance { lowest: self.lowest + other.lowest, shares }.settled()
    }

    /// Without the ends that never happen, and with a sum of 1.
    fn settled(mut self) -> ByChance {
        let least = self.shares.iter().copied().fold(0.0, f64::max) * NEVER;
        let kept = |share: &f64| *share > least;
        let first = self.shares.iter().position(kept).unwrap_or(0);
        let last = self.shares.iter().rposition(kept).unwrap_or(0);
        self.lowest += first as u64;
        self.shares = self.shares[first..=last].to_vec();
        let whole: f64 = self.shares.iter().sum();
        self.shares.iter_mut().for_each(|share| *share /= whole);
        self
    }

    /// Probability of a number as improbable as this or more.
    ///
    /// # Source
    /// Exact conditional test of 2 × 2 × K tables, as R's `mantelhaen.test(exact = TRUE)`; with one stratum Fisher's. Equal
    /// probabilities differ in their last digits; R allows as much.
    pub(crate) fn p_value(&self, seen: u64) -> f64 {
        let place = seen.checked_sub(self.lowest).and_then(|place| self.shares.get(place as usize));
        let Some(share) = place else { return NEVER };
        self.shares.iter().filter(|one| **one <= share * (1.0 + 1e-7)).sum::<f64>().min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stats::TwoByTwo;

    fn strata(tables: &[[u64; 4]]) -> Vec<Stratum> {
        let of = |[with, without, others_with, others_without]: &[u64; 4]| Stratum {
            own: with + without,
            own_with: *with,
            others: others_with + others_without,
            others_with: *others_with,
        };
        tables.iter().map(of).collect()
    }

    fn p_value(tables: &[[u64; 4]]) -> f64 {
        ByChance::of(&strata(tables)).p_value(tables.iter().map(|table| table[0]).sum())
    }

    /// Penicillin in rabbits (Mantel 1963), the example of R's `mantelhaen.test`: S = 16, p = 0.03994; all digits by counting in
    /// fractions.
    #[test]
    fn rabbits_as_r_counts_them() {
        let rabbits = [[0, 6, 0, 5], [3, 3, 0, 6], [6, 0, 2, 4], [5, 1, 6, 0], [2, 0, 5, 0]];
        let told = p_value(&rabbits);
        assert!((told - 0.039_944_903_581_267_22).abs() < 1e-12, "{told}");
    }

    /// By counting in fractions.
    #[test]
    fn a_laboratory_that_serves_sealed_homes_is_no_outlier_among_them() {
        let together = p_value(&[[12, 1_988, 11, 50_989]]);
        let within = p_value(&[[12, 988, 10, 990], [0, 1_000, 1, 49_999]]);
        assert!((together / 7.413_538_509_309_676e-12 - 1.0).abs() < 1e-9, "{together}");
        assert!((within - 0.831_158_814_639_000_2).abs() < 1e-9, "{within}");
    }

    #[test]
    fn what_never_happens_is_told_as_never_and_not_as_zero() {
        let told = p_value(&[[40, 9_960, 60, 189_940]]);
        assert!((told / 5.857_880_604_325_397e-26 - 1.0).abs() < 1e-6, "{told}");
        let never = p_value(&[[5_000, 5_000, 50, 189_950]]);
        assert!(never > 0.0 && never < 1e-39, "{never}");
    }

    proptest! {
        #[test]
        fn one_stratum_is_fishers_test(table in proptest::array::uniform4(0..60_u64)) {
            let [exposed_ill, exposed_well, unexposed_ill, unexposed_well] = table;
            let fisher = TwoByTwo { exposed_ill, exposed_well, unexposed_ill, unexposed_well }.p_value();
            prop_assert!((p_value(&[table]) - fisher).abs() < 1e-9);
        }
    }
}
