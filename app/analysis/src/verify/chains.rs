//! Chains beside R packages outbreaker2, epicontacts and MASS: the likelihood of an ancestry, ancestries themselves, contacts
//! counted, offspring fitted.

use super::case::Case;
use super::compare::{Checked, Tolerance, compare};
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use base::{Day, Streams};
use std::collections::BTreeMap;
use trace::ContactGraph;
use trace::reconstruction::{
    Ancestry, Compatibility, Contacts, DelayDays, Distances, Evidence, Model, Posterior, Rates, Run,
    Situation, sample,
};

pub fn check(case: &Case) -> Result<Vec<Checked>, String> {
    match case.family.as_str() {
        "outbreaker2_likelihood" => check_likelihood(case),
        "outbreaker2" => check_ancestry(case),
        "epicontacts" => check_contacts(case),
        _ => check_offspring(case),
    }
}

/// Every row of a table, the named columns as numbers; what is no number is NaN.
fn numbers<const N: usize>(table: &Table, names: [&str; N]) -> Result<Vec<[f64; N]>, String> {
    let columns = names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    table
        .rows()
        .iter()
        .map(|row| {
            let mut values = [f64::NAN; N];
            for (value, column) in values.iter_mut().zip(&columns) {
                *value = number(table, row, *column)?.unwrap_or(f64::NAN);
            }
            Ok(values)
        })
        .collect()
}

/// Cases count from 1 in the files of the peer; `None` for NA.
fn place(case: f64) -> Option<usize> {
    (case >= 1.0).then(|| case as usize - 1)
}

fn delay_of(case: &Case, file: &str) -> Result<DelayDays, String> {
    let mut shares = Vec::new();
    for [days, share] in numbers(&case.table(file)?, ["days", "prob"])? {
        shares.resize((days as usize + 1).max(shares.len()), 0.0);
        shares[days as usize] = share;
    }
    DelayDays::of(shares, "delay").map_err(|why| format!("{file}: {why}"))
}

fn distances_of(case: &Case, cases: usize) -> Result<Option<Distances>, String> {
    if !case.has("snp_distance.csv") {
        return Ok(None);
    }
    let table = case.table("snp_distance.csv")?;
    let names: Vec<String> = (1..=cases).map(|case| case.to_string()).collect();
    let columns = names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>()?;
    let mut sites = Vec::new();
    for row in table.rows() {
        let cells = columns.iter().map(|column| Ok(number(&table, row, *column)?.map(|sites| sites as u32)));
        sites.push(cells.collect::<Result<Vec<_>, String>>()?);
    }
    Ok(Some(Distances { genome_length: case.number("genome_length")? as usize, sites }))
}

/// The peer's ancestries were sampled with contacts, but their files hold rows of NA: those of the likelihood of the same data
/// are the records meant.
fn contacts_of(case: &Case) -> Result<Option<Contacts>, String> {
    if !case.has("contacts.csv") {
        return Ok(None);
    }
    let read = |table: &Table| -> Result<Vec<(usize, usize)>, String> {
        let rows = numbers(table, ["from", "to"])?;
        Ok(rows.into_iter().filter_map(|[from, to]| Some((place(from)?, place(to)?))).collect())
    };
    let mut records = read(&case.table("contacts.csv")?)?;
    if records.is_empty() {
        let beside = case.id.replace("outbreaker2__", "outbreaker2_like__");
        records = read(&case.beside(&beside, "contacts.csv")?)?;
    }
    Ok(Some(Contacts { records, directed: case.params["directed_contacts"] == true }))
}

fn situation_of(case: &Case) -> Result<Situation, String> {
    let days: Vec<i32> =
        numbers(&case.table("cases.csv")?, ["date"])?.into_iter().map(|[day]| day as i32).collect();
    let evidence = Evidence {
        distances: distances_of(case, days.len())?,
        contacts: contacts_of(case)?,
        days,
        ..Evidence::default()
    };
    let model = Model {
        compatibility: Compatibility::Outbreaker2,
        ..Model::of(delay_of(case, "generation_time.csv")?, delay_of(case, "incubation.csv")?)
    };
    Situation::of(evidence, &model).map_err(|why| why.to_string())
}

