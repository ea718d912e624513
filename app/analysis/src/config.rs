//! The configuration of a command: a JSON file whose keys are those of the reference cases.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// The file, or every default without one.
pub fn read_config<T: DeserializeOwned>(path: Option<&Path>) -> Result<T, String> {
    let Some(path) = path else { return config_of(Value::Object(serde_json::Map::new())) };
    let text = std::fs::read_to_string(path)
        .map_err(|why| format!("cannot read {}: {why}; check the path", path.display()))?;
    let value = serde_json::from_str(&text).map_err(|why| {
        format!("{} is not JSON: {why}; it holds keys and values such as {{\"alpha\": 0.05}}", path.display())
    })?;
    config_of(value).map_err(|why| format!("{}: {why}", path.display()))
}

/// A refusal names the key. Every key must be one that may be left out.
pub fn config_of<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let Value::Object(keys) = &value else {
        return Err("a configuration is a JSON object, such as {\"alpha\": 0.05}".to_owned());
    };
    for (key, alone) in keys {
        let one = Value::Object([(key.clone(), alone.clone())].into_iter().collect());
        if let Err(why) = serde_json::from_value::<T>(one) {
            return Err(format!("`{key}` is {alone}: {why}; mend or remove that key"));
        }
    }
    serde_json::from_value(value).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Example {
        alpha: f64,
        window: Option<usize>,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        let refused = |value| config_of::<Example>(value).unwrap_err();
        assert!(refused(json!({"alpha": "x", "window": 2})).contains("`alpha` is \"x\""));
        assert!(refused(json!({"alhpa": 0.1})).contains("`alhpa`") && refused(json!([])).contains("object"));
        assert_eq!(config_of(json!({"alpha": 0.1})), Ok(Example { alpha: 0.1, window: None }));
    }
}
