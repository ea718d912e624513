//! `quell chains`: who infected whom, from the days of a list, and from contacts, genetic distances and named sources where
//! there are some.
//!
//! Deliberately absent: a verdict. Supports are probabilities; a person confirms a link.

mod input;
mod questions;
mod report;
mod settings;

use crate::chain_chart::{Arrow, Drawing, drawing_svg};
use crate::config::read_config;
use crate::language::Language;
use crate::output::{Format, Output, json_text};
use crate::sheet::Sheet;
use crate::table::Table;
use base::{Day, Streams};
use clap::{Args, ValueEnum};
use input::Cases;
use settings::Settings;
use std::path::PathBuf;
use trace::reconstruction::{Posterior, Sample, Situation, sample};

#[derive(Args)]
pub struct Chains {
    /// The cases, as CSV with the columns case, date, and, where known, source and imported
    file: PathBuf,
    /// Who met whom, as CSV with the columns from, to
    #[arg(long, value_name = "FILE")]
    contacts: Option<PathBuf>,
    /// Differing sites between sequences, as CSV: the column case, then one column per case
    #[arg(long, value_name = "FILE")]
    distances: Option<PathBuf>,
    /// Questions that could be asked, as CSV with the columns question, case, infector (empty: elsewhere) and, where known,
    /// sensitivity, specificity [default: meetings, infections elsewhere and names that are in doubt]
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    /// Settings as a JSON file: the generation time, the delay to the day of the list, the run
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What to write as CSV; JSON holds all of it
    #[arg(long, value_enum, default_value = "links")]
    table: Told,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Told {
    /// Each case's possible infectors
    Links,
    /// Each case: day of infection, generation, how many it infected
    People,
    /// Weeks of infection: how many each person infected
    Weeks,
    /// Reproduction number, dispersion and the other rates; whether the chains agree
    Measures,
    /// What to ask next: by how many bits each answer is expected to lower the doubt
    Questions,
}

/// Links with less support are not written: they are many and say nothing.
const LEAST_SUPPORT: f64 = 0.01;
/// Nor drawn with less than this.
const LEAST_DRAWN: f64 = 0.1;

impl Chains {
    pub fn run(self) -> Result<(), String> {
        if self.questions.is_some() && !self.asks() {
            return Err(
                "the questions are answered by --table questions or as JSON; add one of them, or leave out \
                        --questions"
                    .to_owned(),
            );
        }
        let settings: Settings = read_config(self.config.as_deref())?;
        let table = Table::read(&self.file)?;
        let contacts = self.contacts.as_deref().map(Table::read).transpose()?;
        let distances = self.distances.as_deref().map(Table::read).transpose()?;
        let cases = input::read(&table, contacts.as_ref(), distances.as_ref(), &settings)?;
        let questions = self.questions.as_deref().map(Table::read).transpose()?;
        let found = reconstructed(&cases, &settings)?;
        report::tell(&found.posterior);
        let language = self.output.language;
        let result = match self.output.format() {
            Format::Svg => drawing_svg(&drawing(&cases, &found.posterior, language), language)?,
            Format::Json => {
                let ask_next = found.ask_next(&cases, questions.as_ref(), &settings)?;
                json_text(&report::everything(&cases, &found.posterior, &ask_next))
            }
            Format::Csv => {
                let sheet = match self.table {
                    Told::Links => report::links(&cases, &found.posterior),
                    Told::People => report::people(&cases, &found.posterior),
                    Told::Weeks => report::weeks(&found.posterior),
                    Told::Measures => report::measures(&found.posterior),
                    Told::Questions => found.ask_next(&cases, questions.as_ref(), &settings)?,
                };
                sheet.render(Format::Csv)?
            }
        };
        self.output.write(&result, &self.file)
    }

