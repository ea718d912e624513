//! SQL stands in app/ only, and a room names its own tables. What reaches over is listed here with its reason.

use scenes::source_files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A room (or the program) that names tables of another prefix, and why that is how it is.
const REACHES_OVER: [(&str, &str, &str); 28] = [
    ("access", "journal", "what was looked at behind a broken glass is the journal's"),
    ("access", "journal_about", "the same, by glass"),
    ("cases", "journal", "the history of a record is the journal's rows about it"),
    ("cases", "journal_about", "the same, by record"),
    (
        "control",
        "journal",
        "a day's sample is drawn by the journal's last hash, and an export names rows by theirs",
    ),
    ("control", "journal_about", "which restrictions rest on a record that was written about since"),
    (
        "followup",
        "cases_contact",
        "who is on no pathway yet is a question about contacts and courses together",
    ),
    ("imports", "cases_case", "an import asks which records it knows and takes back those it made, in bulk"),
    ("imports", "cases_contact", "the same for contacts"),
    ("imports", "cases_dangling", "a list names infectors who are not in it; only imports keep those"),
    ("imports", "cases_event", "the event's disease stands for rows that state none"),
    ("imports", "cases_link", "links a list no longer says are taken back"),
    ("imports", "cases_list", "which list a file is an edition of; only imports make lists"),
    ("imports", "cases_state", "first classifications, written in bulk and taken back with the import"),
    ("imports", "journal", "when the import itself last wrote, so that undo leaves later work alone"),
    ("imports", "journal_about", "the same, by record"),
    (
        "imports",
        "people_key",
        "new keys of a block of rows are written at once: one by one costs half the time",
    ),
    ("imports", "people_subject", "subjects of a block of rows, at once"),
    ("people", "cases_case", "who falls due is a question about records and people together"),
    ("people", "cases_contact", "the same for contacts"),
    ("people", "cases_event", "clocks run from the end of an event"),
    ("people", "cases_note", "an event without notes has none to forget"),
    ("people", "imports_import", "reports of imports have a clock of their own"),
    (
        "people",
        "journal",
        "a person's own log is read from the journal, so that nothing can be left out of it",
    ),
    ("people", "journal_about", "the same, by record"),
    ("live.rs", "journal", "live pages follow the journal's tail"),
    ("surveillance", "journal", "the watch follows the journal's tail"),
    ("trace", "cases_contact", "the board counts contacts by what became of their lists, in one question"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every table there is, read from the statements that make them.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for ext in ["rs", "sql"] {
        source_files(&root().join("app"), ext, &mut |_, text| {
            for part in text.split("CREATE TABLE ").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                // A table of a room has the room's prefix; shorter names are those of small examples.
                if name == "journal" || name.contains('_') {
                    tables.insert(name);
                }
            }
        });
    }
    assert!(tables.len() >= 20, "the tables were found: {tables:?}");
    tables
}

/// Whole words of a text that are names of tables. `journal` alone is also an English word, so it counts after a keyword.
fn named<'a>(text: &str, tables: &'a BTreeSet<String>) -> Vec<&'a str> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: Vec<&str> = text.split(|c| !letter(c)).filter(|word| !word.is_empty()).collect();
    let keyword = |word: &str| ["FROM", "JOIN", "INTO", "UPDATE", "TABLE"].contains(&word);
    let at = |(at, word): (usize, &&str)| {
        let table = tables.get(*word)?;
        (table != "journal" || (at > 0 && keyword(words[at - 1]))).then_some(table.as_str())
    };
    words.iter().enumerate().filter_map(at).collect()
}

#[test]
fn a_room_touches_its_own_tables() {
    let (tables, rooms) = (tables(), root().join("app/rooms/src"));
    let allowed: BTreeMap<(&str, &str), &str> =
        REACHES_OVER.iter().map(|(room, table, why)| ((*room, *table), *why)).collect();
    let mut reached: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    for ext in ["rs", "sql"] {
        source_files(&rooms, ext, &mut |file, text| {
            let inside = file.strip_prefix(&rooms).expect("a file of the rooms");
            // A list of what no journal row holds, by table; it asks none of them anything.
            if inside == Path::new("retold.rs") {
                return;
            }
            let room = inside.iter().next().and_then(|part| part.to_str()).expect("a room").to_owned();
            for table in named(text, &tables) {
                // `people_key` is the store's, kept beside the people whose keys it holds.
                if !table.starts_with(&format!("{room}_")) {
                    reached.insert((room.clone(), table.to_owned()), inside.to_owned());
                }
            }
        });
    }
    for ((room, table), file) in &reached {
        assert!(
            allowed.contains_key(&(room.as_str(), table.as_str())),
            "{} names {table}: ask the room it belongs to for a view, or write the reason down here",
            file.display()
        );
    }
    for (room, table) in allowed.keys() {
        let used = reached.contains_key(&((*room).to_owned(), (*table).to_owned()));
        assert!(used, "{room} no longer names {table}: take the exception away");
    }
}

/// Statements, not words: an English sentence may select or update something.
const STATEMENTS: [&str; 6] =
    ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "UPDATE ", " WHERE "];

#[test]
fn sql_stands_in_app_only() {
    let mut files = 0;
    for (folder, exts) in
        [("pure", vec!["rs", "toml"]), ("web/src", vec!["ts", "svelte"]), ("packs", vec!["toml"])]
    {
        for ext in exts {
            source_files(&root().join(folder), ext, &mut |file, text| {
                files += 1;
                for statement in STATEMENTS {
                    assert!(!text.contains(statement), "{}: `{}`", file.display(), statement.trim());
                }
            });
        }
    }
    assert!(files > 50, "the sources were read: {files}");
}
