//! The list of writes: what each needs, what it rests on, and which roles have it. Committed as tests/golden/doors.txt.

use scenes::{golden, source_files};
use std::collections::BTreeMap;
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
