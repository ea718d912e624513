//! How the shared nouns look in the API's document (JSON Schema). The text forms are the nouns' own; a test holds them to it.

use crate::{Day, Id, Moment, Named, Territory};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

impl<T: Named> JsonSchema for Id<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Id_{}", T::PREFIX).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The first letter holds the two highest of 128 bits and what is left of five.
        let pattern = format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", T::PREFIX);
        json_schema!({ "type": "string", "pattern": pattern })
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "description": "a civil day, without a zone" })
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "int64", "description": "milliseconds since 1970 in UTC" })
    }
}

impl JsonSchema for Territory {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Territory".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^([0-9A-Za-z]+(/[0-9A-Za-z]+)*)?$",
            "description": "region codes from the top down, such as 14/1407/140703; empty: everywhere",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case;
    impl Named for Case {
        const PREFIX: &'static str = "case";
    }

    /// The classes of the pattern, written out: what an id is made of and nothing else.
    #[test]
    fn the_pattern_of_an_id_is_what_ids_are_made_of() {
        let letters: String = ('0'..='9')
            .chain('a'..='h')
            .chain(['j', 'k', 'm', 'n'])
            .chain('p'..='t')
            .chain('v'..='z')
            .collect();
        for letter in ('0'..='9').chain('a'..='z') {
            let id = format!("case_0{}{letter}", "0".repeat(24));
            assert_eq!(id.parse::<Id<Case>>().is_ok(), letters.contains(letter), "{letter}");
        }
    }
}
