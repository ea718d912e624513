//! The repository is everybody's: it knows no machine it was written on.

use scenes::source_files;
use std::path::Path;

const TEXTS: [&str; 14] =
    ["rs", "sql", "toml", "md", "sh", "ts", "mts", "mjs", "js", "svelte", "css", "html", "yml", "json"];

#[test]
fn no_machines_paths_stand_in_the_repository() {
    // Written apart, so that this file is not its own finding.
    let paths = ["/wo_rk/", "/ro_ot/", "/ho_me/"].map(|path| path.replace('_', ""));
    let mut files = 0;
    for ext in TEXTS {
        source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), ext, &mut |file, text| {
            files += 1;
            for (at, line) in text.lines().enumerate() {
                for path in &paths {
                    assert!(!line.contains(path.as_str()), "{}:{}: {line}", file.display(), at + 1);
                }
            }
        });
    }
    assert!(files > 150, "the files were read: {files}");
}

/// Drawers into which anything fits, so that nobody finds it again (the house style names them).
const DRAWERS: [&str; 9] =
    ["utils", "util", "common", "helpers", "misc", "manager", "service", "info", "types"];

#[test]
fn no_file_is_a_drawer() {
    for folder in ["pure", "app", "tests", "web/src"] {
        for ext in ["rs", "ts", "svelte"] {
            source_files(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder),
                ext,
                &mut |file, _| {
                    for part in file.iter().filter_map(|part| part.to_str()) {
                        let name = part.split('.').next().unwrap_or_default().to_lowercase();
                        assert!(!DRAWERS.contains(&name.as_str()), "{} is a drawer", file.display());
                    }
                },
            );
        }
    }
}

/// A claim of docs/asvs.md that points at a file which was moved or never was is no claim.
#[test]
fn what_the_security_list_points_at_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let list = std::fs::read_to_string(root.join("docs/asvs.md")).expect("docs/asvs.md");
    let (mut rows, mut paths) = (0, 0);
    for row in list.lines().filter(|row| row.starts_with("| ") && !row.starts_with("| item")) {
        rows += 1;
        for path in row.split('`').skip(1).step_by(2) {
            let is_path = path.contains('/') && !path.contains(' ') && !path.starts_with('/');
            if is_path || [".toml", ".md"].iter().any(|end| path.ends_with(end)) {
                paths += 1;
                assert!(root.join(path).exists(), "{row}");
            }
        }
    }
    assert!(rows > 200 && paths > 90, "the list was read: {rows} rows, {paths} paths");
}
