//! `quell packs`: editions of protocols listed, read before they are used, told apart, and a length of watching from a disease pack.

use clap::{Args, Subcommand};
use packs::{Protocols, difference, shipped};

#[derive(Subcommand)]
pub enum PacksCommand {
    /// Every edition, the days it held, and the categories it follows
    List,
    /// What changes from one edition to another, value by value
    Diff(Diff),
    /// Read an edition of your own beside those that come with Quell, and say everything that is wrong with it
    Check(CheckFile),
    /// How many days leave no more than a chosen share of the infected to fall ill afterwards
    Length(Length),
}

#[derive(Args)]
pub struct Diff {
    /// Such as cn-covid-8
    old: String,
    /// Such as cn-covid-9
    new: String,
    #[arg(long, default_value = "en", value_parser = ["en", "zh"])]
    lang: String,
}

#[derive(Args)]
pub struct CheckFile {
    file: std::path::PathBuf,
}

#[derive(Args)]
pub struct Length {
    /// A disease pack, such as covid-19-omicron
    disease: String,
    /// The share that may fall ill afterwards
    #[arg(long, default_value_t = 0.05)]
    risk: f64,
    /// Days between the first and the last exposure
    #[arg(long, default_value_t = 0)]
    exposure_days: u16,
}

impl PacksCommand {
    pub fn run(self) -> Result<(), String> {
        match self {
            PacksCommand::List => list(),
            PacksCommand::Diff(diff) => diff.run(),
            PacksCommand::Check(check) => check.run(),
            PacksCommand::Length(length) => length.run(),
        }
    }
}

fn protocols() -> Result<Protocols, String> {
    shipped::protocols().map_err(|faults| faults.to_string())
}

fn list() -> Result<(), String> {
    let protocols = protocols()?;
    for edition in protocols.iter() {
        let day = |day: Option<base::Day>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
        let followed: Vec<&str> = edition.pathways.iter().map(|pathway| pathway.category.word()).collect();
        let followed = if followed.is_empty() { "nobody".to_owned() } else { followed.join(", ") };
        println!("{:<14} {} to {}  {}", edition.id, day(edition.from), day(edition.to), edition.en);
        println!("{:<14} follows {followed}", "");
    }
    Ok(())
}

impl Diff {
    fn run(self) -> Result<(), String> {
        let protocols = protocols()?;
        let edition = |id: &str| {
            protocols.by_id(id).ok_or_else(|| {
                let known: Vec<&str> = protocols.iter().map(|edition| edition.id.as_str()).collect();
                format!("there is no edition `{id}`; use one of: {}", known.join(", "))
            })
        };
        let (old, new) = (edition(&self.old)?, edition(&self.new)?);
        let told = difference(old, new);
        for one in &told {
            println!("{}", if self.lang == "zh" { &one.zh } else { &one.en });
        }
        let closing = match (self.lang.as_str(), told.len()) {
            ("zh", 0) => "两版完全相同".to_owned(),
            ("zh", number) => format!("共{number}处不同"),
            (_, 0) => "nothing differs".to_owned(),
            (_, number) => format!("{number} values differ"),
        };
        println!("{closing}");
        Ok(())
    }
}

impl CheckFile {
    fn run(self) -> Result<(), String> {
        let text = std::fs::read_to_string(&self.file).map_err(|fault| {
            format!("{} cannot be read: {fault}; name a file of text", self.file.display())
        })?;
        let name = self.file.display().to_string();
        let diseases = shipped::diseases().map_err(|faults| faults.to_string())?;
        // An edition of the same name is read instead of the one that comes with Quell.
        let own = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let others =
            shipped::PROTOCOLS.iter().copied().filter(|(known, _)| *known != format!("protocols/{own}"));
        let texts = others.chain([(name.as_str(), text.as_str())]);
        let read =
            Protocols::read(texts, shipped::EXPOSURES, &diseases).map_err(|faults| faults.to_string())?;
        println!("{name} is sound; {} editions read", read.iter().count());
        Ok(())
    }
}

impl Length {
    fn run(self) -> Result<(), String> {
        let diseases = shipped::diseases().map_err(|faults| faults.to_string())?;
        let disease = diseases.by_id(&self.disease).ok_or_else(|| {
            let known: Vec<&str> = diseases.iter().map(|disease| disease.id.as_str()).collect();
            format!("there is no disease pack `{}`; use one of: {}", self.disease, known.join(", "))
        })?;
        let told = followup::advise(disease, self.risk, self.exposure_days)
            .map_err(|refusal| refusal.to_string())?;
        println!(
            "{} days after the last exposure: of a thousand infected who fall ill, {:.1} do so later ({:.1} with a day less)",
            told.days,
            told.residual * 1000.0,
            told.residual_before * 1000.0
        );
        println!("incubation: {}", disease.incubation.source.trim());
        Ok(())
    }
}
