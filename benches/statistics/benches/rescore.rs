//! A province's every series scored again for one new day, and one series for one new record.
//!
//! 2,850 counties with 40 indicators, each with five years of days (and the three weeks that a five-year comparison reaches beyond
//! them), made up and held as two bytes a count. Figures are processor seconds shared by two cores: the clock of a busy machine
//! tells nothing. Methods that take more than a few microseconds a series are measured on a part and said to be.

use rayon::prelude::*;
use statistics_bench::{Target, cpu_seconds, least_cpu_seconds, tell};
use std::hint::black_box;
use surveillance::{
    Bayes, Cusum, Detector, Ears, EarsMethod, FarringtonFlexibleConfig, FixedValue, GlrNegativeBinomial,
    GlrPoisson, MovingPercentile, Rki, Series, ThresholdTable,
};

const SERIES: usize = 2_850 * 40;
const DAYS: usize = 5 * 365 + 21;
const WEEKS: usize = DAYS / 7;
const CORES: f64 = 2.0;
/// Of the slow methods.
const PART: usize = 1_000;

fn main() {
    let store = Store::made_up();
    let daily: Vec<(&str, Box<dyn Detector>)> = vec![
        ("EARS C1", Box::new(Ears::of(EarsMethod::C1))),
        ("EARS C2", Box::new(Ears::of(EarsMethod::C2))),
        ("EARS C3", Box::new(Ears::of(EarsMethod::C3))),
        ("Bayes 1", Box::new(Bayes::default())),
        ("RKI 3", Box::new(Rki::default())),
        ("moving percentile, 5 weeks × 5 years", Box::new(MovingPercentile::default())),
        ("fixed value", Box::new(FixedValue::default())),
        ("threshold table", Box::new(ThresholdTable::default())),
    ];
    let size = format!("{SERIES} series × {DAYS} days");
    for (name, detector) in &daily {
        let (_, took) = least_cpu_seconds(2, || store.rescore_days(SERIES, &[detector.as_ref()], 1));
        tell(&format!("{name}, {size}, the new day"), took / CORES, "s", Target::Below(1.0), "");
    }
    let all: Vec<&dyn Detector> = daily.iter().map(|(_, detector)| detector.as_ref()).collect();
    let (_, together) = least_cpu_seconds(2, || store.rescore_days(SERIES, &all, 1));
    tell(&format!("these {} together", all.len()), together / CORES, "s", Target::Below(1.0), "");

    let weekly = FarringtonFlexibleConfig::default();
    let (_, took) = cpu_seconds(|| store.rescore_weeks(PART, &weekly, 1));
    let mut on_weeks = took / PART as f64;
    slow("Farrington flexible, weeks, 5 years back", on_weeks);
    let four_years = FarringtonFlexibleConfig { b: 4, ..weekly };
    let (_, took) = cpu_seconds(|| store.rescore_days(PART, &[&four_years], 1));
    slow("Farrington flexible, days, 4 years back", took / PART as f64);
    let charts: [(&str, Box<dyn Detector>); 3] = [
        ("CUSUM", Box::new(Cusum::default())),
        ("GLR Poisson", Box::new(GlrPoisson::default())),
        ("GLR negative binomial", Box::new(GlrNegativeBinomial::default())),
    ];
    // A chart is a year of watching after four of learning, all of it done again.
    for (name, chart) in &charts {
        let (_, took) = cpu_seconds(|| store.rescore_weeks(PART, chart.as_ref(), 52));
        on_weeks += took / PART as f64;
        slow(&format!("{name}, learnt and run again over a year of weeks"), took / PART as f64);
        let (_, took) = cpu_seconds(|| store.rescore_days(PART, &[chart.as_ref()], 365));
        slow(&format!("{name}, learnt and run again over a year of days"), took / PART as f64);
    }
    let one = together / SERIES as f64 + on_weeks;
    let beside = "Farrington and the charts on weeks, the others on days";
    tell("one new record: its series by every method", one * 1e3, "ms", Target::Below(1.0), beside);
}

/// Told for one series and for all of them; nothing is promised of the latter.
fn slow(name: &str, each: f64) {
    let beside = format!("all {SERIES} would take {:.1} s on two cores", each * SERIES as f64 / CORES);
    tell(&format!("{name}, one series"), each * 1e3, "ms", Target::Below(1.0), &beside);
}

struct Store {
    counts: Vec<u16>,
}

impl Store {
    /// Means from a tenth to some tens, a yearly wave, quiet Sundays, more spread than chance.
    fn made_up() -> Store {
        let mut counts = vec![0_u16; SERIES * DAYS];
        counts.par_chunks_mut(DAYS).enumerate().for_each(|(number, series)| {
            let mut state = number as u64 + 1;
            let mean = 0.1 * 600_f64.powf(share(&mut state));
            let phase = share(&mut state);
            for (day, count) in series.iter_mut().enumerate() {
                let season = 1.0 + 0.6 * (std::f64::consts::TAU * (day as f64 / 365.25 + phase)).sin();
                let sunday = if day % 7 == 6 { 0.5 } else { 1.0 };
                let spread = 0.5 + 0.5 * -share(&mut state).ln();
                *count = (mean * season * sunday * spread + share(&mut state)) as u16;
            }
        });
        Store { counts }
    }

    fn rescore_days(&self, many: usize, detectors: &[&dyn Detector], last: usize) -> usize {
        self.rescore(many, detectors, last, 365, |counts, out| {
            out.extend(counts.iter().map(|count| f64::from(*count)));
        })
    }

    fn rescore_weeks(&self, many: usize, detector: &dyn Detector, last: usize) -> usize {
        self.rescore(many, &[detector], last, 52, |counts, out| {
            let weeks =
                counts.rchunks_exact(7).take(WEEKS).map(|week| week.iter().map(|c| f64::from(*c)).sum());
            out.extend(weeks.collect::<Vec<f64>>().into_iter().rev());
        })
    }

    /// Alarms among the last steps of the first `many` series. Each thread unpacks into a series of its own.
    fn rescore(
        &self,
        many: usize,
        detectors: &[&dyn Detector],
        last: usize,
        per_year: usize,
        unpack: impl Fn(&[u16], &mut Vec<f64>) + Sync,
    ) -> usize {
        self.counts
            .par_chunks(DAYS)
            .take(many)
            .map_init(
                || Series::of("one", Vec::with_capacity(DAYS), per_year),
                |series, counts| {
                    series.counts.clear();
                    unpack(counts, &mut series.counts);
                    let steps = series.len();
                    let alarms = |detector: &&dyn Detector| {
                        let points = black_box(detector.detect(series, steps - last..steps));
                        points.iter().filter(|point| point.alarm == Some(true)).count()
                    };
                    detectors.iter().map(alarms).sum::<usize>()
                },
            )
            .sum()
    }
}

/// A share above 0 and below 1.
///
/// # Source
/// Steele, Lea and Flood 2014, doi:10.1145/2714064.2660195.
fn share(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 * f64::powi(2.0, -53) + f64::powi(2.0, -54)
}
