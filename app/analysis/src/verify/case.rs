//! One folder of reference results.

use crate::table::Table;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub struct Case {
    pub id: String,
    pub family: String,
    folder: PathBuf,
    /// As the peer names them, in its own spelling.
    pub params: Value,
    tolerance: Value,
}

impl Case {
    fn read(folder: &Path) -> Result<Case, String> {
        let path = folder.join("params.json");
        let text =
            std::fs::read_to_string(&path).map_err(|why| format!("cannot read {}: {why}", path.display()))?;
        let told: Value = serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))?;
        let word = |key: &str| -> Result<String, String> {
            told[key]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| format!("{} names no `{key}`", path.display()))
        };
        Ok(Case {
            id: word("id")?,
            family: word("family")?,
            folder: folder.to_owned(),
            params: told["params"].clone(),
            tolerance: told["tolerance"].clone(),
        })
    }

    pub fn table(&self, file: &str) -> Result<Table, String> {
        Table::read(&self.folder.join(file))
    }

    /// A table of another case of the same folder.
    pub fn beside(&self, id: &str, file: &str) -> Result<Table, String> {
        Table::read(&self.folder.with_file_name(id).join(file))
    }

    #[allow(dead_code, reason = "families with optional tables are being built")]
    pub fn has(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }

    /// What the case says of how exactly a measure must agree, in its own words.
    pub fn tolerance(&self, measure: &str) -> Option<&str> {
        self.tolerance[measure].as_str()
    }

    /// The parameters as configuration keys: `pThresholdTrend` becomes `p_threshold_trend`, `c.ARL` `c_arl`.
    pub fn config(&self) -> Value {
        snake_keys(&self.params)
    }

    /// A number among the parameters.
    pub fn number(&self, key: &str) -> Result<f64, String> {
        self.params[key].as_f64().ok_or_else(|| format!("params.json: `{key}` is not a number"))
    }
}

fn snake_keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (snake(key), snake_keys(value))).collect(),
        other => other.clone(),
    }
}

/// A capital begins a word, unless the letter before it is one too; dots separate words.
fn snake(key: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for letter in key.chars() {
        if letter.is_uppercase() && after_small {
            out.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
        out.extend(if letter == '.' { vec!['_'] } else { letter.to_lowercase().collect() });
    }
    out
}

/// A folder that could not be read, and why.
pub type Unreadable = (String, String);

/// Every folder with a `params.json`, by name; one that cannot be read keeps its place with the reason.
pub fn cases_in(folder: &Path) -> Result<Vec<Result<Case, Unreadable>>, String> {
    let listed = std::fs::read_dir(folder).map_err(|why| {
        format!("cannot read {}: {why}; give the folder whose folders are the cases", folder.display())
    })?;
    let mut folders: Vec<PathBuf> = listed
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("params.json").exists())
        .collect();
    folders.sort();
    let named =
        |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(folders.iter().map(|path| Case::read(path).map_err(|why| (named(path), why))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_spellings_become_configuration_keys() {
        for (theirs, ours) in [
            ("pThresholdTrend", "p_threshold_trend"),
            ("limit54", "limit54"),
            ("c.ARL", "c_arl"),
            ("actY", "act_y"),
            ("ARL0", "arl0"),
        ] {
            assert_eq!(snake(theirs), ours);
        }
    }
}
