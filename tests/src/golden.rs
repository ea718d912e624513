//! Tables that tests make and people review: compared with what is committed, rewritten with QUELL_BLESS=1.

use std::path::Path;

/// Compares `text` with `tests/golden/<name>`; with QUELL_BLESS=1 it becomes that file.
pub fn golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var_os("QUELL_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&file, text).expect("the golden file can be written");
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differs: Vec<String> = kept
        .lines()
        .filter(|line| !text.lines().any(|now| now == *line))
        .map(|line| format!("- {line}"))
        .chain(
            text.lines().filter(|now| !kept.lines().any(|line| line == *now)).map(|now| format!("+ {now}")),
        )
        .collect();
    assert!(
        kept == text,
        "tests/golden/{name} says otherwise; if the new table is right, run with QUELL_BLESS=1 and commit it\n{}",
        differs.join("\n")
    );
}
