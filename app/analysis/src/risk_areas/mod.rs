//! `quell risk-areas`: published lists of risk areas, how long each place stayed on them, and how well the 9th edition's rules say when it
//! would be taken off.
//!
//! Deliberately absent: why a place was taken off early. The lists do not say.

mod history;
mod predict;
mod text;

use crate::output::{Output, decimals};
use crate::sheet::{Cell, Sheet};
use clap::Args;
use flate2::read::GzDecoder;
use history::{Episode, History, Level, read_history};
use predict::{Predicted, Predictor};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

#[derive(Args)]
pub struct RiskAreas {
    /// Lists as they stood, one JSON object a line (may be gzip): end_update_time, highlist, middlelist, lowlist, each with entries of
    /// city, county and communitys
    file: PathBuf,
    /// One line for each place and time on a list, not the summary
    #[arg(long)]
    each: bool,
    #[command(flatten)]
    output: Output,
}

/// Unpacked; a province's changes of half a year are 300 kB.
const LARGEST: u64 = 512 << 20;

impl RiskAreas {
    pub fn run(self) -> Result<(), String> {
        let name = self.file.display();
        let file =
            File::open(&self.file).map_err(|why| format!("cannot read {name}: {why}; check the path"))?;
        let history = read_history(unpacked(file)?).map_err(|why| format!("{name}: {why}"))?;
        history.print_account();
        let predictor = Predictor::ninth_edition()?;
        let told = predictor.predict(&history);
        told.print_left_out();
        let sheet = if self.each { each(&told.scored) } else { summary(&told.scored)? };
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn unpacked(file: File) -> Result<Box<dyn BufRead>, String> {
    let mut reader = BufReader::new(file);
    let packed = reader.fill_buf().map_err(|why| why.to_string())?.starts_with(&[0x1f, 0x8b]);
    Ok(if packed {
        Box::new(BufReader::new(GzDecoder::new(reader).take(LARGEST)))
    } else {
        Box::new(reader.take(LARGEST))
    })
}

fn each(scored: &[Predicted<'_>]) -> Sheet {
    let mut sheet = Sheet::of(&[
        "city",
        "county",
        "place",
        "part",
        "level",
        "from",
        "until",
        "listed_days",
        "after_high",
        "finds",
        "predicted_days",
        "error_days",
    ]);
    for one in scored {
        let Episode { place, level, from, until, .. } = one.episode;
        sheet.add(vec![
            Cell::from(place.city.as_str()),
            place.county.as_str().into(),
            place.head.as_str().into(),
            place.part.as_str().into(),
            level.word().into(),
            from.to_string().into(),
            until.map(|until| until.to_string()).into(),
            decimals(one.listed, 2).into(),
            one.after_high.into(),
            one.finds.into(),
            one.predicted.into(),
            decimals(one.error(), 2).into(),
        ]);
    }
    sheet
}

/// Of some places: how far the rules were off, and how far the one number would have been that fits these very places best.
fn summary(scored: &[Predicted<'_>]) -> Result<Sheet, String> {
    let mut sheet = Sheet::of(&[
        "places",
        "n",
        "median_listed",
        "engine_median_abs",
        "engine_mean_abs",
        "engine_within_1",
        "constant",
        "constant_median_abs",
        "constant_mean_abs",
        "constant_within_1",
    ]);
    type Chosen = fn(&Predicted<'_>) -> bool;
    let groups: [(&str, Chosen); 5] = [
        ("high", |one| one.episode.level == Level::High),
        ("medium", |one| one.episode.level == Level::Medium),
        ("medium, after high", |one| one.episode.level == Level::Medium && one.after_high),
        ("medium, from the start", |one| one.episode.level == Level::Medium && !one.after_high),
        ("all", |_| true),
    ];
    for (name, chosen) in groups {
        let of: Vec<&Predicted<'_>> = scored.iter().filter(|one| chosen(one)).collect();
        if of.is_empty() {
            continue;
        }
        let listed: Vec<f64> = of.iter().map(|one| one.listed).collect();
        let constant = predict::best_constant(&listed);
        let engine = Off::of(of.iter().map(|one| one.error()));
        let guess = Off::of(listed.iter().map(|days| constant - days));
        sheet.add(vec![
            name.into(),
            of.len().into(),
            decimals(predict::median(&listed), 2).into(),
            engine.median.into(),
            engine.mean.into(),
            engine.within_1.into(),
            constant.into(),
            guess.median.into(),
            guess.mean.into(),
            guess.within_1.into(),
        ]);
    }
    if sheet.rows.is_empty() {
        return Err(
            "no place came onto a list and left it within the file; give lists of more days".to_owned()
        );
    }
    Ok(sheet)
}

/// Days by which predictions were off.
struct Off {
    median: f64,
    mean: f64,
    within_1: f64,
}

impl Off {
    fn of(errors: impl Iterator<Item = f64>) -> Off {
        let off: Vec<f64> = errors.map(f64::abs).collect();
        let many = off.len() as f64;
        Off {
            median: decimals(predict::median(&off), 2),
            mean: decimals(off.iter().sum::<f64>() / many, 2),
            within_1: decimals(off.iter().filter(|days| **days <= 1.0).count() as f64 / many, 2),
        }
    }
}

impl History {
    fn print_account(&self) {
        let account = &self.account;
        eprintln!(
            "{} lists read, {} of them not understood; {} lines of text on them, {} different",
            account.lists, account.unread, account.lines, account.texts
        );
        eprintln!("  {} name several buildings: each is a place of its own", account.many);
        eprintln!(
            "  {} say a place but for something in it: one place, apart from what is taken out",
            account.except
        );
        eprintln!("  {} say a whole area (全域)", account.whole);
        eprintln!("{} times that a place came onto a list or changed its level", self.episodes.len());
    }
}
