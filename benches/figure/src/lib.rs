//! A figure as one line: what, how much, against which target, and how it stands to a reference of the same run.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub enum Target {
    Below(f64),
    Above(f64),
}

impl Target {
    fn met_by(self, value: f64) -> bool {
        match self {
            Target::Below(limit) => value < limit,
            Target::Above(limit) => value > limit,
        }
    }
}

/// Prints one figure. `beside` says what it was measured against, or is empty.
pub fn tell(what: &str, value: f64, unit: &str, target: Target, beside: &str) {
    let verdict = if target.met_by(value) { "met" } else { "MISSED" };
    let wanted = match target {
        Target::Below(limit) => format!("< {limit}"),
        Target::Above(limit) => format!("> {limit}"),
    };
    let beside = if beside.is_empty() { String::new() } else { format!("; {beside}") };
    println!("{what}: {value:.3} {unit} (target {wanted} {unit}, {verdict}){beside}");
}

/// `2.41 × the reference (csv: 0.12 s)`.
pub fn ratio(value: f64, reference: f64, name: &str, unit: &str) -> String {
    format!("{:.2} × the reference ({name}: {reference:.3} {unit})", value / reference)
}

/// Durations of many equal things.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub fn join(&mut self, more: Times) {
        self.0.extend(more.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Milliseconds that `share` of them stay within (nearest rank); 0 when there are none.
    pub fn within_ms(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nineteen_of_twenty_is_the_nineteenth() {
        let mut times = Times::default();
        (1..=20).rev().for_each(|ms| times.add(Duration::from_millis(ms)));
        assert!((times.within_ms(0.95) - 19.0).abs() < 1e-9);
        assert!((times.within_ms(0.5) - 10.0).abs() < 1e-9);
    }
}