    /// Whether what to ask next is written.
    fn asks(&self) -> bool {
        match self.output.format() {
            Format::Csv => self.table == Told::Questions,
            Format::Json => true,
            Format::Svg => false,
        }
    }
}

/// What the draws say, and the draws, from which what to ask next follows.
struct Found {
    situation: Situation,
    drawn: Sample,
    posterior: Posterior,
}

fn reconstructed(cases: &Cases, settings: &Settings) -> Result<Found, String> {
    settings.check_questions()?;
    let situation =
        Situation::of(cases.evidence.clone(), &settings.model()?).map_err(|why| why.to_string())?;
    let drawn = sample(&situation, &settings.run(), &Streams::seeded(settings.seed))
        .map_err(|why| why.to_string())?;
    let posterior = Posterior::of(&situation, &drawn);
    Ok(Found { situation, drawn, posterior })
}

impl Found {
    /// Takes as long as many draws: only for whoever wants to know.
    fn ask_next(&self, cases: &Cases, file: Option<&Table>, settings: &Settings) -> Result<Sheet, String> {
        let asked = questions::asked(cases, &self.situation, &self.drawn, file, settings)?;
        questions::sheet(cases, &self.drawn, &asked)
    }
}

fn drawing<'a>(cases: &'a Cases, posterior: &Posterior, language: Language) -> Drawing<'a> {
    let onset = |case: usize| Day::from_number(cases.evidence.days[case]);
    let mut arrows = Vec::new();
    for link in &posterior.links {
        let Some(ancestor) = link.ancestor else { continue };
        let most = posterior.consensus[link.case] == link.ancestor;
        if most || link.support >= LEAST_DRAWN {
            arrows.push(Arrow {
                from: cases.names[ancestor].as_str(),
                to: cases.names[link.case].as_str(),
                first: most,
                told: format!("{:.0} %", 100.0 * link.support),
            });
        }
    }
    let many = cases.names.len();
    let (title, description) = match language {
        Language::Zh => (
            format!("推断的传播链（{many} 例）"),
            "每行一例，横轴为名单日期；实线为最可能的感染来源，虚线为概率不低于 10% 的其他来源。须经人工核实。",
        ),
        Language::En => (
            format!("Reconstructed chains ({many} cases)"),
            "One line per case, placed by the day of the list. A solid line comes from the most probable infector, a dashed \
             one from others of at least 10 %. A person confirms them.",
        ),
    };
    Drawing {
        cases: cases.names.iter().enumerate().map(|(case, name)| (name.as_str(), onset(case))).collect(),
        arrows,
        title,
        description,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::config_of;
    use serde_json::json;

    const CASES: &str = "case,date,source,imported\nA1,2022-02-01,,yes\nA2,2022-02-04,A1,\nA3,2022-02-05,A1;A9,\n\
                         A4,2022-02-08,,\nA5,2022-02-09,A3,\nA2,2022-02-11,,\nA6,,,\n";
    const CONTACTS: &str = "from,to\nA1,A2\nA2,A4\nA3,A5\nA1,A3\nA4,A8\nA4,A4\n";

    fn read(config: serde_json::Value, cases: &str) -> Result<(Cases, Found, Settings), String> {
        let settings: Settings = config_of(config)?;
        let contacts = Table::parse(CONTACTS.as_bytes())?;
        let cases = input::read(&Table::parse(cases.as_bytes())?, Some(&contacts), None, &settings)?;
        let found = reconstructed(&cases, &settings)?;
        Ok((cases, found, settings))
    }

    fn config() -> serde_json::Value {
        json!({"generation_time_mean": 3.5, "generation_time_sd": 1.0, "sampling_delay_mean": 3.0, "sampling_delay_sd": 1.0,
               "draws": 300, "warm_up": 200})
    }

    #[test]
    fn a_list_with_contacts_and_names_becomes_links() {
        let (cases, found, settings) = read(config(), CASES).unwrap();
        let posterior = &found.posterior;
        assert_eq!(cases.names, ["A1", "A2", "A3", "A4", "A5"]);
        assert_eq!(posterior.consensus, [None, Some(0), Some(0), Some(1), Some(2)]);
        let links = report::links(&cases, posterior).render(Format::Csv).unwrap();
        assert!(
            links.starts_with("case,infector,support,direct,chains_apart,consensus\nA1,NA,1,"),
            "{links}"
        );
        let ask_next = found.ask_next(&cases, None, &settings).unwrap();
        let all = report::everything(&cases, posterior, &ask_next);
        assert_eq!(all["links"][1]["infector"], "A1");
        assert_eq!(all["ask_next"].as_array().map(Vec::len), Some(ask_next.rows.len()));
        assert_eq!(all["weeks"][0]["first_day"].as_str().map(str::len), Some(10));
        for language in [Language::En, Language::Zh] {
            let svg = drawing_svg(&drawing(&cases, posterior, language), language).unwrap();
            assert!(svg.contains("A1 → A2") && svg.contains(">A5<"), "{svg}");
        }
    }

    #[test]
    fn questions_that_nothing_would_answer_are_refused() {
        #[derive(clap::Parser)]
        struct Typed {
            #[command(flatten)]
            chains: Chains,
        }
        let typed = |words: &str| {
            let words = format!("quell cases.csv --questions asked.csv {words}");
            <Typed as clap::Parser>::try_parse_from(words.split_whitespace()).unwrap().chains
        };
        for words in ["--table questions", "--format json", "--output all.json"] {
            assert!(typed(words).asks(), "{words}");
        }
        for words in ["", "--table people", "--table questions --format svg", "--output chains.svg"] {
            assert!(typed(words).run().unwrap_err().contains("--table questions or as JSON"), "{words}");
        }
    }

    /// The example of the manual page.
    #[test]
    fn the_example_finds_the_second_introduction() {
        let settings: Settings =
            config_of(serde_json::from_str(include_str!("../../../../docs/examples/chains.json")).unwrap())
                .unwrap();
        let cases = file_of(include_str!("../../../../docs/examples/chain-cases.csv"));
        let contacts = file_of(include_str!("../../../../docs/examples/chain-contacts.csv"));
        let cases = input::read(&cases, Some(&contacts), None, &settings).unwrap();
        let posterior = reconstructed(&cases, &settings).unwrap().posterior;
        println!("{}", report::links(&cases, &posterior).render(Format::Csv).unwrap());
        assert!(posterior.largest_r_hat() < 1.05, "{:#?}", posterior.measures);
        let of = |name: &str| cases.names.iter().position(|case| case == name).unwrap();
        assert_eq!(posterior.consensus[of("XB7")], None);
        assert_eq!(posterior.consensus[of("XB2")], Some(of("XB1")));
    }

    #[test]
    fn distances_count_in_either_model() {
        let distances = file_of(
            "case,A1,A2,A3,A4,A5\nA1,0,1,1,30,2\nA2,1,0,2,31,3\nA3,1,2,0,31,1\nA4,30,31,31,0,32\nA5,2,3,1,32,0\n",
        );
        for compatibility in ["none", "outbreaker2_1_1"] {
            let mut config = config();
            config["genome_length"] = json!(10_000);
            config["compatibility"] = json!(compatibility);
            let settings: Settings = config_of(config).unwrap();
            let cases = input::read(&file_of(CASES), None, Some(&distances), &settings).unwrap();
            assert_eq!(cases.evidence.distances.as_ref().unwrap().sites[0][1], Some(1));
            let posterior = reconstructed(&cases, &settings).unwrap().posterior;
            assert_eq!(posterior.consensus[4], Some(2), "{compatibility}");
            // Thirty sites from all others, and nobody looks for outliers in so few.
            let far = posterior.links.iter().find(|link| link.case == 3 && link.ancestor.is_none());
            assert_eq!(far.is_some_and(|link| link.support > 0.9), compatibility == "none");
        }
    }

    #[test]
    fn questions_from_a_file_keep_their_words() {
        let settings: Settings = config_of(config()).unwrap();
        let cases = input::read(&file_of(CASES), Some(&file_of(CONTACTS)), None, &settings).unwrap();
        let questions = file_of(
            "question,case,infector,sensitivity,specificity\ncamera of the lift,A5,A3,0.9,0.9\na coin,A5,A3,0.5,0.5\ntickets,A4,,0.9,1\nnobody,A5,A77,1,1\nno word,A5,unknown,1,1\n",
        );
        let found = reconstructed(&cases, &settings).unwrap();
        let told = found.ask_next(&cases, Some(&questions), &settings).unwrap().render(Format::Csv).unwrap();
        assert!(
            told.contains("camera of the lift")
                && told.contains("tickets")
                && !told.contains("nobody")
                && !told.contains("no word"),
            "{told}"
        );
        assert!(told.lines().last().unwrap().starts_with("3,a coin,0,"), "{told}");
        let wrong = file_of("question,case,infector,sensitivity\nx,A5,A3,2\n");
        assert!(found.ask_next(&cases, Some(&wrong), &settings).unwrap_err().contains("no probability"));
    }

    fn file_of(text: &str) -> Table {
        Table::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_makes_no_sense_is_named_with_a_way_out() {
        let refused = |key: &str, value: serde_json::Value| {
            let mut config = config();
            config[key] = value;
            read(config, CASES).err().unwrap_or_else(|| panic!("{key} was taken"))
        };
        assert!(refused("generation_time_mean", json!(null)).contains("`generation_time_mean` is missing"));
        assert!(refused("generation_time_sd", json!(0)).contains("give a mean and sd above 0"));
        assert!(refused("reliability", json!(1.0)).contains("below 1"));
        assert!(refused("max_kappa", json!(0)).contains("at least 1"));
        assert!(refused("draws", json!(1)).contains("at least 8"));
        assert!(refused("observed_until", json!("soon")).contains("which is no day"));
        assert!(refused("date", json!("onset")).contains("no column `onset`"));
        assert!(read(config(), "case,date\nA1,2022-01-01\n").err().unwrap().contains("too few"));
    }
}
