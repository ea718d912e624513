//! Rows of the journal that an export names by number and hash: do they stand in this journal as the export has them?

use serde_json::Value;
use std::path::Path;
use store::{Db, entries_after};

/// A row as a file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    seq: i64,
    hash: String,
}

/// Compares every row the file names; the journal itself was followed before. Returns how many there are.
pub fn compare(db: &Db, file: &Path) -> Result<usize, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|fault| format!("{} cannot be read: {fault}", file.display()))?;
    let told = rows_in(&text)?;
    let mut other = Vec::new();
    for row in &told {
        let kept = db
            .read_long(|reader| entries_after(reader, row.seq - 1, 1))
            .map_err(|fault| fault.to_string())?;
        let stands = kept.first().is_some_and(|entry| entry.seq == row.seq && entry.hash == row.hash);
        if !stands {
            other.push(format!("  row {} is not in this journal as the file has it", row.seq));
        }
    }
    if other.is_empty() { Ok(told.len()) } else { Err(other.join("\n")) }
}

/// One JSON value a line; whatever in it has `seq` beside `hash` (or `head`, as a sample names the row it was drawn by).
fn rows_in(text: &str) -> Result<Vec<Told>, String> {
    let mut told = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value = serde_json::from_str(line).map_err(|fault| format!("line {}: {fault}", at + 1))?;
        gather(&value, &mut told);
    }
    if told.is_empty() {
        return Err("the file names no row of a journal".to_owned());
    }
    told.sort();
    told.dedup();
    Ok(told)
}

fn gather(value: &Value, told: &mut Vec<Told>) {
    match value {
        Value::Object(fields) => {
            let hash = fields.get("hash").or_else(|| fields.get("head")).and_then(Value::as_str);
            if let (Some(seq), Some(hash)) = (fields.get("seq").and_then(Value::as_i64), hash) {
                told.push(Told { seq, hash: hash.to_owned() });
            }
            fields.values().for_each(|field| gather(field, told));
        }
        Value::Array(values) => values.iter().for_each(|one| gather(one, told)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_a_file_names_is_found_once() {
        let text = "{\"sample\":{\"seq\":9,\"head\":\"aa\"}}\n\n{\"rows\":[{\"seq\":3,\"hash\":\"bb\"},{\"seq\":3,\"hash\":\"bb\"}]}\n";
        let told = rows_in(text).unwrap();
        assert_eq!(
            told.iter().map(|row| (row.seq, row.hash.as_str())).collect::<Vec<_>>(),
            [(3, "bb"), (9, "aa")]
        );
    }

    #[test]
    fn a_file_without_rows_proves_nothing() {
        assert!(rows_in("{\"restriction\":1}").unwrap_err().contains("names no row"));
        assert!(rows_in("no json").unwrap_err().starts_with("line 1"));
    }
}
