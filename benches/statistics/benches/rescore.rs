//! A province's every series scored for one new day by twelve methods, and one series for one new record.
//!
//! 2,850 counties with 40 indicators, each with five years of days (and the three weeks that a five-year comparison reaches beyond
//! them), made up and held as two bytes a count. Charts learn from all but the last year and have watched that year; then two days
//! come. Figures are processor seconds shared by two cores: the clock of a busy machine tells nothing.

use rayon::prelude::*;
use statistics_bench::{Target, cpu_seconds, or_stop, tell};
use std::hint::black_box;
use surveillance::{
    Bayes, Cusum, Detector, Ears, EarsMethod, FarringtonFlexibleConfig, FixedValue, GlrNegativeBinomial,
    GlrPoisson, MovingPercentile, Rki, Scored, Series, ThresholdTable, Watch, Watching,
};

const SERIES: usize = 2_850 * 40;
const DAYS: usize = 5 * 365 + 21;
/// Those that are there before the two new ones.
const HISTORY: usize = DAYS - 2;
/// The first day that charts watch.
const FROM: usize = HISTORY - 365;
const CORES: f64 = 2.0;
/// Series that get a record.
const RECORDS: usize = 1_000;

fn main() {
    let store = Store::made_up();
    let methods = Methods::default();
    let before = resident_bytes();
    let mut work = methods.begin(&store);
    let each = (resident_bytes() - before) / SERIES as f64;
    let all = each * SERIES as f64 / f64::powi(2.0, 30);
    let beside = format!("{each:.0} bytes a series");
    tell("what they remember, resident", all, "GiB", Target::Below(4.0), &beside);

    methods.new_day(&store, &mut work);
    methods.another_day(&store, &mut work);
    methods.new_records(&store, &mut work);
}

/// Twelve methods as they come.
#[derive(Default)]
struct Methods {
    without_memory: WithoutMemory,
    farrington: FarringtonFlexibleConfig,
    cusum: Cusum,
    poisson: GlrPoisson,
    dispersed: GlrNegativeBinomial,
}

