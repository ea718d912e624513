//! The wrapping key is turned while people work: nobody's name is lost, and the old key alone opens nothing new.

use scenes::{Known, Person, TAIGU, Town, both};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Db, KeyState, Query, Vault, params};

both!(
    a_turned_key_loses_nothing_while_people_work,
    the_old_key_alone_opens_nothing_new,
    a_key_is_not_retired_while_something_hangs_on_it,
    a_prepared_key_wraps_nothing_until_it_is_turned,
);

async fn reports_by_name(person: &Person, number: u32) -> (Known, String) {
    let name = format!("Invented Person {number}");
    let mut case = scenes::covid_case(TAIGU, &format!("C{number}"));
    case["identity"] = json!({ "name": name });
    (person.reports_so(case).await, name)
}

/// Another copy of the program on the same data.
async fn another_copy(town: &Town) -> Db {
    let place = town.disk.place();
    let open = move || Db::open(place, rooms::MIGRATIONS).expect("the same database again");
    tokio::task::spawn_blocking(open).await.expect("another copy")
}

fn opens_all(db: &Db, told: &[(Known, String)]) {
    for (known, name) in told {
        let subject = known.subject.parse().expect("a handle");
        let identity = db.read_now(move |reader| rooms::people::open_identity_of(reader, subject));
        assert_eq!(identity.expect("it opens").and_then(|identity| identity.name).as_ref(), Some(name));
    }
}

async fn a_turned_key_loses_nothing_while_people_work(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut told = Vec::new();
    for number in 0..30 {
        told.push(reports_by_name(&zhang, number).await);
    }
    let operator = another_copy(town).await;
    let work = tokio::spawn(async move {
        let mut told = Vec::new();
        for number in 30..150 {
            told.push(reports_by_name(&zhang, number).await);
        }
        told
    });
    let operator = tokio::task::spawn_blocking(move || {
        for _ in 0..3 {
            operator.turn_key(base::Moment(0)).expect("a new key");
            operator.rewrap(&mut |_| ()).expect("wrapped anew");
        }
        operator
    });
    let operator = operator.await.expect("the keys were turned");
    told.extend(work.await.expect("the work was done"));
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || {
        operator.rewrap(&mut |_| ()).expect("wrapped anew");
        for key in operator.key_uses().expect("the keys") {
            if key.state == KeyState::Old {
                operator.retire_key(key.id).expect("nothing hangs on it");
            }
        }
        assert_eq!(operator.key_uses().expect("the keys").len(), 1);
        opens_all(&operator, &told);
        // The house has held its first ring all the while.
        opens_all(&house.db, &told);
    })
    .await
    .expect("everybody is there");
    assert_eq!(town.journal_verdict().await["ok"], true);
}

async fn the_old_key_alone_opens_nothing_new(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let old = town.disk.folder.join("old.key");
    std::fs::copy(town.house.db.vault().file(), &old).expect("a thief's copy");
    let before = reports_by_name(&zhang, 1).await;
    let (db, copy) = (town.house.db.clone(), old.clone());
    let wrapped = |reader: &mut store::Reader<'_>| {
        let mut keys = BTreeMap::new();
        for row in reader.rows("SELECT owner, wrapped FROM people_key ORDER BY owner", params![])? {
            keys.insert(row.text(0)?, row.bytes(1)?);
        }
        Ok(keys)
    };
    let opened = |keys: &BTreeMap<String, Vec<u8>>, vault: &Vault| {
        keys.iter().filter(|(owner, wrapped)| vault.unwrap(owner, wrapped).is_ok()).count()
    };
    tokio::task::spawn_blocking(move || {
        let thief = Vault::at(&copy, false).expect("the copy is a ring");
        let keys = db.read_now(wrapped).expect("the keys");
        assert_eq!(opened(&keys, &thief), keys.len(), "before, the copy opened everything");
        db.turn_key(base::Moment(0)).expect("a new key");
        db.rewrap(&mut |_| ()).expect("wrapped anew");
        let keys = db.read_now(wrapped).expect("the keys");
        assert!(!keys.is_empty());
        assert_eq!(opened(&keys, &thief), 0, "the old key opens nothing");
        assert_eq!(opened(&keys, db.vault()), keys.len());
        opens_all(&db, &[before]);
    })
    .await
    .expect("the thief learned nothing");
}

async fn a_key_is_not_retired_while_something_hangs_on_it(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let told = vec![reports_by_name(&zhang, 1).await];
    let db = town.house.db.clone();
    tokio::task::spawn_blocking(move || {
        let first = db.key_uses().expect("the keys")[0].clone();
        assert!(db.retire_key(first.id).is_err(), "something hangs on it");
        // An upload from before the key was turned, named like its import.
        let uploads = db.place().uploads();
        std::fs::create_dir_all(&uploads).expect("a folder");
        let sealed = db.vault().seal_bytes("import_x", b"a list");
        std::fs::write(uploads.join("import_x"), sealed).expect("a file");
        db.turn_key(base::Moment(0)).expect("a new key");
        assert!(db.retire_key(first.id).is_err(), "something still hangs on it");
        db.rewrap(&mut |_| ()).expect("wrapped anew");
        db.retire_key(first.id).expect("now nothing does");
        let sealed = std::fs::read(uploads.join("import_x")).expect("the file is there");
        assert_eq!(db.vault().open_bytes("import_x", &sealed).expect("it opens"), b"a list");
        opens_all(&db, &told);
        let current = db.key_uses().expect("the keys")[0].id;
        assert!(db.retire_key(current).is_err(), "the current key stays");
    })
    .await
    .expect("the keys were kept");
}

async fn a_prepared_key_wraps_nothing_until_it_is_turned(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let db = town.house.db.clone();
    let waiting = tokio::task::spawn_blocking(move || db.prepare_key(base::Moment(0)).expect("a key"));
    let waiting = waiting.await.expect("a key");
    let told = vec![reports_by_name(&zhang, 1).await];
    let db = town.house.db.clone();
    tokio::task::spawn_blocking(move || {
        let uses = db.key_uses().expect("the keys");
        let of = |id| uses.iter().find(|key| key.id == id).expect("the key").clone();
        assert_eq!((of(waiting).state, of(waiting).keys), (KeyState::Waiting, 0));
        assert_eq!(
            db.turn_key(base::Moment(0)).expect("turned"),
            waiting,
            "the prepared key is the next one"
        );
        db.rewrap(&mut |_| ()).expect("wrapped anew");
        opens_all(&db, &told);
    })
    .await
    .expect("the key was turned");
}
