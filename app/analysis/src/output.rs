//! Where a result goes and in which form.

use super::language::Language;
use clap::{Args, ValueEnum};
use std::io::{ErrorKind, Write};
use std::{fs, path::Path, path::PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Json,
    Svg,
}

#[derive(Args)]
pub struct Output {
    /// Form of the result [default: by the ending of --output, otherwise csv]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// File to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language of the chart
    #[arg(long, value_enum, default_value = "en")]
    pub language: Language,
}

impl Output {
    pub fn format(&self) -> Format {
        let ending = self.output.as_deref().and_then(Path::extension).and_then(|e| e.to_str());
        self.format.unwrap_or(match ending {
            Some("json") => Format::Json,
            Some("svg") => Format::Svg,
            _ => Format::Csv,
        })
    }

    /// `input` is the list the result came from: it is never written over.
    pub fn write(&self, text: &str, input: &Path) -> Result<(), String> {
        let Some(path) = &self.output else { return print(text) };
        if let (Ok(a), Ok(b)) = (path.canonicalize(), input.canonicalize())
            && a == b
        {
            return Err(format!("{} is the list itself; give another --output", path.display()));
        }
        fs::write(path, text).map_err(|why| format!("cannot write {}: {why}", path.display()))
    }
}

/// A reader that closes early (`| head`) has what it wanted.
fn print(text: &str) -> Result<(), String> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write the result: {why}")),
        _ => Ok(()),
    }
}

/// Rows as CSV text, quoted where needed.
pub fn csv_text(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|why| why.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|why| why.to_string())?;
    String::from_utf8(bytes).map_err(|why| why.to_string())
}

pub fn json_text(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Digits that count, so many of them: more would be a pretence. What is no number stays none.
pub fn digits(value: f64, many: usize) -> f64 {
    if value.is_finite() { format!("{value:.*e}", many - 1).parse().unwrap_or(value) } else { value }
}

/// So many digits behind the point.
pub fn decimals(value: f64, many: i32) -> f64 {
    let unit = 10.0_f64.powi(many);
    (value * unit).round() / unit
}

/// Two decimals: onsets are known to the day, so more would be a pretence. JSON keeps them all.
pub fn two_decimals(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { String::new() }
}
