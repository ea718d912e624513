//! The prevalence of each day behind its pools, and the size to use the day after.

use super::settings::Settings;
use super::{of_a_thousand, six_digits};
use crate::account::RowAccount;
use crate::column_days::{ColumnDays, Order};
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::{Column, Row, Table};
use base::Day;
use lab::{Advice, Compatibility, PoolResult, advise, estimate_prevalence};
use std::collections::BTreeMap;

/// Sizes tubes are made for.
const TUBES: [usize; 4] = [1, 5, 10, 20];

/// Further back is another prevalence.
const MOST_TOGETHER: usize = 366;

/// By site (blank for all) and day.
type Results = BTreeMap<(String, Day), Vec<PoolResult>>;

pub fn told(
    table: &Table,
    settings: &Settings,
    by_site: bool,
    dates: Option<Order>,
) -> Result<Sheet, String> {
    if settings.days_together == 0 {
        return Err("`days_together` is 0; give how many days count together, 1 or more".to_owned());
    }
    let results = read(table, by_site, dates)?;
    let (assay, households, wishes) = (settings.assay()?, settings.households()?, settings.wishes(TUBES));
    let mut sheet = Sheet::of(&[
        "day",
        "site",
        "people",
        "pools",
        "positive",
        "prevalence",
        "low",
        "high",
        "use_size",
        "cheapest_with_probability",
        "sensitivity",
        "tests_per_1000",
        "held_per_1000",
        "hours_held_per_1000",
        "cost_per_1000",
        "price_of_doubt_per_1000",
        "note",
    ]);
    let mut last = None;
    for (site, day) in results.keys() {
        let first = *day - (settings.days_together.min(MOST_TOGETHER) as i32 - 1);
        let counted = by_size(
            results.range((site.clone(), first)..=(site.clone(), *day)).flat_map(|(_, results)| results),
        );
        let at = |why: lab::LabError| format!("{day} {site}: {why}");
        let estimate = estimate_prevalence(
            &counted,
            &assay,
            households,
            settings.point,
            settings.interval,
            settings.level,
            Compatibility::None,
        )
        .map_err(at)?;
        let advice = advise(&counted, &assay, households, &wishes, settings.level).map_err(at)?;
        let best = *advice.best();
        let people: u64 = counted.iter().map(|result| result.size as u64 * result.pools).sum();
        let (pools, positive): (u64, u64) = counted
            .iter()
            .fold((0, 0), |(pools, positive), one| (pools + one.pools, positive + one.positive));
        let note = estimate.too_few_for_specificity.map(|chance| {
            format!("so few positive pools have a chance of {chance:.1e} with this specificity; it is better than stated")
        });
        sheet.add(vec![
            day.to_string().into(),
            Some(site.as_str()).filter(|site| !site.is_empty()).into(),
            (people as usize).into(),
            (pools as usize).into(),
            (positive as usize).into(),
            six_digits(estimate.estimate),
            six_digits(estimate.low),
            six_digits(estimate.high),
            best.size.into(),
            six_digits(best.cheapest),
            six_digits(best.sensitivity),
            of_a_thousand(best.tests),
            of_a_thousand(best.held),
            of_a_thousand(best.hours_held),
            of_a_thousand(best.cost),
            of_a_thousand(advice.price_of_doubt),
            note.map_or(Cell::Nothing, Cell::from),
        ]);
        last = Some((*day, advice));
    }
    // With many sites the lines themselves are the answer.
    if let Some((day, advice)) = last.filter(|_| !by_site) {
        say(day, &advice);
    }
    Ok(sheet)
}

/// Rows of one size are one: what is reckoned for each row is then reckoned once for each size.
fn by_size<'a>(results: impl Iterator<Item = &'a PoolResult>) -> Vec<PoolResult> {
    let mut sizes: BTreeMap<usize, PoolResult> = BTreeMap::new();
    for one in results {
        let all = sizes.entry(one.size).or_insert(PoolResult { size: one.size, pools: 0, positive: 0 });
        all.pools += one.pools;
        all.positive += one.positive;
    }
    sizes.into_values().collect()
}

/// What an officer takes away from it.
fn say(day: Day, advice: &Advice) {
    let best = advice.best();
    let how =
        if best.size == 1 { "test everybody alone".to_owned() } else { format!("pools of {}", best.size) };
    eprintln!("after {day}: {how}; the cheapest with {:.0} %", 100.0 * best.cheapest);
    for offered in &advice.sizes {
        eprintln!(
            "  size {}: {:.1} tests, {:.1} held, costs {:.2} per 1,000; sensitivity {:.3}{}",
            offered.size,
            1_000.0 * offered.tests,
            1_000.0 * offered.held,
            1_000.0 * offered.cost,
            offered.sensitivity,
            if offered.sensitive_enough { "" } else { ", too low" }
        );
    }
}

