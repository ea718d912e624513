//! What the house is built from: whose words it may be under, where it comes from, which libraries it must not bring along.
//! Asked of cargo, so it needs no network; known weaknesses are asked of a database by `make audit`, where one can be reached.

use crate::arrows::{metadata, text};
use scenes::source_files;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Licences under which a part may be in a program that is given away under Apache-2.0.
const LICENCES: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // The list of certificate authorities, which is data.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    // webauthn-rs: its files stay under it, ours do not come under it; used unchanged.
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "Zlib-acknowledgement",
];

/// What must not be here, and what is here instead.
const NOT_HERE: [(&str, &str); 6] = [
    ("openssl", "TLS is rustls: one library, in a language without buffer overruns"),
    ("openssl-sys", "the same"),
    ("native-tls", "the same: it is another one on every system"),
    ("aws-lc-rs", "the cryptography below rustls is ring, once"),
    ("aws-lc-sys", "the same"),
    ("sqlx-sqlite", "a second SQLite in one program corrupts what both have open"),
];

/// What there must be one of: two would each know half.
const ONCE: [&str; 5] = ["libsqlite3-sys", "ring", "rustls", "rustls-webpki", "aes-gcm-siv"];

fn packages() -> Vec<Value> {
    let told = metadata();
    let nodes = told["resolve"]["nodes"].as_array().expect("a resolved graph");
    let used: BTreeSet<String> = nodes.iter().map(|node| text(&node["id"])).collect();
    let all = told["packages"].as_array().expect("packages");
    all.iter().filter(|package| used.contains(&text(&package["id"]))).cloned().collect()
}

/// `MIT OR (Apache-2.0 AND ISC)`: one of the alternatives, and of it every part, may be used. `/` is an old way of saying OR.
fn may_be_used(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    parts_of(&expression, " OR ").into_iter().any(|choice| {
        parts_of(&choice, " AND ").into_iter().all(|part| {
            let bare = part.trim();
            match bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                Some(inner) => may_be_used(inner),
                None => LICENCES.contains(&bare),
            }
        })
    })
}

/// Cut at a word, outside of brackets.
fn parts_of(expression: &str, word: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0);
    let mut rest = expression;
    while let Some(letter) = rest.chars().next() {
        if depth == 0 && rest.starts_with(word) {
            parts.push(std::mem::take(&mut part));
            rest = &rest[word.len()..];
            continue;
        }
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        part.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    parts.push(part);
    parts
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    for good in ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(may_be_used(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND AGPL-3.0", "MIT OR-LATER"] {
        assert!(!may_be_used(bad), "{bad}");
    }
}

#[test]
fn every_part_may_be_given_away_and_comes_from_where_everybody_gets_it() {
    let packages = packages();
    for package in &packages {
        let (name, licence) = (text(&package["name"]), text(&package["license"]));
        assert!(
            may_be_used(&licence),
            "{name} is under `{licence}`; another crate, or the licence with its reason above"
        );
        let source = text(&package["source"]);
        let index = "registry+https://github.com/rust-lang/crates.io-index";
        let manifest = text(&package["manifest_path"]);
        assert!(
            source == index || (source.is_empty() && !manifest.contains("/registry/")),
            "{name} comes from `{source}`; only crates.io is watched by the advisories"
        );
    }
    assert!(packages.len() > 100, "the packages were read: {}", packages.len());
}

#[test]
fn libraries_that_must_not_be_here_are_not_and_some_are_here_once() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(text(&package["name"])).or_default().push(text(&package["version"]));
    }
    for (name, why) in NOT_HERE {
        assert!(!versions.contains_key(name), "{name} came along: {why}");
    }
    for name in ONCE {
        assert_eq!(versions.get(name).map(Vec::len), Some(1), "{name}: {:?}", versions.get(name));
    }
}

/// Up to 3.51.2 two connections that write and check-point at the same time could lose what was written (sqlite.org/wal.html,
/// the WAL-reset bug), and that is what this program does.
#[test]
fn sqlite_is_one_without_the_fault_in_its_log() {
    let version = rusqlite::version();
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    assert!(numbers.as_slice() >= &[3, 51, 3][..], "SQLite {version}");
}

/// The compiler refuses `unsafe` (Cargo.toml). Where it was allowed after all, the reason stands beside it.
#[test]
fn whatever_is_unsafe_says_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Written apart, so that this file is not its own finding.
    let lint = ["unsafe", "code"].join("_");
    for folder in ["app", "pure", "tests", "benches"] {
        source_files(&root.join(folder), "rs", &mut |file, text| {
            for (at, _) in text.match_indices(&format!("({lint}")) {
                let attribute = text[at..].split(")]").next().unwrap_or_default();
                assert!(attribute.contains("reason = \""), "{}: {attribute}", file.display());
            }
        });
    }
    let workspace = std::fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    assert!(workspace.contains(&format!("{lint} = \"deny\"")), "the compiler is asked to refuse it");
    source_files(&root, "toml", &mut |file, text| {
        if file.ends_with("Cargo.toml") && text.contains("[package]") {
            assert!(
                text.contains("[lints]\nworkspace = true"),
                "{} keeps to the house's lints",
                file.display()
            );
        }
    });
}

/// Weaknesses that are known and stay for now: each with its reason in deny.toml, and only as long as the part is here.
#[test]
fn a_known_weakness_that_is_passed_over_has_a_reason() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
    let deny = std::fs::read_to_string(file).expect("deny.toml");
    let ignored: Vec<&str> = deny.lines().filter(|line| line.contains("RUSTSEC-")).collect();
    assert!(!ignored.is_empty(), "deny.toml names what is passed over");
    let names: BTreeSet<String> = packages().iter().map(|package| text(&package["name"])).collect();
    for line in ignored {
        let reason = line.split("reason = \"").nth(1).unwrap_or_default();
        let part = reason.split(':').next().unwrap_or_default();
        assert!(
            names.contains(part),
            "`{line}`: the reason begins with the part it is about, which must still be here"
        );
        assert!(reason.len() > 40, "`{line}` gives no reason");
    }
}
