//! Databases as earlier versions wrote them (`tests/upgrades`), opened by this one: nothing is lost, the journal verifies,
//! the pages answer. Each version is kept for both engines; a new release adds its own.

use scenes::{Engine, Throwaway, Town};
use std::path::{Path, PathBuf};
use store::{Db, Migration};

#[test]
fn every_earlier_version_opens_on_sqlite() {
    each_version("sqlite", Engine::Sqlite);
}

#[test]
fn every_earlier_version_opens_on_postgres() {
    each_version("postgres", Engine::Postgres);
}

fn each_version(engine_name: &str, engine: Engine) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("upgrades");
    let mut versions: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("the versions that were kept")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()).filter(|path| path.is_dir()))
        .collect();
    versions.sort();
    assert!(!versions.is_empty(), "at least one version is kept");
    for version in versions {
        let Some(disk) = Throwaway::make(engine) else { return };
        stands_as_it_was(&disk, &version, engine_name);
        let tables = disk.tables();
        let before: Vec<Vec<String>> =
            tables.iter().map(|(table, columns)| disk.rows(table, columns)).collect();
        assert!(before.iter().map(Vec::len).sum::<usize>() > 100, "the old rows were read");
        scenes::run_on(disk, async |town| {
            for ((table, columns), before) in tables.iter().zip(&before) {
                if ENDED.contains(&table.as_str()) {
                    continue;
                }
                // Later steps are remembered beside the earlier ones.
                let all = table != "store_migration";
                let after = town.disk.rows(table, columns);
                let kept = before.iter().all(|row| after.contains(row));
                assert!(kept && (!all || after.len() == before.len()), "{table} of {}", version.display());
            }
            pages_answer(town).await;
            assert_eq!(town.journal_verdict().await["ok"], true, "{}", version.display());
        });
    }
}

/// Sessions may end with an upgrade: everybody signs in once more.
const ENDED: [&str; 1] = ["access_session"];

fn stands_as_it_was(disk: &Throwaway, version: &Path, engine: &str) {
    let text = std::fs::read_to_string(version.join(format!("{engine}.sql"))).expect("the kept database");
    disk.tamper(&text);
    std::fs::create_dir_all(disk.folder.join("keys")).expect("a folder for the key");
    std::fs::copy(version.join(format!("{engine}.key")), disk.folder.join("keys/master.key"))
        .expect("its key");
}

async fn pages_answer(town: &Town) {
    let zhang = town.person("epidemiologist", "14").await;
    let cases = zhang.get("/api/cases").await.ok();
    assert_eq!(cases["count"]["n"], 14, "{cases}");
    for row in cases["rows"].as_array().expect("rows") {
        zhang.get(&format!("/api/cases/{}", row["id"].as_str().expect("an id"))).await.ok();
    }
    for page in ["/api/situation", "/api/contacts", "/api/chains", "/api/imports", "/api/regions"] {
        zhang.get(page).await.ok();
    }
    let events = zhang.get("/api/events").await.ok();
    for event in events["rows"].as_array().or(events.as_array()).expect("events") {
        zhang.get(&format!("/api/events/{}", event["id"].as_str().expect("an id"))).await.ok();
    }
    // What was sealed then opens now.
    let old = cases["rows"].as_array().and_then(|rows| rows.iter().find(|row| row["case_no"] == "D0"));
    let old = old.expect("the case D0")["id"].as_str().expect("an id");
    let page = zhang.get(&format!("/api/cases/{old}")).await.ok();
    let subject = page["subject"].as_str().expect("a handle");
    let ask = serde_json::json!({ "purpose": "outbreak_response", "reason": "to call the household" });
    let opened = zhang.post(&format!("/api/subjects/{subject}/open"), ask).await.ok();
    assert_eq!(opened["name"], "赵发明0");
}

/// A program that knows fewer steps than the database has seen.
#[test]
fn an_older_program_refuses_a_newer_database_on_sqlite() {
    refuses_newer(Engine::Sqlite);
}

#[test]
fn an_older_program_refuses_a_newer_database_on_postgres() {
    refuses_newer(Engine::Postgres);
}

fn refuses_newer(engine: Engine) {
    let Some(disk) = Throwaway::make(engine) else { return };
    let later = [
        rooms::MIGRATIONS,
        &[Migration { name: "later-1", sql: "CREATE TABLE later_thing (a TEXT) STRICT" }],
    ];
    drop(Db::open(disk.place(), &later.concat()).expect("the newer program opens it"));
    let told = Db::open(disk.place(), rooms::MIGRATIONS).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        told,
        "this database was written by a newer Quell (it has `later-1`); use that version or a newer one"
    );
    drop(Db::open(disk.place(), &later.concat()).expect("and nothing was harmed"));
}

/// What was tallied by hour before there was a tally by day.
#[test]
fn days_of_tasks_are_filled_from_their_hours_on_sqlite() {
    fills_days(Engine::Sqlite);
}

#[test]
fn days_of_tasks_are_filled_from_their_hours_on_postgres() {
    fills_days(Engine::Postgres);
}

fn fills_days(engine: Engine) {
    let Some(disk) = Throwaway::make(engine) else { return };
    let step = rooms::MIGRATIONS.iter().position(|step| step.name == "tasks-days").expect("the step");
    drop(Db::open(disk.place(), &rooms::MIGRATIONS[..step]).expect("as it was before"));
    // The last hour of a day and the first two of the next.
    disk.tamper(
        "INSERT INTO tasks_tally (hour, territory, owner, due, open, in_time, late, cannot) VALUES \
         (480023, '14/1407', 'li', 1, 1, 0, 0, 0), (480024, '14/1407', 'li', 5, 2, 2, 1, 1), \
         (480025, '14/1407', 'li', 3, 0, 1, 2, 0), (480025, '14/1407', 'wang', 1, 0, 1, 0, 1), \
         (480025, '14/1408', 'li', 1, 1, 0, 0, 0)",
    );
    drop(Db::open(disk.place(), rooms::MIGRATIONS).expect("as it is now"));
    let columns =
        ["day", "territory", "owner", "due", "open", "in_time", "late", "cannot"].map(str::to_owned);
    let rows: Vec<String> =
        disk.rows("tasks_tally_day", &columns).iter().map(|row| row.replace('\'', "")).collect();
    assert_eq!(
        rows,
        [
            "20000,14/1407,li,1,1,0,0,0",
            "20001,14/1407,li,8,2,3,3,1",
            "20001,14/1407,wang,1,0,1,0,1",
            "20001,14/1408,li,1,1,0,0,0",
        ]
    );
}
