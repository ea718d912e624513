//! What is written of a reconstruction.

use super::LEAST_SUPPORT;
use super::input::Cases;
use crate::output::{Format, two_decimals};
use crate::sheet::{Cell, Sheet};
use base::Day;
use serde_json::{Value, json};
use trace::reconstruction::Posterior;

/// Chains that agree less should run longer.
const MOST_R_HAT: f64 = 1.05;
const FEWEST_EFFECTIVE: f64 = 100.0;

/// On standard error: the figures an investigator asks for first, and whether they can be trusted.
pub fn tell(posterior: &Posterior) {
    let interval = |name: &str| {
        posterior.measure(name).map(|m| {
            format!("{} ({} to {})", two_decimals(m.median), two_decimals(m.low), two_decimals(m.high))
        })
    };
    for (name, words) in [
        ("introductions", "introductions"),
        ("reproduction", "reproduction number"),
        ("dispersion", "dispersion k"),
        ("serial_interval_mean", "serial interval, days"),
    ] {
        if let Some(told) = interval(name) {
            eprintln!("{words}: {told}");
        }
    }
    let (r_hat, effective) = (posterior.largest_r_hat(), posterior.least_effective());
    eprintln!(
        "{} draws, worth at least {effective:.0} independent ones; largest R-hat {r_hat:.3}",
        posterior.draws
    );
    if r_hat > MOST_R_HAT || effective < FEWEST_EFFECTIVE {
        eprintln!(
            "the chains do not agree yet; raise `warm_up` and `every` in --config, twice as high to begin with"
        );
    }
}

fn day_text(number: f64) -> Cell {
    Day::from_number(number.round() as i32).map(|day| day.to_string()).into()
}

pub fn links(cases: &Cases, posterior: &Posterior) -> Sheet {
    let mut sheet = Sheet::of(&["case", "infector", "support", "direct", "chains_apart", "consensus"]);
    for link in posterior.links.iter().filter(|link| link.support >= LEAST_SUPPORT) {
        sheet.add(vec![
            cases.names[link.case].as_str().into(),
            link.ancestor.map(|ancestor| cases.names[ancestor].as_str()).into(),
            link.support.into(),
            link.ancestor.map(|_| link.direct).into(),
            link.chains_apart.into(),
            (posterior.consensus[link.case] == link.ancestor).into(),
        ]);
    }
    sheet
}

pub fn people(cases: &Cases, posterior: &Posterior) -> Sheet {
    let mut sheet = Sheet::of(&[
        "case",
        "infected_low",
        "infected",
        "infected_high",
        "generation_low",
        "generation",
        "generation_high",
        "infected_others",
        "infected_others_low",
        "infected_others_high",
    ]);
    for person in &posterior.people {
        let mut row: Vec<Cell> = vec![cases.names[person.case].as_str().into()];
        row.extend(person.infected.map(day_text));
        row.extend(person.generation.map(Cell::from));
        row.extend(person.infected_others.map(Cell::from));
        sheet.add(row);
    }
    sheet
}

pub fn weeks(posterior: &Posterior) -> Sheet {
    let mut sheet = Sheet::of(&["first_day", "people", "reproduction", "low", "high", "note"]);
    for week in &posterior.weeks {
        let mut row = vec![day_text(f64::from(week.first_day)), week.people.into()];
        row.extend((0..3).map(|place| Cell::from(week.reproduction.map(|three| three[place]))));
        row.push(if week.incomplete { "incomplete" } else { "" }.into());
        sheet.add(row);
    }
    sheet
}

pub fn measures(posterior: &Posterior) -> Sheet {
    let mut sheet = Sheet::of(&["measure", "mean", "sd", "low", "median", "high", "r_hat", "effective"]);
    for measure in &posterior.measures {
        sheet.add(vec![
            measure.name.into(),
            measure.mean.into(),
            measure.sd.into(),
            measure.low.into(),
            measure.median.into(),
            measure.high.into(),
            measure.convergence.map(|found| found.r_hat).into(),
            measure.convergence.map(|found| found.effective).into(),
        ]);
    }
    sheet
}

pub fn everything(cases: &Cases, posterior: &Posterior, ask_next: &Sheet) -> Value {
    let rows = |sheet: &Sheet| -> Value {
        serde_json::from_str(&sheet.render(Format::Json).unwrap_or_default()).unwrap_or_default()
    };
    json!({
        "draws": posterior.draws,
        "largest_r_hat": posterior.largest_r_hat(),
        "least_effective": posterior.least_effective(),
        "links": rows(&links(cases, posterior)),
        "people": rows(&people(cases, posterior)),
        "weeks": rows(&weeks(posterior)),
        "measures": rows(&measures(posterior)),
        "ask_next": rows(ask_next),
    })
}
