//! pure/ thinks, app/ does: asked of cargo, not of anybody's memory.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What reaches for clocks, files, networks or chance, and so may stand nowhere below pure/. Two that could be thought to are
/// not here: `rayon` shares one thought among processors, and results must not depend on how many (tests in `surveillance`);
/// `rand` without `getrandom` only shapes numbers that a seeded stream of ours draws.
const NOT_BELOW_PURE: [&str; 15] = [
    "async-std",
    "axum",
    "chrono",
    "fastrand",
    "futures-executor",
    "getrandom",
    "hyper",
    "mio",
    "postgres",
    "reqwest",
    "rusqlite",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "ureq",
];

/// Who may use whom inside app/. An arrow that is not here runs backwards or around.
const ARROWS: [(&str, &str); 18] = [
    ("rooms", "store"),
    ("rooms", "exchange"),
    ("quell", "analysis"),
    ("quell", "store"),
    ("quell", "exchange"),
    ("quell", "rooms"),
    // Scenes and benches play in the house; nothing in the house knows them.
    ("parsers", "analysis"),
    ("parsers", "exchange"),
    ("parsers", "rooms"),
    ("parsers", "store"),
    ("benches", "figure"),
    ("benches", "rooms"),
    ("benches", "store"),
    ("messages-bench", "exchange"),
    ("messages-bench", "figure"),
    ("statistics-bench", "figure"),
    ("scenes", "rooms"),
    ("scenes", "store"),
];

struct Workspace {
    /// Package id to name and folder (`pure`, `app`, `tests`).
    members: BTreeMap<String, (String, String)>,
    names: BTreeMap<String, String>,
    /// Normal and build dependencies, by package id; what only tests use is theirs.
    uses: BTreeMap<String, Vec<String>>,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Workspace {
    fn read() -> Workspace {
        let told = metadata();
        let root = text(&told["workspace_root"]);
        let inside: BTreeSet<String> =
            told["workspace_members"].as_array().expect("members").iter().map(text).collect();
        let (mut members, mut names) = (BTreeMap::new(), BTreeMap::new());
        for package in told["packages"].as_array().expect("packages") {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if inside.contains(&id) {
                let manifest = text(&package["manifest_path"]);
                let folder = manifest[root.len() + 1..].split('/').next().unwrap_or_default().to_owned();
                members.insert(id.clone(), (name.clone(), folder));
            }
            names.insert(id, name);
        }
        let mut uses = BTreeMap::new();
        for node in told["resolve"]["nodes"].as_array().expect("a resolved graph") {
            let deps = node["deps"].as_array().expect("dependencies");
            let used = deps.iter().filter(|dep| {
                dep["dep_kinds"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
            });
            uses.insert(text(&node["id"]), used.map(|dep| text(&dep["pkg"])).collect());
        }
        Workspace { members, names, uses }
    }

    /// Everything below a package, with the way there.
    fn below(&self, package: &str) -> BTreeMap<String, String> {
        let mut met = BTreeMap::new();
        let mut waiting = vec![(package.to_owned(), String::new())];
        while let Some((id, way)) = waiting.pop() {
            for next in self.uses.get(&id).into_iter().flatten() {
                if !met.contains_key(next) {
                    let way = format!("{way} → {}", self.names[next]);
                    met.insert(next.clone(), way.clone());
                    waiting.push((next.clone(), way));
                }
            }
        }
        met
    }
}

pub fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let version = Command::new("rustc").arg("-vV").output().expect("rustc");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    // Offline and for this machine only: packages of other systems need not have been fetched.
    let told = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo metadata");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("cargo speaks JSON")
}

/// What a package of ours needs when it is built by itself: what others in the house want of the same libraries is theirs.
fn needed_by(package: &str) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let told = Command::new(cargo)
        .args(["tree", "--package", package, "--edges", "normal,build", "--locked", "--offline"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .expect("cargo tree");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).expect("UTF-8")
}

#[test]
fn nothing_below_pure_reaches_for_the_world() {
    let workspace = Workspace::read();
    let pure = workspace.members.iter().filter(|(_, (_, folder))| folder == "pure");
    let mut packages = 0;
    for (id, (name, _)) in pure {
        packages += 1;
        let tree = needed_by(name);
        assert!(tree.starts_with(name.as_str()), "{tree}");
        for line in tree.lines() {
            let used =
                line.trim_start_matches([' ', '│', '├', '└', '─']).split(' ').next().unwrap_or_default();
            assert!(
                !NOT_BELOW_PURE.contains(&used),
                "{name} needs {used}: pure/ decides; let app/ do it and hand in the result\n{tree}"
            );
        }
        for (below, way) in workspace.below(id) {
            let folder = workspace.members.get(&below).map_or("", |(_, folder)| folder);
            assert!(
                folder.is_empty() || folder == "pure",
                "{name}{way}: the arrow runs backwards into {folder}/"
            );
        }
    }
    assert!(packages >= 7, "pure/ was looked at: {packages} packages");
}

#[test]
fn inside_app_arrows_run_one_way() {
    let workspace = Workspace::read();
    let mut found = BTreeSet::new();
    for (id, (name, folder)) in &workspace.members {
        for used in &workspace.uses[id] {
            let Some((used, into)) = workspace.members.get(used) else { continue };
            if into == "pure" {
                continue;
            }
            assert!(folder != "pure", "{name} → {used}");
            found.insert((name.as_str(), used.as_str()));
        }
    }
    let allowed: BTreeSet<(&str, &str)> = ARROWS.into_iter().collect();
    assert_eq!(found, allowed, "left: the arrows there are; right: those that may be");
}
