//! `quell links`: who the free text of a plain list names as the source of whom.

use super::account::RowAccount;
use super::chain_chart::chain_svg;
use super::column_days::{ColumnDays, Order};
use super::output::{Format, Output, csv_text, json_text};
use super::table::{Column, Table};
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use trace::{Candidate, ContactGraph, KnownIds, Telling};

#[derive(Args)]
pub struct Links {
    /// The list, as CSV
    file: PathBuf,
    /// Column with the case number
    #[arg(long, value_name = "COLUMN")]
    id: String,
    /// Column with the words about the source of infection
    #[arg(long, value_name = "COLUMN")]
    text: String,
    /// Column with the day of onset; it tells which of several named sources fell ill first
    #[arg(long, value_name = "COLUMN")]
    onset: Option<String>,
    /// Order of day and month where the column itself does not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

impl Links {
    pub fn run(self) -> Result<(), String> {
        let table = Table::read(&self.file)?;
        let (id, text) = (table.column(&self.id)?, table.column(&self.text)?);
        let onset = self.onset.as_deref().map(|name| table.column(name)).transpose()?;
        let onset = onset.map(|column| ColumnDays::of(&table, column, self.dates)).transpose()?;

        let mut account = RowAccount::of(&table);
        let tellings = tellings(&table, id, text, onset.as_ref(), &mut account);
        account.refuse_nothing("cases")?;
        let known = KnownIds::new(tellings.iter().map(|telling| telling.case_no));
        let candidates = trace::candidate_links(&tellings, &known);
        account.print("cases");
        let graph = ContactGraph::new(
            tellings.iter().map(|telling| telling.case_no),
            candidates.iter().map(|link| (link.infector.as_str(), link.infectee.as_str())),
        );
        eprintln!("{}", picture(&graph));
        let result = match self.output.format() {
            Format::Csv => csv_text(csv_rows(&candidates))?,
            Format::Json => json_text(&json(&candidates, &graph)),
            Format::Svg => chain_svg(&candidates, self.output.language)?,
        };
        self.output.write(&result, &self.file)
    }
}

/// One telling per case number; a repeated number is left out and counted, because its text would be read
/// twice.
fn tellings<'a>(
    table: &'a Table,
    id: Column,
    text: Column,
    onset: Option<&ColumnDays>,
    account: &mut RowAccount,
) -> Vec<Telling<'a>> {
    let mut seen = BTreeSet::new();
    let mut tellings = Vec::new();
    for row in table.rows() {
        let Some(case_no) = row.says(id) else {
            account.left_out("no case number", format!("row {}", row.number));
            continue;
        };
        if !seen.insert(case_no.to_lowercase()) {
            account.left_out("case number repeated", format!("row {} {case_no}", row.number));
            continue;
        }
        let day = onset.map_or(Ok(None), |onset| onset.day(row)).unwrap_or_else(|why| {
            eprintln!("onset left unknown: {why}");
            None
        });
        account.used();
        tellings.push(Telling { case_no, text: row.cell(text), onset: day });
    }
    tellings
}

/// The counts an investigator asks for first.
fn picture(graph: &ContactGraph<&str>) -> String {
    let largest = graph.cluster_sizes().into_iter().max().unwrap_or(0);
    let rings: Vec<String> = graph
        .rings()
        .iter()
        .map(|ring| ring.iter().map(|node| graph.keys()[*node]).collect::<Vec<_>>().join(" ↔ "))
        .collect();
    let named_each_other =
        if rings.is_empty() { String::new() } else { format!("; named in a ring: {}", rings.join(", ")) };
    format!(
        "{} candidate links; {} cases name no source; {} links lead to a number that is not on the list; largest \
         cluster {largest}{named_each_other}",
        graph.links().len(),
        graph.open_ends().len(),
        graph.dangling().len(),
    )
}

fn json(candidates: &[Candidate], graph: &ContactGraph<&str>) -> serde_json::Value {
    let name = |node: &usize| graph.keys()[*node];
    let rings: Vec<Vec<&str>> = graph.rings().iter().map(|ring| ring.iter().map(name).collect()).collect();
    json!({
        "candidates": candidates,
        "open_ends": graph.open_ends().iter().map(name).collect::<Vec<_>>(),
        "dangling": graph.dangling().len(),
        "rings": rings,
        "cluster_sizes": graph.cluster_sizes(),
    })
}

fn csv_rows(candidates: &[Candidate]) -> Vec<Vec<String>> {
    const HEADER: [&str; 10] = [
        "infectee",
        "infector",
        "infector_listed",
        "relation",
        "form",
        "infectee_onset",
        "infector_onset",
        "days",
        "earliest",
        "said",
    ];
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for link in candidates {
        let day = |day: Option<base::Day>| day.map(String::from).unwrap_or_default();
        let days = link.infectee_onset.zip(link.infector_onset).map(|(a, b)| (a - b).to_string());
        rows.push(vec![
            link.infectee.clone(),
            link.infector.clone(),
            link.listed.to_string(),
            link.relation.map_or("", trace::Relation::word).to_owned(),
            link.form.word().to_owned(),
            day(link.infectee_onset),
            day(link.infector_onset),
            days.unwrap_or_default(),
            link.earliest.to_string(),
            link.said.clone(),
        ]);
    }
    rows
}
