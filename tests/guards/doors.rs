//! The list of writes: what each needs, what it rests on, and which roles have it. Committed as tests/golden/doors.txt.

use scenes::{golden, source_files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::Permission;

#[test]
fn every_write_says_what_it_needs_and_who_has_it() {
    let roles = rooms::packed::roles();
    let mut table = String::from(
        "Made by tests/guards/doors.rs; never edited. Every write that comes in through /api/changes as it is, the\n\
         permission it needs, the basis it rests on, and the roles that have the permission.\n",
    );
    for door in rooms::DOORS {
        let mut held: Vec<&str> = roles
            .roles
            .iter()
            .filter(|role| role.permissions.iter().any(|permission| permission.word() == door.needs))
            .map(|role| role.id.as_str())
            .collect();
        // What everybody has stands in no role; the change itself asks for more.
        if door.needs == Permission::OwnAccount.word() {
            held.push("everybody");
        }
        assert!(!held.is_empty(), "nobody may {}", door.name);
        let line = format!("{:<16} {:<16} {:<22} {}", door.name, door.needs, door.basis, held.join(", "));
        table.push_str(line.trim_end());
        table.push('\n');
    }
    golden("doors.txt", &table);
}

#[test]
fn no_two_changes_have_one_name() {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app"), "rs", &mut |file, text| {
        for part in text.split("const NAME: &'static str = \"").skip(1) {
            let name = part.split('"').next().unwrap_or_default().to_owned();
            let here = file.display().to_string();
            if let Some(other) = names.insert(name.clone(), here.clone()) {
                panic!(
                    "`{name}` is a change in {other} and in {here}: the journal could not tell them apart"
                );
            }
        }
    });
    assert!(names.len() >= rooms::DOORS.len(), "the changes were found: {names:?}");
    for door in rooms::DOORS {
        assert!(names.contains_key(door.name), "{} is a door and no change", door.name);
    }
}

/// Otherwise the tables could not be made again from the journal: a row of that name would be no change this program knows.
#[test]
fn every_change_can_be_told_again() {
    let told: BTreeSet<&str> = rooms::RETOLD.iter().map(|change| change.name).collect();
    let mut written = BTreeSet::new();
    source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/rooms"), "rs", &mut |file, text| {
        for part in text.split("const NAME: &'static str = \"").skip(1) {
            let name = part.split('"').next().unwrap_or_default().to_owned();
            assert!(
                told.contains(name.as_str()),
                "`{name}` ({}) is missing in app/rooms/src/retold.rs",
                file.display()
            );
            written.insert(name);
        }
    });
    assert_eq!(written.len(), told.len(), "a change is listed twice or exists no more: {told:?}");
}

/// A table or column that is gone, or a reason nobody wrote.
#[test]
fn what_the_journal_does_not_hold_is_there_and_has_a_reason() {
    let keys = std::env::temp_dir().join(format!("quell_guard_{:016x}", store::random_bits() as u64));
    let vault = store::Vault::at(&keys.join("master.key"), true).expect("a key");
    let mut rebuild =
        store::Rebuild::in_memory(&vault, rooms::MIGRATIONS, rooms::RETOLD).expect("an empty database");
    let tables = rebuild.tables().expect("tables");
    for left in rooms::LEFT_OUT {
        assert!(tables.iter().any(|table| table == left.table), "there is no table {}", left.table);
        assert!(left.why.len() > 20, "{}: say why", left.table);
        if let Some(column) = left.column {
            let columns = rebuild.columns(left.table, &[]).expect("columns");
            assert!(columns.names.iter().any(|name| name == column), "{} has no column {column}", left.table);
        }
    }
    let _ = std::fs::remove_dir_all(keys);
}
