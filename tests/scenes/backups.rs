//! A backup of one engine comes back on either, whole or not at all.

use scenes::{Engine, TAIGU, Throwaway, Town, both};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::archive::{Manifest, check, restore};
use store::{Db, Place, Query, Reader, Result};
use tokio::task::block_in_place;

both!(
    a_town_comes_back_on_either_engine,
    no_bit_of_a_backup_can_turn_over_unseen,
    a_backup_comes_back_into_an_empty_place_only,
    a_backup_opens_with_its_own_keys_only,
    a_journal_changed_before_the_backup_is_not_restored_in_silence,
);

async fn a_town_comes_back_on_either_engine(town: &mut Town) {
    lives_a_little(town).await;
    let (file, manifest) = backs_up(town, "town.quell");
    assert!(manifest.journal_rows > 8 && manifest.rows() > 30, "{manifest:?}");
    let before = town.house.db.read(everything).await.unwrap();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(new) = Throwaway::make(engine) else { continue };
        let restored = block_in_place(|| restore(&file, &new.place(), &key(town), rooms::MIGRATIONS, false));
        let journal = restored.unwrap().journal;
        assert_eq!((journal.ok, journal.rows, &journal.head), (true, manifest.journal_rows, &manifest.head));
        let after = block_in_place(|| {
            let db = Db::open_with_key(new.place(), &key(town), rooms::MIGRATIONS)?;
            db.read_now(everything)
        });
        assert!(before == after.unwrap(), "another row on {engine:?}");
    }
}

/// A thousand bits here and there, every cut near the ends, and something added.
async fn no_bit_of_a_backup_can_turn_over_unseen(town: &mut Town) {
    lives_a_little(town).await;
    let (file, _) = backs_up(town, "town.quell");
    let (whole, bad) = (std::fs::read(&file).unwrap(), town.disk.folder.join("bad.quell"));
    let refuses = |bytes: &[u8], what: &str| {
        std::fs::write(&bad, bytes).unwrap();
        let told = check(&bad).map(|_| ()).unwrap_err().to_string();
        assert!(told.contains("is not a whole backup"), "{what}: {told}");
    };
    let mut dice = 20_221_126_u64;
    let mut bytes = whole.clone();
    for _ in 0..1_000 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bit = (dice >> 20) as usize % (whole.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        refuses(&bytes, &format!("bit {bit}"));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    for cut in (0..100).chain(whole.len() - 100..whole.len()) {
        refuses(&whole[..cut], &format!("cut at {cut}"));
    }
    refuses(&[&whole[..], b"\n"].concat(), "one byte more");
    check(&file).unwrap();
}

async fn a_backup_comes_back_into_an_empty_place_only(town: &mut Town) {
    let (file, _) = backs_up(town, "town.quell");
    let again = block_in_place(|| restore(&file, &town.disk.place(), &key(town), rooms::MIGRATIONS, false));
    assert!(again.unwrap_err().to_string().contains("is not empty"));
    let over = block_in_place(|| town.house.db.backup(&file, town.house.now(), &mut |_| {}));
    assert!(over.unwrap_err().to_string().contains("exists; choose another name"));
}

async fn a_backup_opens_with_its_own_keys_only(town: &mut Town) {
    lives_a_little(town).await;
    let (file, _) = backs_up(town, "town.quell");
    let other = town.disk.folder.join("other/keys/master.key");
    store::Vault::at(&other, true).unwrap();
    let new = Throwaway::make(Engine::Sqlite).unwrap();
    let told = restore(&file, &new.place(), &other, rooms::MIGRATIONS, false).unwrap_err().to_string();
    assert!(told.contains("does not open what is sealed"), "{told}");
    assert!(!new.folder.join("quell.db").exists(), "nothing stands where a database would");
}

async fn a_journal_changed_before_the_backup_is_not_restored_in_silence(town: &mut Town) {
    lives_a_little(town).await;
    town.disk.tamper("UPDATE journal SET purpose = 'curiosity' WHERE seq = 3");
    let (file, _) = backs_up(town, "town.quell");
    let new = Throwaway::make(Engine::Sqlite).unwrap();
    let told = restore(&file, &new.place(), &key(town), rooms::MIGRATIONS, false).unwrap_err().to_string();
    assert!(told.contains("does not verify (row 3)"), "{told}");
    let anyway = restore(&file, &new.place(), &key(town), rooms::MIGRATIONS, true).unwrap();
    assert_eq!(anyway.journal.first_bad, Some(3));
}

async fn lives_a_little(town: &Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    (case["event"], case["identity"]) = (json!(event), json!({ "name": "奚望舒", "phone": "13999990001" }));
    let first = zhang.reports_so(case).await;
    let second = zhang.reports(TAIGU, "C2").await;
    zhang.links(&first, &second).await;
    zhang.adds_contact(&first, TAIGU, "K1").await;
    zhang
        .change("add-note", json!({ "note": scenes::fresh("note"), "event": event, "text": "\u{1F95F}" }))
        .await
        .ok();
    zhang.imports("list.csv", "case_no,sex,age,onset date,county\nL1,female,41.5,2022-02-11,太谷区\n").await;
}

/// Waits on a thread that may: the clients of PostgreSQL have a runtime of their own.
fn backs_up(town: &Town, name: &str) -> (PathBuf, Manifest) {
    let file = town.disk.folder.join(name);
    let manifest = block_in_place(|| town.house.db.backup(&file, town.house.now(), &mut |_| {})).unwrap();
    assert_eq!(check(&file).unwrap(), manifest);
    (file, manifest)
}

fn key(town: &Town) -> PathBuf {
    match town.disk.place() {
        Place::Folder(folder) => folder.join("keys/master.key"),
        Place::Postgres { keys, .. } => keys.join("master.key"),
    }
}

/// Every row of every table, whatever order the engine keeps them in.
fn everything(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::new();
    for (table, columns) in store::archive::shape(reader)? {
        let mut rows = Vec::new();
        reader.each(&format!("SELECT {} FROM {table}", columns.join(", ")), &[], &mut |row| {
            rows.push(format!("{row:?}"));
            Ok(())
        })?;
        rows.sort();
        all.insert(table, rows);
    }
    assert!(all.contains_key("journal"), "the tables were read");
    Ok(all)
}
