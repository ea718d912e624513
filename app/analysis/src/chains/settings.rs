//! The settings of `quell chains`. Those that outbreaker2 has too carry its names.

use base::Day;
use serde::Deserialize;
use trace::reconstruction::{Compatibility, DelayDays, Model, Run};

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Columns of the list.
    pub id: String,
    pub date: String,
    pub source: String,
    pub imported: String,
    /// Days from being infected to infecting somebody.
    pub generation_time_mean: Option<f64>,
    pub generation_time_sd: Option<f64>,
    /// The same, share by share from one day on.
    pub w_dens: Option<Vec<f64>>,
    /// Days from being infected to the day of the list.
    pub sampling_delay_mean: Option<f64>,
    pub sampling_delay_sd: Option<f64>,
    /// The same, share by share from one day on.
    pub f_dens: Option<Vec<f64>>,
    /// How many generations an infector may be back.
    pub max_kappa: usize,
    /// The first and the last day on which a case could have come into the list, as 2022-02-21; those of the list without them.
    pub observed_from: Option<String>,
    pub observed_until: Option<String>,
    pub genome_length: Option<usize>,
    pub directed_contacts: bool,
    /// Probability that a named source is the right one.
    pub reliability: f64,
    /// Probabilities that an answer is yes where it should be, and no where it should be.
    pub ask_sensitivity: f64,
    pub ask_specificity: f64,
    pub seed: u64,
    pub chains: usize,
    pub warm_up: usize,
    pub draws: usize,
    pub every: usize,
    pub compatibility: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    None,
    #[serde(rename = "outbreaker2_1_1")]
    Outbreaker2,
}

impl Default for Settings {
    fn default() -> Settings {
        let run = Run::default();
        Settings {
            id: "case".to_owned(),
            date: "date".to_owned(),
            source: "source".to_owned(),
            imported: "imported".to_owned(),
            generation_time_mean: None,
            generation_time_sd: None,
            w_dens: None,
            sampling_delay_mean: None,
            sampling_delay_sd: None,
            f_dens: None,
            max_kappa: 5,
            observed_from: None,
            observed_until: None,
            genome_length: None,
            directed_contacts: false,
            reliability: 0.8,
            ask_sensitivity: 0.8,
            ask_specificity: 0.95,
            seed: 1,
            chains: run.chains,
            warm_up: run.warm_up,
            draws: run.draws,
            every: run.every,
            compatibility: Known::None,
        }
    }
}

impl Settings {
    pub fn check_questions(&self) -> Result<(), String> {
        for (key, share) in
            [("ask_sensitivity", self.ask_sensitivity), ("ask_specificity", self.ask_specificity)]
        {
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("`{key}` is {share}; give a probability from 0 to 1"));
            }
        }
        Ok(())
    }

    pub fn model(&self) -> Result<Model, String> {
        let generation = delay(
            self.w_dens.as_deref(),
            ("generation_time_mean", self.generation_time_mean),
            ("generation_time_sd", self.generation_time_sd),
            1,
            "the generation time",
        )?;
        let sampling = delay(
            self.f_dens.as_deref(),
            ("sampling_delay_mean", self.sampling_delay_mean),
            ("sampling_delay_sd", self.sampling_delay_sd),
            0,
            "the delay to the day of the list",
        )?;
        Ok(Model {
            observed_from: day("observed_from", self.observed_from.as_deref())?,
            observed_until: day("observed_until", self.observed_until.as_deref())?,
            most_generations: self.max_kappa,
            compatibility: match self.compatibility {
                Known::None => Compatibility::None,
                Known::Outbreaker2 => Compatibility::Outbreaker2,
            },
            ..Model::of(generation, sampling)
        })
    }

    pub fn run(&self) -> Run {
        Run { chains: self.chains, warm_up: self.warm_up, draws: self.draws, every: self.every }
    }
}

fn day(key: &str, told: Option<&str>) -> Result<Option<i32>, String> {
    let read = told.map(|day| {
        let read = day.parse::<Day>().map(Day::number);
        read.map_err(|_| format!("`{key}` is `{day}`, which is no day; write it as 2022-02-21"))
    });
    read.transpose()
}

/// Share by share where it is given so, otherwise a gamma delay.
fn delay(
    shares: Option<&[f64]>,
    mean: (&str, Option<f64>),
    sd: (&str, Option<f64>),
    least: usize,
    what: &'static str,
) -> Result<DelayDays, String> {
    let told = |(key, value): (&str, Option<f64>)| {
        value.ok_or_else(|| format!("`{key}` is missing; set it in --config, in days"))
    };
    let made = match shares {
        Some(shares) => DelayDays::of(std::iter::once(0.0).chain(shares.iter().copied()).collect(), what),
        None => DelayDays::gamma(told(mean)?, told(sd)?, least, what),
    };
    made.map_err(|why| why.to_string())
}