fn check_likelihood(case: &Case) -> Result<Vec<Checked>, String> {
    let situation = situation_of(case)?;
    let rows = numbers(&case.table("trees.csv")?, ["state", "ancestor", "t_inf", "kappa"])?;
    const TERMS: [&str; 7] =
        ["like", "timing_infections", "timing_sampling", "genetic", "reporting", "contact", "prior"];
    let mut got = Sheet::of(&[&["state"], TERMS.as_slice()].concat());
    for [state, mutation, reporting, within, elsewhere] in
        numbers(&case.table("states.csv")?, ["state", "mu", "pi", "eps", "lambda"])?
    {
        let tree: Vec<_> = rows.iter().filter(|row| row[0] == state).collect();
        let ancestry = Ancestry {
            ancestor: tree.iter().map(|row| place(row[1])).collect(),
            infected: tree.iter().map(|row| row[2] as i32).collect(),
            generations: tree.iter().map(|row| if row[3] >= 1.0 { row[3] as usize } else { 1 }).collect(),
        };
        let rates = Rates {
            mutation,
            reporting,
            contact_within: within,
            contact_elsewhere: elsewhere,
            reproduction: 1.0,
            dispersion: 1.0,
            introductions: 1.0,
            diversity: 1.0,
            shared_source: 0.1,
        };
        let told = situation.log_likelihood(&ancestry, &rates);
        let terms = [told.sum(), told.infections, told.sampling, told.genetic, told.reporting, told.contact];
        let mut row: Vec<Cell> = vec![state.into()];
        row.extend(terms.map(Cell::from));
        row.push(situation.log_prior(&rates).into());
        got.add(row);
    }
    let expected = case.table("expected.csv")?;
    let tolerance = Tolerance::stated(case, "like")?;
    TERMS.iter().map(|term| compare(&expected, &got, &["state"], term, tolerance)).collect()
}

/// Enough for the figures of a case to stand still.
const RUN: Run = Run { chains: 4, warm_up: 300, draws: 600, every: 2 };

fn check_ancestry(case: &Case) -> Result<Vec<Checked>, String> {
    let situation = situation_of(case)?;
    let drawn = sample(&situation, &RUN, &Streams::seeded(1)).map_err(|why| why.to_string())?;
    let posterior = Posterior::of(&situation, &drawn);
    let mut checked = vec![check_accuracy(case, &posterior)?, check_agreement(case, &posterior)?];
    checked.extend(check_rates(case, &drawn)?);
    let r_hat = posterior.largest_r_hat();
    checked.push(Checked::by("largest R-hat", posterior.measures.len(), r_hat, "below 1.05", r_hat < 1.05));
    Ok(checked)
}

/// "not below the peer's minus 2 cases"; of its seeds, the best.
fn check_accuracy(case: &Case, posterior: &Posterior) -> Result<Checked, String> {
    let truth = numbers(&case.table("truth.csv")?, ["case", "true_ancestor"])?;
    let theirs = numbers(&case.table("expected_accuracy.csv")?, ["correct"])?;
    let theirs = theirs.into_iter().map(|[correct]| correct).fold(0.0, f64::max);
    let known = truth.iter().filter_map(|[of, ancestor]| Some((place(*of)?, place(*ancestor)?)));
    let right = known.filter(|(of, ancestor)| posterior.consensus[*of] == Some(*ancestor)).count() as f64;
    let told = format!("{right} right, peer {theirs}: not below it minus 2");
    Ok(Checked::by("accuracy", truth.len(), theirs - right, told, right >= theirs - 2.0))
}

/// ">= between_seed_agreement - 0.1": the consensus beside that of the seed that is nearest.
fn check_agreement(case: &Case, posterior: &Posterior) -> Result<Checked, String> {
    let mut same: BTreeMap<u64, usize> = BTreeMap::new();
    for [seed, of, ancestor] in numbers(&case.table("expected_tree.csv")?, ["seed", "case", "ancestor"])? {
        let of = place(of).ok_or("expected_tree.csv: a row names no case")?;
        *same.entry(seed as u64).or_insert(0) += usize::from(posterior.consensus[of] == place(ancestor));
    }
    let cases = posterior.consensus.len();
    let share = same.into_values().max().unwrap_or(0) as f64 / cases as f64;
    let least = case.number("between_seed_agreement")? - 0.1;
    let told = format!("{share:.3}, at least {least:.3}");
    Ok(Checked::by("consensus_agreement", cases, 1.0 - share, told, share >= least))
}

