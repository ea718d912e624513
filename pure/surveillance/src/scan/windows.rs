//! Stretches of steps in which a cluster may lie.

/// Which stretches are looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// The whole period as one: where, not when.
    WholePeriod,
    /// Any stretch of at most so many steps: what happened.
    AnyTime { longest: usize },
    /// Stretches that reach the last step (or end at `from` or later): what is going on.
    Ongoing { longest: usize, from: usize },
}

/// Steps `from..to`, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    pub from: usize,
    pub to: usize,
}

impl Stretch {
    pub fn steps(self) -> usize {
        self.to - self.from
    }
}

/// Every stretch of a period of so many steps, by beginning and end.
pub fn stretches(steps: usize, look: Look) -> Vec<Stretch> {
    match look {
        Look::WholePeriod => vec![Stretch { from: 0, to: steps }],
        Look::AnyTime { longest } => within(steps, longest, 0),
        Look::Ongoing { longest, from } => within(steps, longest, from.min(steps.saturating_sub(1))),
    }
}

fn within(steps: usize, longest: usize, last_at_least: usize) -> Vec<Stretch> {
    (0..steps)
        .flat_map(|from| (from + 1..=steps.min(from + longest)).map(move |to| Stretch { from, to }))
        .filter(|stretch| stretch.to > last_at_least)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_weeks_have_77_stretches_of_at_most_a_week_and_seven_that_last() {
        assert_eq!(stretches(14, Look::AnyTime { longest: 7 }).len(), 77);
        let ongoing = stretches(14, Look::Ongoing { longest: 7, from: 13 });
        assert_eq!(ongoing.len(), 7);
        assert!(ongoing.iter().all(|stretch| stretch.to == 14));
        assert_eq!(stretches(14, Look::WholePeriod), [Stretch { from: 0, to: 14 }]);
    }
}