struct WithoutMemory(Vec<(&'static str, Box<dyn Detector>)>);

impl Default for WithoutMemory {
    fn default() -> WithoutMemory {
        WithoutMemory(vec![
            ("EARS C1", Box::new(Ears::of(EarsMethod::C1))),
            ("EARS C2", Box::new(Ears::of(EarsMethod::C2))),
            ("EARS C3", Box::new(Ears::of(EarsMethod::C3))),
            ("Bayes 1", Box::new(Bayes::default())),
            ("RKI 3", Box::new(Rki::default())),
            ("moving percentile, 5 weeks × 5 years", Box::new(MovingPercentile::default())),
            ("fixed value", Box::new(FixedValue::default())),
            ("threshold table", Box::new(ThresholdTable::default())),
        ])
    }
}

impl WithoutMemory {
    /// Alarms on the last day of the series.
    fn alarms(&self, series: &Series) -> usize {
        let last = series.len() - 1;
        let alarmed = |detector: &dyn Detector| is_alarm(detector.detect(series, last..last + 1).first());
        self.0.iter().map(|(_, detector)| usize::from(alarmed(detector.as_ref()))).sum()
    }
}

type All<W> = Vec<Watching<<W as Watch>::Memory>>;

/// The methods that remember, at work on every series.
struct Work {
    farrington: All<FarringtonFlexibleConfig>,
    cusum: All<Cusum>,
    poisson: All<GlrPoisson>,
    dispersed: All<GlrNegativeBinomial>,
}

impl Methods {
    /// Begins on all series, which is a night's work, seldom done.
    fn begin(&self, store: &Store) -> Work {
        let mut farrington = begin("Farrington flexible", &self.farrington, store);
        let ready = prepare(&self.farrington, store, &mut farrington, HISTORY);
        told("Farrington flexible, the first day prepared", ready);
        Work {
            farrington,
            cusum: begin("CUSUM", &self.cusum, store),
            poisson: begin("GLR Poisson", &self.poisson, store),
            dispersed: begin("GLR negative binomial", &self.dispersed, store),
        }
    }

    /// The day comes: every series by every method. Then, when there is time, the bounds of the day after are drawn.
    fn new_day(&self, store: &Store, work: &mut Work) {
        let (_, arrival) = cpu_seconds(|| {
            let states = work.farrington.par_iter_mut().zip(work.cusum.par_iter_mut());
            let charts = work.poisson.par_iter_mut().zip(work.dispersed.par_iter_mut());
            let alarms = store.with_series(states.zip(charts), HISTORY + 1, |series, states| {
                let ((farrington, cusum), (poisson, dispersed)) = states;
                let points = [
                    farrington.step(&self.farrington, series),
                    cusum.step(&self.cusum, series),
                    poisson.step(&self.poisson, series),
                    dispersed.step(&self.dispersed, series),
                ];
                let remembering = points.iter().filter(|point| is_alarm(point.as_ref())).count();
                self.without_memory.alarms(series) + remembering
            });
            black_box(alarms.sum::<usize>())
        });
        let what = format!("the new day: {SERIES} series × {} days by all 12 methods", HISTORY + 1);
        tell(
            &what,
            arrival / CORES,
            "s",
            Target::Below(1.0),
            "Farrington's bounds were drawn the day before",
        );
        let tomorrow = prepare(&self.farrington, store, &mut work.farrington, HISTORY + 1);
        told("after it, Farrington's bounds of the day that follows", tomorrow);
        told("both together", arrival + tomorrow);
    }

    /// The second day, method by method.
    fn another_day(&self, store: &Store, work: &mut Work) {
        for (name, detector) in &self.without_memory.0 {
            let series = (0..SERIES).into_par_iter();
            let (_, took) = cpu_seconds(|| {
                let alarmed = |series: &Series, _| {
                    usize::from(is_alarm(detector.detect(series, DAYS - 1..DAYS).first()))
                };
                black_box(store.with_series(series, DAYS, alarmed).sum::<usize>())
            });
            tell(&format!("  {name}"), took / CORES, "s", Target::Below(1.0), "");
        }
        step("Farrington flexible, compared", &self.farrington, store, &mut work.farrington);
        step("CUSUM", &self.cusum, store, &mut work.cusum);
        step("GLR Poisson", &self.poisson, store, &mut work.poisson);
        step("GLR negative binomial", &self.dispersed, store, &mut work.dispersed);
    }

    /// One record in one series: of a day that is not over, of a day last week, and of a day that the charts learnt from.
    fn new_records(&self, store: &Store, work: &mut Work) {
        let places = || (0..SERIES).step_by(SERIES / RECORDS);
        let (mut today, mut late, mut learnt) = (Vec::new(), Vec::new(), Vec::new());
        for place in places() {
            let mut series = store.series(place, DAYS);
            // The charts have taken the last day. A day more is like it, and half of it has come in.
            series.counts.push((series.counts[DAYS - 1] / 2.0).floor());
            let Work { farrington, cusum, poisson, dispersed } = &mut *work;
            farrington[place].prepare(&self.farrington, &series);
            series.counts[DAYS] += 1.0;
            today.push(cpu_seconds(|| {
                let points = (
                    farrington[place].look(&self.farrington, &series),
                    cusum[place].look(&self.cusum, &series),
                    poisson[place].look(&self.poisson, &series),
                    dispersed[place].look(&self.dispersed, &series),
                );
                black_box((points, self.without_memory.alarms(&series)))
            }));
            for (day, times) in [(DAYS - 7, &mut late), (FROM - 1, &mut learnt)] {
                series.counts[day] += 1.0;
                times.push(cpu_seconds(|| {
                    farrington[place].corrected(&self.farrington, &series, day);
                    cusum[place].corrected(&self.cusum, &series, day);
                    poisson[place].corrected(&self.poisson, &series, day);
                    dispersed[place].corrected(&self.dispersed, &series, day);
                    let points = (
                        farrington[place].look(&self.farrington, &series),
                        cusum[place].look(&self.cusum, &series),
                        poisson[place].look(&self.poisson, &series),
                        dispersed[place].look(&self.dispersed, &series),
                    );
                    black_box((points, self.without_memory.alarms(&series)))
                }));
            }
        }
        for (when, times) in [
            ("today", today),
            ("last week, so the watched year is gone through again", late),
            ("more than a year ago, so all is learnt again", learnt),
        ] {
            let mut ms: Vec<f64> = times.iter().map(|(_, took)| took * 1e3).collect();
            ms.sort_unstable_by(f64::total_cmp);
            let mean = ms.iter().sum::<f64>() / ms.len() as f64;
            let beside = format!("99 of 100 within {:.3} ms", ms[ms.len() * 99 / 100]);
            let what = format!("one new record of {when}: its series by all 12 methods");
            tell(&what, mean, "ms", Target::Below(1.0), &beside);
        }
    }
}

fn is_alarm(point: Option<&Scored>) -> bool {
    point.is_some_and(|point| point.alarm == Some(true))
}

/// A figure that nobody has set a target for.
fn told(what: &str, seconds: f64) {
    println!(
        "{what}: {:.2} s on two cores, {:.3} ms a series",
        seconds / CORES,
        seconds * 1e3 / SERIES as f64
    );
}

fn begin<W: Watch<Memory: Send>>(name: &str, watch: &W, store: &Store) -> All<W> {
    let (states, took) = cpu_seconds(|| {
        let places = (0..SERIES).into_par_iter();
        store.with_series(places, HISTORY, |series, _| Watching::begin(watch, series, FROM)).collect()
    });
    told(&format!("{name}, begun: learnt, and a year gone through"), took);
    states
}

/// Processor seconds for making ready the day after `days`.
fn prepare<W: Watch<Memory: Send>>(watch: &W, store: &Store, states: &mut All<W>, days: usize) -> f64 {
    let work = || {
        store.with_series(states.par_iter_mut(), days, |series, state| state.prepare(watch, series)).count()
    };
    cpu_seconds(work).1
}

fn step<W: Watch<Memory: Send>>(name: &str, watch: &W, store: &Store, states: &mut All<W>) {
    let (_, took) = cpu_seconds(|| {
        let states = states.par_iter_mut();
        let stepped = store.with_series(states, DAYS, |series, state| state.step(watch, series));
        black_box(stepped.filter(|point| is_alarm(point.as_ref())).count())
    });
    tell(&format!("  {name}"), took / CORES, "s", Target::Below(1.0), "");
}

fn resident_bytes() -> f64 {
    let status = or_stop(std::fs::read_to_string("/proc/self/status"), "reading how much memory is used");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    or_stop(kilobytes.ok_or("there is no VmRSS"), "reading how much memory is used") * 1024.0
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

    /// The first days of one series.
    fn series(&self, place: usize, days: usize) -> Series {
        let counts = self.counts[place * DAYS..][..days].iter().map(|count| f64::from(*count)).collect();
        Series::of("one", counts, 365)
    }

    /// Something done with the first days of each series and what belongs to it. Each thread unpacks into a series of its own.
    fn with_series<'a, B: Send, T: Send + 'a>(
        &'a self,
        beside: impl IndexedParallelIterator<Item = B> + 'a,
        days: usize,
        work: impl Fn(&Series, B) -> T + Sync + Send + 'a,
    ) -> impl IndexedParallelIterator<Item = T> + 'a {
        self.counts.par_chunks(DAYS).zip(beside).map_init(
            || Series::of("one", Vec::with_capacity(DAYS), 365),
            move |series, (counts, beside)| {
                series.counts.clear();
                series.counts.extend(counts[..days].iter().map(|count| f64::from(*count)));
                work(series, beside)
            },
        )
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
