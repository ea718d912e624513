//! Pages of the case list with a million people loaded (200,000 cases, 800,000 contacts): the first page and the five after
//! it, by key, for a county, a prefecture and the whole nation, as the view answers and as HTTP delivers; beside one row
//! read by its primary key, the least any answer costs. Then the situation page's figures.

use base::Territory;
use benches::{Loaded, PASSWORD, Program, Target, Times, Visitor, or_stop, ratio, tell};
use rooms::cases::views::{Filter, case_list};
use serde_json::Value;
use std::time::Instant;
use store::{Permission, Query, Scope, params};

const CASES: usize = 200_000;
const CONTACTS: usize = 800_000;
const PAGES: usize = 6;
const ROUNDS: usize = 20;

const READERS: [(&str, &str, &str); 3] = [
    ("county", "epidemiologist", "14/1407/140703"),
    ("prefecture", "epidemiologist", "14/1407"),
    ("national", "epidemiologist", ""),
];

fn main() {
    let binary = Program::binary();
    let loaded = Loaded::with("case-list", CASES, CONTACTS, &READERS);
    let reference = by_primary_key(&loaded);
    for (who, _, territory) in READERS {
        let scope = reader(or_stop(territory.parse(), "reading a territory"));
        let mut times = pages_of_the_view(&loaded, &scope);
        let p95 = times.within_ms(0.95);
        let beside =
            format!("p50 {:.1} ms; {}", times.within_ms(0.5), ratio(p95, reference, "one row by key", "ms"));
        tell(&format!("case list, {who} reader, view, p95"), p95, "ms", Target::Below(100.0), &beside);
    }
    let Loaded { folder, db } = loaded;
    drop(db);
    let program = Program::serve(&binary, &["--data", &folder.to_string_lossy()]);
    for (who, _, _) in READERS {
        let mut visitor = or_stop(Visitor::signed_in(&program.address, who, PASSWORD), "signing in");
        let mut times = pages_over_http(&mut visitor);
        let beside = format!("p50 {:.1} ms", times.within_ms(0.5));
        tell(
            &format!("case list, {who} reader, HTTP, p95"),
            times.within_ms(0.95),
            "ms",
            Target::Below(100.0),
            &beside,
        );
        tell_situation(&mut visitor, who);
    }
    println!("  the server's peak resident memory: {:.0} MB", program.peak_resident_mb());
}

fn reader(territory: Territory) -> Scope {
    let may = [Permission::CasesRead, Permission::SituationRead];
    Scope::granted(territory, "epidemiologist", "outbreak_response", may)
}

/// Milliseconds, median of many.
fn by_primary_key(loaded: &Loaded) -> f64 {
    let mut times = Times::default();
    let ids = or_stop(
        loaded
            .db
            .read_now(|reader| reader.rows("SELECT id FROM cases_case ORDER BY id LIMIT 500", params![])),
        "reading ids",
    );
    for id in ids {
        let id = or_stop(id.text(0), "an id");
        let begun = Instant::now();
        let sql = "SELECT case_no FROM cases_case WHERE id = $1";
        let row = loaded.db.read_now(move |reader| reader.first(sql, params![id]));
        assert!(or_stop(row, "one row").is_some());
        times.add(begun.elapsed());
    }
    times.within_ms(0.5)
}

fn pages_of_the_view(loaded: &Loaded, scope: &Scope) -> Times {
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        let mut filter = Filter::default();
        for _ in 0..PAGES {
            let (scope, asked) = (scope.clone(), filter.clone());
            let begun = Instant::now();
            let page = or_stop(loaded.db.read_now(move |reader| case_list(reader, &scope, &asked)), "a page");
            times.add(begun.elapsed());
            filter.after = next(&page);
        }
    }
    times
}

fn pages_over_http(visitor: &mut Visitor) -> Times {
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        let mut path = "/api/cases".to_owned();
        for _ in 0..PAGES {
            let begun = Instant::now();
            let answer = or_stop(visitor.get(&path), "a page");
            times.add(begun.elapsed());
            let page: Value = or_stop(serde_json::from_slice(&answer.body), "a page");
            let after = next(&page).expect("six pages are not all there is");
            path = format!("/api/cases?after={}", after.replace('|', "%7C"));
        }
    }
    times
}

fn next(page: &Value) -> Option<String> {
    assert_eq!(page["rows"].as_array().map(Vec::len), Some(100), "a page is full");
    page["next"].as_str().map(str::to_owned)
}

fn tell_situation(visitor: &mut Visitor, who: &str) {
    let mut times = Times::default();
    for _ in 0..5 {
        let begun = Instant::now();
        let answer = or_stop(visitor.get("/api/situation"), "the situation");
        times.add(begun.elapsed());
        assert_eq!(answer.status, 200, "the situation is told");
    }
    let beside = format!("longest {:.3} s", times.within_ms(1.0) / 1_000.0);
    let median = times.within_ms(0.5) / 1_000.0;
    tell(&format!("situation, {who} reader, HTTP, median of 5"), median, "s", Target::Below(1.0), &beside);
}