fn read(table: &Table, by_site: bool, dates: Option<Order>) -> Result<Results, String> {
    let day = table.column("day").or_else(|why| table.column("date").map_err(|_| why))?;
    let days = ColumnDays::of(table, day, dates)?;
    let (size, pools, positive) =
        (table.column("pool_size")?, table.column("pools")?, table.column("positive")?);
    let site = if by_site { Some(table.column("site")?) } else { None };
    let mut account = RowAccount::of(table);
    let mut results = Results::new();
    for row in table.rows() {
        let read = [whole(table, row, size)?, whole(table, row, pools)?, whole(table, row, positive)?];
        let on = days.day(row);
        let ([Some(size), Some(pools), Some(positive)], Ok(Some(day))) = (read, &on) else {
            let why = if matches!(on, Ok(Some(_))) { "a number is blank" } else { "no day" };
            account.left_out(why, format!("row {}", row.number));
            continue;
        };
        if positive > pools {
            return Err(format!(
                "row {}: `positive` is {positive} of {pools} pools; no more can be positive than were read",
                row.number
            ));
        }
        account.used();
        if pools == 0 {
            continue;
        }
        let site = site.map_or("", |column| row.cell(column)).to_owned();
        let result = PoolResult { size: size as usize, pools, positive };
        results.entry((site, *day)).or_default().push(result);
    }
    account.print("rows of pools");
    account.refuse_nothing("rows of pools")?;
    if results.is_empty() {
        return Err("no pool was read on any day; `pools` needs a number above 0".to_owned());
    }
    Ok(results)
}

fn whole(table: &Table, row: &Row, column: Column) -> Result<Option<u64>, String> {
    match number(table, row, column)? {
        None => Ok(None),
        Some(value) if value >= 0.0 && value.fract() == 0.0 && value <= 1e9 => Ok(Some(value as u64)),
        Some(value) => Err(format!(
            "row {}: `{}` is {value}; give a whole number from 0 to a thousand million",
            row.number,
            table.name(column)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(text: &str, settings: &str, by_site: bool) -> Result<Sheet, String> {
        let settings: Settings = serde_json::from_str(settings).unwrap();
        told(&Table::parse(text.as_bytes()).unwrap(), &settings, by_site, None)
    }

    fn column(sheet: &Sheet, name: &str) -> Vec<String> {
        let place = sheet.columns.iter().position(|column| *column == name).unwrap();
        sheet.rows.iter().map(|row| row[place].text()).collect()
    }

    const TWO_SITES: &str = "day,site,pool_size,pools,positive\n\
        2022-03-02,north,10,100,2\n2022-03-02,south,20,50,0\n2022-03-03,north,10,80,1\n2022-03-03,south,10,NA,\n";

    #[test]
    fn a_day_is_the_sum_of_its_sites_unless_they_are_asked_for() {
        let days = told_of(TWO_SITES, "{}", false).unwrap();
        assert_eq!(
            (column(&days, "day"), column(&days, "people")),
            (
                vec!["2022-03-02".to_owned(), "2022-03-03".to_owned()],
                vec!["2000".to_owned(), "800".to_owned()],
            )
        );
        let sites = told_of(TWO_SITES, "{}", true).unwrap();
        assert_eq!(column(&sites, "site"), ["north", "north", "south"]);
        let together = told_of(TWO_SITES, r#"{"days_together": 2}"#, true).unwrap();
        assert_eq!(column(&together, "pools"), ["100", "180", "50"]);
    }

    #[test]
    fn rows_of_one_size_are_one_however_many_they_are() {
        let of = |rows: &str| {
            told_of(&format!("day,pool_size,pools,positive\n{rows}"), r#"{"interval": "CP"}"#, false).unwrap()
        };
        let apart = of("2022-03-02,10,60,1\n2022-03-02,10,30,0\n2022-03-02,10,10,1\n");
        assert_eq!(apart, of("2022-03-02,10,100,2\n"));
        let many: Vec<PoolResult> =
            [10, 5, 10].map(|size| PoolResult { size, pools: 3, positive: 1 }).to_vec();
        let merged: Vec<_> =
            by_size(many.iter()).iter().map(|one| (one.size, one.pools, one.positive)).collect();
        assert_eq!(merged, [(5, 3, 1), (10, 6, 2)]);
    }

    #[test]
    fn rows_that_cannot_be_are_refused_by_their_number() {
        for (row, why) in [
            ("2022-03-02,10,50,51", "row 2: `positive` is 51 of 50 pools"),
            ("2022-03-02,10,50.5,1", "row 2: `pools` is 50.5; give a whole number"),
            ("2022-03-02,1000000,50,1", "`pool_size` is 1000000; give the people of one pool"),
            ("2022-03-02,10,-1,0", "row 2: `pools` is -1"),
            ("2022-03-02,10,0,0", "no pool was read"),
            ("2022-03-02,10,,", "no row could be used"),
        ] {
            let told = told_of(&format!("day,pool_size,pools,positive\n{row}\n"), "{}", false).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_laboratory_that_mixes_must_say_its_ct_values() {
        for (settings, why) in [
            (r#"{"ct_limit": 38}"#, "`ct_mean` is missing"),
            (r#"{"ct_mean": 27, "ct_sd": 6}"#, "`ct_limit` is missing"),
            (r#"{"ct_mean": 27, "ct_sd": 6, "ct": [30], "ct_limit": 38}"#, "both given"),
            (r#"{"household_size": 0}"#, "`household_size` is 0"),
            (r#"{"days_together": 0}"#, "`days_together` is 0"),
        ] {
            let told = told_of(TWO_SITES, settings, false).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
