//! What the calendar does to counts: the day of the week, and the season's usual growth.

/// Log of what each day of the week has more than its week, learnt as the series goes on.
///
/// # Source
/// Ratio to a centred moving mean, as in classical decomposition: Hyndman and Athanasopoulos 2021, Forecasting: principles and
/// practice, chapter 3.4; here with a running mean per day that begins at none and forgets slowly.
pub struct WeekdayEffect {
    sums: [f64; 7],
    weeks: [f64; 7],
}

/// Weight of a new week at least: what people do on a weekday changes over a few months.
const LEAST_WEIGHT: f64 = 0.1;

impl WeekdayEffect {
    pub fn none() -> WeekdayEffect {
        WeekdayEffect { sums: [0.0; 7], weeks: [0.0; 7] }
    }

    /// Learns from the seven days that end with step `t`.
    pub fn learn(&mut self, logs: &[f64], t: usize) {
        let Some(from) = t.checked_sub(6) else { return };
        let week = &logs[from..=t];
        let mean = week.iter().sum::<f64>() / 7.0;
        if mean.is_nan() {
            return;
        }
        let place = (t - 3) % 7;
        self.weeks[place] += 1.0;
        // The first weeks are shared with the belief that there is no effect.
        let weight = (1.0 / (self.weeks[place] + 1.0)).max(LEAST_WEIGHT);
        self.sums[place] += (logs[t - 3] - mean - self.sums[place]) * weight;
    }

    /// By step modulo 7; adds up to nought.
    pub fn by_day(&self) -> [f64; 7] {
        let mean = self.sums.iter().sum::<f64>() / 7.0;
        self.sums.map(|sum| sum - mean)
    }
}

/// How far back seasons are looked at.
const MOST_YEARS: usize = 6;

/// Mean growth of the logarithm over the same steps of earlier years, from step `t` to `t + ahead`; `None` without an earlier
/// year. `year` is its length in steps, `around` how many neighbours on either side are averaged.
pub fn season_growth(logs: &[f64], t: usize, ahead: usize, year: usize, around: usize) -> Option<f64> {
    let (mut sum, mut years) = (0.0, 0.0);
    for back in 1..=MOST_YEARS {
        let Some(then) = t.checked_sub(year * back) else { break };
        let to = then + ahead;
        if to + around > t || then < around {
            continue;
        }
        if let (Some(before), Some(after)) = (mean_around(logs, then, around), mean_around(logs, to, around))
        {
            sum += after - before;
            years += 1.0;
        }
    }
    (years > 0.0).then(|| sum / years)
}

fn mean_around(logs: &[f64], t: usize, around: usize) -> Option<f64> {
    let mean = logs[t - around..=t + around].iter().sum::<f64>() / (2 * around + 1) as f64;
    (!mean.is_nan()).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_day_is_learnt_and_the_effects_add_up_to_nought() {
        let logs: Vec<f64> = (0..140).map(|t| if t % 7 == 2 { 1.4 } else { 0.7 }).collect();
        let mut effect = WeekdayEffect::none();
        (0..140).for_each(|t| effect.learn(&logs, t));
        let days = effect.by_day();
        assert!((days[2] - days[3] - 0.7).abs() < 0.1 && days.iter().sum::<f64>().abs() < 1e-12, "{days:?}");
    }

    #[test]
    fn the_season_grows_as_it_did() {
        let logs: Vec<f64> = (0..130).map(|t| (std::f64::consts::TAU * f64::from(t) / 52.0).sin()).collect();
        let growth = season_growth(&logs, 110, 3, 52, 0).unwrap();
        assert!((growth - (logs[113] - logs[110])).abs() < 1e-9);
        assert_eq!(season_growth(&logs, 40, 3, 52, 0), None);
    }
}
