//! `quell nowcast`: how many cases each of the last days will have, from a list of days of event and report.

use super::account::RowAccount;
use super::chart::{Bar, Chart, Line};
use super::column_days::{ColumnDays, Order};
use super::config::read_config;
use super::language::Language;
use super::output::{Format, Output};
use super::picture;
use super::sheet::Sheet;
use super::table::Table;
use base::{Day, Streams};
use clap::Args;
use serde::Deserialize;
use stats::{OnsetPair, Shape, estimate_truncated_delay};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use surveillance::{
    Compatibility, CountPrior, Nowcast, NowcastMethod, NowcastRule, ReportingTriangle, Span, estimate_nowcast,
};

#[derive(Args)]
pub struct NowcastCommand {
    /// The list, as CSV: one row a case; `-` reads standard input
    file: PathBuf,
    /// Settings as JSON; the manual lists the keys
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Column with the day it happened [default: dEvent]
    #[arg(long, value_name = "COLUMN")]
    event: Option<String>,
    /// Column with the day it was reported [default: dReport]
    #[arg(long, value_name = "COLUMN")]
    report: Option<String>,
    /// The day as of which to look [default: the last report]
    #[arg(long, value_name = "DAY")]
    now: Option<Day>,
    /// Also write the delay distribution here, as CSV or JSON
    #[arg(long, value_name = "FILE")]
    delays: Option<PathBuf>,
    /// Also fit this family to the delays, corrected for those not yet seen: gamma or lognormal
    #[arg(long, value_name = "FAMILY")]
    fit: Option<Shape>,
    /// Also draw it, as .svg or .png
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Order of day and month where the columns themselves do not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

/// Keys as in the reference cases.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NowcastConfig {
    pub now: Option<Day>,
    /// Longest delay, in steps.
    pub d: Option<usize>,
    /// Steps from which delays are learnt, or "all".
    pub m: Window,
    pub m_interpretation: WindowMeaning,
    /// First and last day of the events looked at.
    pub d_range: Option<(Day, Day)>,
    /// First and last day to nowcast.
    pub when: Option<(Day, Day)>,
    pub aggregate_by: Step,
    pub n_t_inf_max: Option<usize>,
    pub alpha: f64,
    pub gd_prior_kappa: f64,
    pub prior: PriorFamily,
    pub mean_lambda: Option<f64>,
    pub var_lambda: Option<f64>,
    pub n_samples: usize,
    pub seed: u64,
    pub method: Methods,
    pub event_column: String,
    pub report_column: String,
    pub compatibility: Compatibility,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub enum Window {
    Steps(usize),
    All(All),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum All {
    All,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowMeaning {
    /// The window cuts off old days of event, whenever they were reported.
    HoehleAnderheiden2014,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Step {
    #[serde(rename = "1 day", alias = "day")]
    Day,
    #[serde(rename = "1 week", alias = "week")]
    Week,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorFamily {
    Poisgamma,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Methods {
    One(NowcastMethod),
    Several(Vec<NowcastMethod>),
}

impl Default for NowcastConfig {
    fn default() -> NowcastConfig {
        let rule = NowcastRule::default();
        NowcastConfig {
            now: None,
            d: None,
            m: Window::All(All::All),
            m_interpretation: WindowMeaning::HoehleAnderheiden2014,
            d_range: None,
            when: None,
            aggregate_by: Step::Day,
            n_t_inf_max: rule.most_cases,
            alpha: rule.alpha,
            gd_prior_kappa: rule.prior_weight,
            prior: PriorFamily::Poisgamma,
            mean_lambda: None,
            var_lambda: None,
            n_samples: rule.draws,
            seed: rule.seed,
            method: Methods::One(NowcastMethod::BayesTruncated),
            event_column: "dEvent".to_owned(),
            report_column: "dReport".to_owned(),
            compatibility: Compatibility::None,
        }
    }
}

impl NowcastConfig {
    fn rule(&self) -> Result<NowcastRule, String> {
        let count_prior = match (self.mean_lambda, self.var_lambda) {
            (Some(mean), Some(variance)) => Some(CountPrior { mean, variance }),
            (None, None) => None,
            _ => {
                return Err("`mean_lambda` and `var_lambda` go together; give both or neither".to_owned());
            }
        };
        Ok(NowcastRule {
            window: match self.m {
                Window::Steps(steps) => Some(steps),
                Window::All(All::All) => None,
            },
            alpha: self.alpha,
            prior_weight: self.gd_prior_kappa,
            count_prior,
            most_cases: self.n_t_inf_max,
            draws: self.n_samples,
            seed: self.seed,
            compatibility: self.compatibility,
        })
    }

    fn methods(&self) -> Vec<NowcastMethod> {
        match &self.method {
            Methods::One(method) => vec![*method],
            Methods::Several(methods) => methods.clone(),
        }
    }
}

/// The triangle and what each method makes of it.
pub struct NowcastAnswer {
    pub triangle: ReportingTriangle,
    pub nowcasts: Vec<Nowcast>,
    /// Pairs of event and report that were used or could have been, for a fit of the delays.
    pub reports: Vec<(Day, Day)>,
    pub now: Day,
}

/// The days of event and report of every row that has both.
pub fn reports_of(
    table: &Table,
    config: &NowcastConfig,
    dates: Option<Order>,
    account: &mut RowAccount,
) -> Result<Vec<(Day, Day)>, String> {
    let event = ColumnDays::of(table, table.column(&config.event_column)?, dates)?;
    let report = ColumnDays::of(table, table.column(&config.report_column)?, dates)?;
    let mut reports = Vec::new();
    for row in table.rows() {
        match (event.day(row), report.day(row)) {
            (Ok(Some(event)), Ok(Some(report))) if report < event => {
                let slip = format!("row {} ({report} before {event})", row.number);
                account.left_out("reported before it happened; one of the two days is a slip", slip);
            }
            (Ok(Some(event)), Ok(Some(report))) => {
                account.used();
                reports.push((event, report));
            }
            (Err(why), _) | (_, Err(why)) => account.left_out("a day is not readable", why),
            _ => account.left_out("a day is not known", format!("row {}", row.number)),
        }
    }
    Ok(reports)
}

/// What the command and the comparison with reference results both compute.
pub fn nowcast_of(reports: Vec<(Day, Day)>, config: &NowcastConfig) -> Result<NowcastAnswer, String> {
    let last_report = reports.iter().map(|(_, report)| *report).max();
    let earliest = reports.iter().map(|(event, _)| *event).min();
    let now = config.now.or(last_report).ok_or("no row holds both days; look at the columns you named")?;
    let step_days = if config.aggregate_by == Step::Week { 7 } else { 1 };
    let first = match config.d_range {
        Some((first, _)) => first,
        // Weeks begin on Monday (ISO 8601) unless the range says otherwise.
        None => {
            earliest.map_or(now, |day| if step_days == 7 { day - i32::from(day.weekday() - 1) } else { day })
        }
    };
    let known: Vec<(Day, Day)> = reports.iter().copied().filter(|(_, report)| *report <= now).collect();
    let longest_delay = config.d.unwrap_or_else(|| usual_longest_delay(&known, step_days));
    let span = Span { first, now, step_days, longest_delay };
    let (triangle, left_out) = ReportingTriangle::of(&reports, span).map_err(|why| why.to_string())?;
    for (count, what) in [
        (left_out.before_first, "happened before the first step"),
        (left_out.after_now, "are reported after `now`"),
    ] {
        if count > 0 {
            eprintln!("{count} rows {what} ({first}, {now}) and are not counted");
        }
    }
    let (from, to) = match config.when {
        Some((from, to)) => {
            let step = |day: Day| (day - first).div_euclid(step_days).max(0) as usize;
            (step(from), step(to) + 1)
        }
        None => (triangle.steps().saturating_sub(longest_delay + 1), triangle.steps()),
    };
    if from >= to.min(triangle.steps()) {
        return Err(format!("`when` holds no step between {first} and {now}; give days within them"));
    }
    let rule = config.rule()?;
    let nowcasts = config
        .methods()
        .into_iter()
        .map(|method| estimate_nowcast(&triangle, from..to, method, &rule).map_err(|why| why.to_string()))
        .collect::<Result<Vec<Nowcast>, String>>()?;
    Ok(NowcastAnswer { triangle, nowcasts, reports: known, now })
}

/// 99 of 100 reports known by now came within it. At least one step: with none there is nothing to wait for.
fn usual_longest_delay(known: &[(Day, Day)], step_days: i32) -> usize {
    let mut delays: Vec<i32> = known.iter().map(|(event, report)| (*report - *event).max(0)).collect();
    delays.sort_unstable();
    let place = (delays.len() * 99 / 100).min(delays.len().saturating_sub(1));
    let days = delays.get(place).copied().unwrap_or(1);
    ((days + step_days - 1) / step_days).max(1) as usize
}

impl NowcastAnswer {
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::of(&[
            "method",
            "date",
            "observed_so_far",
            "median",
            "pi_lower",
            "pi_upper",
            "pmf_mean",
            "note",
        ]);
        for nowcast in &self.nowcasts {
            for step in &nowcast.steps {
                sheet.add(vec![
                    nowcast.method.name().into(),
                    self.triangle.day(step.t).to_string().into(),
                    (step.observed_so_far as usize).into(),
                    step.median.into(),
                    step.lower.into(),
                    step.upper.into(),
                    step.mean.into(),
                    step.doubt.map_or("", surveillance::Doubt::code).into(),
                ]);
            }
        }
        sheet
    }

    pub fn delay_sheet(&self) -> Sheet {
        let mut sheet = Sheet::of(&["method", "delay", "cdf"]);
        for nowcast in &self.nowcasts {
            for (delay, cdf) in nowcast.delay_cdf.iter().enumerate() {
                sheet.add(vec![nowcast.method.name().into(), delay.into(), (*cdf).into()]);
            }
        }
        sheet
    }

    /// Each doubt once, as a sentence.
    fn explain_doubts(&self) {
        let doubts: BTreeSet<_> = self
            .nowcasts
            .iter()
            .flat_map(|nowcast| nowcast.steps.iter().filter_map(|step| step.doubt))
            .collect();
        for doubt in doubts {
            eprintln!("{}: {}", doubt.code(), doubt.sentence());
        }
    }

    fn chart(&self, language: Language) -> Chart {
        let nowcast = &self.nowcasts[0];
        let known = |count: Option<usize>, step: &surveillance::NowcastStep| {
            count.unwrap_or(step.observed_so_far as usize)
        };
        let bars = nowcast.steps.iter().map(|step| {
            let reported = u64::from(step.observed_so_far);
            let to_come = known(step.median, step) as u64 - reported;
            Bar { label: self.triangle.day(step.t).to_string(), heights: vec![reported, to_come] }
        });
        let upper = nowcast.steps.iter().map(|step| known(step.upper, step) as f64).collect();
        Chart {
            language,
            title: language
                .pick("实时预报：已报告与尚未报告", "Nowcast: reported and still to come")
                .to_owned(),
            description: match language {
                Language::Zh => format!("截至 {}，方法 {}。", self.now, nowcast.method.name()),
                Language::En => format!("As of {}, method {}.", self.now, nowcast.method.name()),
            },
            across: language.pick("日期", "day of event").to_owned(),
            up: language.pick("病例", "cases").to_owned(),
            series: vec![
                language.pick("已报告", "reported").to_owned(),
                language.pick("尚未报告", "still to come").to_owned(),
            ],
            bars: bars.collect(),
            line: Some(Line { name: language.pick("上限", "upper limit").to_owned(), heights: upper }),
        }
    }
}

impl NowcastCommand {
    pub fn run(self) -> Result<(), String> {
        let mut config: NowcastConfig = read_config(self.config.as_deref())?;
        config.now = self.now.or(config.now);
        if let Some(event) = &self.event {
            config.event_column.clone_from(event);
        }
        if let Some(report) = &self.report {
            config.report_column.clone_from(report);
        }
        let table = Table::read(&self.file)?;
        let mut account = RowAccount::of(&table);
        let reports = reports_of(&table, &config, self.dates, &mut account)?;
        account.refuse_nothing("reports")?;
        account.print("reports");
        let answer = nowcast_of(reports, &config)?;
        answer.explain_doubts();
        eprintln!(
            "as of {}, delays up to {} steps (`d` in the configuration)",
            answer.now,
            answer.triangle.longest_delay()
        );
        if let Some(shape) = self.fit {
            tell_fit(&answer, shape, config.alpha, config.seed);
        }
        if let Some(path) = &self.delays {
            let form = match path.extension().and_then(|ending| ending.to_str()) {
                Some("json") => Format::Json,
                _ => Format::Csv,
            };
            write_beside(path, &answer.delay_sheet().render(form)?)?;
        }
        if let Some(path) = &self.plot {
            picture::write(&answer.chart(self.output.language).svg(), path)?;
        }
        self.output.write(&answer.sheet().render(self.output.format())?, &self.file)
    }
}

fn write_beside(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|why| format!("cannot write {}: {why}", path.display()))
}

/// Mean and spread of the delay had everybody been waited for, or why not.
fn tell_fit(answer: &NowcastAnswer, shape: Shape, alpha: f64, seed: u64) {
    const REPETITIONS: usize = 200;
    let pairs: Vec<OnsetPair> = answer
        .reports
        .iter()
        .map(|(event, report)| OnsetPair { infector_onset: *event, infectee_onset: *report })
        .collect();
    let level = 1.0 - alpha;
    match estimate_truncated_delay(
        &pairs,
        shape,
        Some(answer.now),
        level,
        REPETITIONS,
        &Streams::seeded(seed),
    ) {
        Ok(fit) => eprintln!(
            "{shape} delay, corrected for reports not yet in: mean {:.2} days ({:.2} to {:.2}), sd {:.2} ({:.2} to {:.2})",
            fit.mean.value, fit.mean.low, fit.mean.high, fit.sd.value, fit.sd.low, fit.sd.high
        ),
        Err(why) => eprintln!("no {shape} delay: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::config_of;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn weeks_begin_on_monday_and_the_delay_is_the_usual_one() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let reports = vec![
            (day("2022-03-02"), day("2022-03-03")),
            (day("2022-03-09"), day("2022-03-20")),
            (day("2022-03-16"), day("2022-03-20")),
        ];
        let config = config_of(json!({"aggregate_by": "1 week", "method": "lawless"})).unwrap();
        let answer = nowcast_of(reports, &config).unwrap();
        assert_eq!((answer.triangle.steps(), answer.triangle.longest_delay()), (3, 2));
        assert_eq!(answer.sheet().rows[0][1].text(), "2022-02-28");
    }

    #[test]
    fn a_setting_that_cannot_be_is_refused_by_its_name() {
        for (settings, named) in [
            (json!({"method": "best"}), "`method`"),
            (json!({"prior": "unif"}), "`prior`"),
            (json!({"m": "some"}), "`m`"),
            (json!({"dmax": 3}), "`dmax`"),
        ] {
            let Err(why) = config_of::<NowcastConfig>(settings) else { panic!("{named}") };
            assert!(why.contains(named), "{why}");
        }
        let lonely: NowcastConfig = config_of(json!({"mean_lambda": 3})).unwrap();
        let one = "2022-03-02".parse::<Day>().unwrap();
        assert!(nowcast_of(vec![(one, one)], &lonely).err().unwrap().contains("go together"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_list_and_any_settings_end_in_an_answer_or_a_sentence(
            list in proptest::collection::vec((-4000..4000_i32, -3..900_i32), 0..30),
            d in proptest::option::of(0..2000_usize),
            m in proptest::option::of(0..100_usize),
            most in proptest::option::of(0..50_usize),
            kappa in -0.5..2.0_f64,
            weeks in any::<bool>(),
        ) {
            let day = |number: i32| Day::from_number(19_000 + number).unwrap();
            let reports = list.iter().map(|(event, delay)| (day(*event), day(event + delay))).collect();
            let config = NowcastConfig {
                d,
                m: m.map_or(Window::All(All::All), Window::Steps),
                n_t_inf_max: most,
                gd_prior_kappa: kappa,
                n_samples: 3,
                aggregate_by: if weeks { Step::Week } else { Step::Day },
                method: Methods::Several(vec![NowcastMethod::BayesTruncated, NowcastMethod::Lawless]),
                ..NowcastConfig::default()
            };
            match nowcast_of(reports, &config) {
                Ok(answer) => prop_assert!(answer.sheet().rows.len() >= 2),
                Err(why) => prop_assert!(why.len() > 20, "{}", why),
            }
        }
    }
}
