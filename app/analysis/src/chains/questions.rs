//! What to ask next: the questions whose answers would tell most, made from the draws or read from a file.

use super::input::Cases;
use super::settings::Settings;
use crate::account::RowAccount;
use crate::output::decimals;
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use trace::reconstruction::{
    Asking, Question, Reliability, Sample, Situation, Worth, open_questions, rank_questions,
};

/// A question beside the words it has in the file; without a file it has none.
pub struct Asked {
    words: Option<String>,
    question: Question,
}

/// More than anybody asks in a day.
const MOST_TOLD: usize = 50;

pub fn asked(
    cases: &Cases,
    situation: &Situation,
    sample: &Sample,
    file: Option<&Table>,
    settings: &Settings,
) -> Result<Vec<Asked>, String> {
    if let Some(table) = file {
        return read(table, cases, settings);
    }
    let reliability = Reliability {
        sensitivity: settings.ask_sensitivity,
        specificity: settings.ask_specificity,
        naming: settings.reliability,
    };
    let open = open_questions(situation, sample, &reliability);
    Ok(open.into_iter().map(|question| Asked { words: None, question }).collect())
}

/// Each row asks whether `infector` infected `case`, and whether it was infected elsewhere where no infector stands.
fn read(table: &Table, cases: &Cases, settings: &Settings) -> Result<Vec<Asked>, String> {
    let [words, case, infector] = ["question", "case", "infector"].map(|name| table.column(name));
    let (words, case, infector) = (words?, case?, infector?);
    let (sensitivity, specificity) = (table.optional("sensitivity")?, table.optional("specificity")?);
    let mut account = RowAccount::of(table);
    let mut asked = Vec::new();
    for row in table.rows() {
        // An empty cell means elsewhere; "unknown" is nobody on the list, and asks nothing.
        let by = match row.cell(infector).trim() {
            "" => Some(None),
            named => cases.place(named).map(Some),
        };
        let (Some(case), Some(by)) = (cases.place(row.cell(case)), by) else {
            account.left_out("somebody not on the list", format!("row {}", row.number));
            continue;
        };
        let share = |column, otherwise: f64| -> Result<f64, String> {
            let told = match column {
                Some(column) => number(table, row, column)?.unwrap_or(otherwise),
                None => otherwise,
            };
            if (0.0..=1.0).contains(&told) {
                Ok(told)
            } else {
                Err(format!("row {}: {told} is no probability; write a number from 0 to 1", row.number))
            }
        };
        let question = Question {
            asking: Asking::Infected { case, by },
            sensitivity: share(sensitivity, settings.ask_sensitivity)?,
            specificity: share(specificity, settings.ask_specificity)?,
        };
        account.used();
        asked.push(Asked { words: Some(row.cell(words).to_owned()), question });
    }
    account.print("questions");
    account.refuse_nothing("questions")?;
    Ok(asked)
}

pub fn sheet(cases: &Cases, sample: &Sample, asked: &[Asked]) -> Result<Sheet, String> {
    let mut ranked = Vec::new();
    for Asked { words, question } in asked {
        let worth = rank_questions(sample, &[*question]).map_err(|why| why.to_string())?;
        ranked.extend(worth.into_iter().map(|worth| (words, worth)));
    }
    // Of equal ones the first asked stays first.
    ranked.sort_by(|(_, a), (_, b)| b.bits.total_cmp(&a.bits));
    let mut sheet = Sheet::of(&["rank", "question", "bits", "case", "doubt_of_case", "bits_of_case", "yes"]);
    for (place, (words, worth)) in ranked.iter().take(MOST_TOLD).enumerate() {
        sheet.add(vec![
            (place + 1).into(),
            words.as_deref().map_or_else(|| in_words(cases, worth), str::to_owned).into(),
            rounded(worth.bits),
            cases.names[worth.case].as_str().into(),
            rounded(worth.doubt_of_case),
            rounded(worth.bits_of_case),
            rounded(worth.yes),
        ]);
    }
    Ok(sheet)
}

fn in_words(cases: &Cases, worth: &Worth) -> String {
    let name = |case: usize| cases.names[case].as_str();
    match worth.question.asking {
        Asking::Met { case, other } => format!("did {} and {} meet?", name(case), name(other)),
        Asking::Infected { case, by: None } => format!("was {} infected elsewhere?", name(case)),
        Asking::Infected { case, by: Some(by) } => format!("did {} infect {}?", name(by), name(case)),
        Asking::Named { case } => format!("whom does {} name?", name(case)),
    }
}

/// Draws of some thousand know no more.
fn rounded(value: f64) -> Cell {
    decimals(value, 3).into()
}
