//! Single events in the plane, one after another: has a cluster begun to grow somewhere?
//!
//! Deliberately absent: how many people live where; the events themselves tell what is usual at a place.

use crate::Compatibility;
use serde::{Deserialize, Serialize};

/// # Source
/// Assunção and Correa 2009, Computational Statistics & Data Analysis 53:2817-2830, doi:10.1016/j.csda.2008.08.025: the statistics of
/// Shiryaev and Roberts, and of Page, for a cylinder that begins with event k and lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceTimeCluster {
    /// Of the cylinder, in the units of the coordinates.
    pub radius: f64,
    /// How much denser than usual a cluster is: 0.5 is half as dense again.
    pub epsilon: f64,
    pub threshold: f64,
    /// The greatest of the cylinders (Page) instead of their sum (Shiryaev and Roberts).
    #[serde(default)]
    pub cusum: bool,
    /// surveillance 1.20 never lets Page's statistic come down again. The alarm is the same.
    #[serde(default)]
    pub compatibility: Compatibility,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// After each event.
    pub statistics: Vec<f64>,
    /// The first event, from 0, after which the statistic was above the threshold, and the event at which the likeliest cluster
    /// began.
    pub alarm: Option<(usize, usize)>,
}

impl SpaceTimeCluster {
    /// Events in the order of their times. A cylinder holds the events from its own first one on that are nearer to it than the radius;
    /// as many of all events so far lie there usually as its share of the time says.
    pub fn detect(&self, events: &[(f64, f64)]) -> Cluster {
        let mut inside: Vec<Cylinder> = Vec::with_capacity(events.len());
        let mut cluster = Cluster { statistics: Vec::with_capacity(events.len()), alarm: None };
        let growth = self.epsilon.ln_1p();
        for (n, event) in events.iter().enumerate() {
            let near = |other: &(f64, f64)| (event.0 - other.0).hypot(event.1 - other.1) < self.radius;
            let mut before = 0.0;
            for (cylinder, other) in inside.iter_mut().zip(events) {
                if near(other) {
                    cylinder.events += 1.0;
                    cylinder.ever_near += 1.0;
                    before += 1.0;
                }
            }
            inside.push(Cylinder { events: 1.0, ever_near: before + 1.0 });

            let seen = (n + 1) as f64;
            let (mut sum, mut most, mut begun) = (0.0_f64, f64::NEG_INFINITY, 0);
            for (k, cylinder) in inside.iter().enumerate() {
                let usual = (seen - k as f64) * cylinder.ever_near / seen;
                let ratio = (growth * cylinder.events - self.epsilon * usual).exp();
                sum += ratio;
                if ratio > most {
                    (most, begun) = (ratio, k);
                }
            }
            let statistic = if self.cusum { most } else { sum };
            let stays = self.cusum && self.compatibility == Compatibility::Surveillance1_20;
            let shown = if stays {
                cluster.statistics.last().map_or(statistic, |last| last.max(statistic))
            } else {
                statistic
            };
            cluster.statistics.push(shown.min(f64::MAX));
            if statistic > self.threshold && cluster.alarm.is_none() {
                cluster.alarm = Some((n, begun));
            }
        }
        cluster
    }
}

struct Cylinder {
    events: f64,
    /// Of all events so far, those before the cylinder's first one too.
    ever_near: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_events_by_hand() {
        let chart = SpaceTimeCluster {
            radius: 1.0,
            epsilon: 0.5,
            threshold: 1e9,
            cusum: false,
            compatibility: Compatibility::None,
        };
        // Together: 1.5² e^−1 for the cylinder of the first, 1.5 e^−½ for that of the second.
        let told = chart.detect(&[(0.0, 0.0), (0.5, 0.0)]);
        let expected = 1.5 * 1.5 * (-1.0_f64).exp() + 1.5 * (-0.5_f64).exp();
        assert!((told.statistics[1] - expected).abs() < 1e-12);
        // Apart, each is alone in half of what there is.
        let told = chart.detect(&[(0.0, 0.0), (5.0, 0.0)]);
        let expected = 1.5 * (-0.5_f64).exp() + 1.5 * (-0.25_f64).exp();
        assert!((told.statistics[1] - expected).abs() < 1e-12);
    }

    #[test]
    fn a_cluster_in_a_corner_is_told_with_its_beginning() {
        let mut events: Vec<(f64, f64)> =
            (0..60).map(|n| (f64::from(n * 7 % 10), f64::from(n * 3 % 11))).collect();
        events.extend((0..12).map(|n| (20.0 + 0.01 * f64::from(n), 20.0)));
        let chart = SpaceTimeCluster {
            radius: 0.5,
            epsilon: 1.0,
            threshold: 300.0,
            cusum: true,
            compatibility: Compatibility::None,
        };
        assert_eq!(chart.detect(&events[..60]).alarm, None);
        let (after, begun) = chart.detect(&events).alarm.unwrap();
        assert!(after < 72 && begun >= 60, "{after} {begun}");
    }
}
