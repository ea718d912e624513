//! A mapping written by hand: MAP.toml (docs/import.md shows one).

use crate::{
    Field, ListKind, Profile,
    dates::DateFormat,
    mapping::{Defaults, Mapping, MappingError},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person says about a layout. Columns that are not named are read as they are recognised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ListKind>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Says>,
    #[serde(default)]
    pub defaults: Defaults,
}

/// `"onset"`, `""` for a column that is not to be read, or a table with the order of dates and the meaning of
/// words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Says {
    Field(String),
    Column(Column),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Left out, the column keeps the field it is recognised as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateFormat>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapFileError {
    #[error("the mapping cannot be read: {0}; docs/import.md shows one that can")]
    Unreadable(String),
    #[error("column `{column}`: {reason}")]
    Field { column: String, reason: String },
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl MapFile {
    pub fn read(text: &str) -> Result<MapFile, MapFileError> {
        toml::from_str(text)
            .map_err(|error| MapFileError::Unreadable(error.to_string().trim().replace('\n', " ")))
    }

    /// Overrides what was recognised. The mapping should have been recognised for `self.kind`.
    pub fn apply(&self, mapping: &mut Mapping, profile: &Profile) -> Result<(), MapFileError> {
        for (name, says) in &self.columns {
            let column = match says {
                Says::Field(field) => &Column { field: Some(field.clone()), ..Column::default() },
                Says::Column(column) => column,
            };
            column.apply(name, mapping, profile)?;
        }
        mapping.settle(profile);
        let given = &self.defaults;
        let defaults = &mut mapping.defaults;
        defaults.classification = given.classification.or(defaults.classification);
        defaults.year = given.year.or(defaults.year);
        defaults.disease = given.disease.clone().or(defaults.disease.take());
        defaults.territory = given.territory.clone().or(defaults.territory.take());
        Ok(())
    }
}

impl Column {
    fn apply(&self, name: &str, mapping: &mut Mapping, profile: &Profile) -> Result<(), MapFileError> {
        if let Some(word) = &self.field {
            let field = match word.as_str() {
                "" => None,
                word => Some(word.parse::<Field>().map_err(|error| MapFileError::Field {
                    column: name.to_owned(),
                    reason: error.to_string(),
                })?),
            };
            let place = mapping.columns.iter().position(|column| column.header.trim() == name.trim());
            let seen = place.and_then(|place| profile.columns.get(place));
            mapping.set_field(name, field, seen)?;
        }
        if let Some(format) = self.dates {
            mapping.set_date_format(name, format)?;
        }
        for (text, word) in &self.values {
            mapping.set_value(name, text, word)?;
        }
        Ok(())
    }
}

impl From<&Mapping> for MapFile {
    /// The mapping as a file that says the same about the same layout.
    fn from(mapping: &Mapping) -> MapFile {
        let columns = mapping.columns.iter().map(|column| {
            let says = Column {
                field: Some(column.field.map(Field::word).unwrap_or_default()),
                dates: column.date.as_ref().and_then(|date| date.rule.order),
                values: column.values.clone(),
            };
            (column.header.clone(), Says::Column(says))
        });
        MapFile { kind: Some(mapping.kind), columns: columns.collect(), defaults: mapping.defaults.clone() }
    }
}