/// "posterior mean within 2 sd", of either seed: they differ by more than that where a chain of theirs was caught. What the
/// peer did not estimate has sd 0 there.
fn check_rates(case: &Case, drawn: &trace::reconstruction::Sample) -> Result<Vec<Checked>, String> {
    let table = case.table("expected_params.csv")?;
    let name = table.column("param")?;
    let rows = numbers(&table, ["mean", "sd"])?;
    let draws: Vec<_> = drawn.chains.iter().flatten().collect();
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for (row, [mean, sd]) in table.rows().iter().zip(rows) {
        let param = row.cell(name);
        if sd == 0.0 {
            continue;
        }
        let sum: f64 = draws
            .iter()
            .map(|draw| match param {
                "mu" => draw.rates.mutation,
                "pi" => draw.rates.reporting,
                "eps" => draw.rates.contact_within,
                "lambda" => draw.rates.contact_elsewhere,
                _ => draw.log_outbreaker2,
            })
            .sum();
        let apart = (sum / draws.len() as f64 - mean).abs() / sd;
        let nearest = least.entry(param).or_insert(f64::INFINITY);
        *nearest = nearest.min(apart);
    }
    let checked = |(param, apart): (&str, f64)| Checked::by(param, 1, apart, "2 sd", apart <= 2.0);
    Ok(least.into_iter().map(checked).collect())
}

fn check_contacts(case: &Case) -> Result<Vec<Checked>, String> {
    let (list, contacts) = (case.table("linelist.csv")?, case.table("contacts.csv")?);
    let (id, date) = (list.column("id")?, list.column("date")?);
    let (from, to) = (contacts.column("from")?, contacts.column("to")?);
    let links = contacts.rows().iter().map(|row| (row.cell(from), row.cell(to)));
    let graph = ContactGraph::new(list.rows().iter().map(|row| row.cell(id)), links.clone());

    let exact = Tolerance::Exact;
    let (clusters, sizes) = (graph.clusters(), graph.cluster_sizes());
    let mut degrees = Sheet::of(&["id", "in_degree", "out_degree"]);
    let mut members = Sheet::of(&["id", "cluster_size"]);
    for (node, key) in graph.keys().iter().enumerate() {
        degrees.add(vec![(*key).into(), graph.in_degree(node).into(), graph.out_degree(node).into()]);
        members.add(vec![(*key).into(), sizes[clusters[node]].into()]);
    }
    let mut of_size = Sheet::of(&["size", "clusters"]);
    let mut tally: BTreeMap<usize, usize> = BTreeMap::new();
    for size in sizes {
        *tally.entry(size).or_default() += 1;
    }
    for (size, clusters) in tally {
        of_size.add(vec![size.into(), clusters.into()]);
    }
    let days: BTreeMap<&str, Day> =
        list.rows().iter().filter_map(|row| Some((row.cell(id), row.cell(date).parse().ok()?))).collect();
    let mut pairs = Sheet::of(&["from", "to", "serial_interval"]);
    for (from, to) in links {
        let days = days.get(from).zip(days.get(to)).map(|(from, to)| f64::from(*to - *from));
        pairs.add(vec![from.into(), to.into(), days.into()]);
    }
    let degree = case.table("expected_degree.csv")?;
    Ok(vec![
        compare(&degree, &degrees, &["id"], "in_degree", exact)?,
        compare(&degree, &degrees, &["id"], "out_degree", exact)?,
        compare(&case.table("expected_cluster_sizes.csv")?, &of_size, &["size"], "clusters", exact)?,
        compare(&case.table("expected_members.csv")?, &members, &["id"], "cluster_size", exact)?,
        compare(&case.table("expected_serial.csv")?, &pairs, &["from", "to"], "serial_interval", exact)?,
    ])
}

fn check_offspring(case: &Case) -> Result<Vec<Checked>, String> {
    let counts: Vec<u32> = numbers(&case.table("offspring.csv")?, ["secondary_cases"])?
        .into_iter()
        .map(|[many]| many as u32)
        .collect();
    let fit = stats::estimate_offspring(&counts).ok_or("offspring.csv holds no case")?;
    const NAMES: [&str; 6] = ["R", "k", "loglik", "se_R", "se_k", "share_top20"];
    let values = [Some(fit.mean), fit.k, fit.log_likelihood, fit.mean_se, fit.k_se, fit.share_top_20];
    let expected = case.table("expected.csv")?;
    let wanted = numbers(&expected, NAMES)?;
    let [wanted] = wanted.as_slice() else { return Err("expected.csv has more than one row".to_owned()) };
    NAMES
        .iter()
        .zip(values)
        .zip(wanted)
        .map(|((name, got), wanted)| {
            // The case states none for the errors, which its optimiser tells to two digits, nor for the share, a plain count.
            let tolerance = match *name {
                "se_R" => Tolerance::Relative(1e-3),
                "se_k" => Tolerance::Relative(1e-2),
                "share_top20" => Tolerance::Relative(1e-12),
                stated => Tolerance::stated(case, stated)?,
            };
            let got = got.unwrap_or(f64::NAN);
            let apart = tolerance.difference(*wanted, got);
            Ok(Checked::by(name, 1, apart, tolerance.to_string(), tolerance.allows(*wanted, got)))
        })
        .collect()
}
