//! The data types of R4 as far as laboratory bundles use them. What is not named here is passed over when reading.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A field that is left out when it says nothing.
macro_rules! datatype {
    ($(#[$more:meta])* $name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$more])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$of_field])* #[serde(skip_serializing_if = "crate::fhir::datatypes::says_nothing")] pub $field: $kind,)*
        }
    };
}

pub(crate) use datatype;

/// Does this field say anything?
pub trait Blank {
    fn blank(&self) -> bool;
}

impl<T> Blank for Option<T> {
    fn blank(&self) -> bool {
        self.is_none()
    }
}

impl<T> Blank for Vec<T> {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

impl Blank for String {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

pub fn says_nothing(field: &impl Blank) -> bool {
    field.blank()
}

datatype!(Coding {
    system: Option<String>,
    version: Option<String>,
    code: Option<String>,
    display: Option<String>,
});

datatype!(CodeableConcept {
    coding: Vec<Coding>,
    text: Option<String>,
});

datatype!(Reference {
    reference: Option<String>,
    display: Option<String>,
});

datatype!(Identifier {
    r#type: Option<CodeableConcept>,
    system: Option<String>,
    value: Option<String>,
    assigner: Option<Reference>,
});

datatype!(Extension {
    url: String,
    value_string: Option<String>,
    value_code: Option<String>,
    value_codeable_concept: Option<CodeableConcept>,
});

// What stands beside a plain value, under its name with `_` before it.
datatype!(Beside {
    extension: Vec<Extension>,
});

datatype!(HumanName {
    extension: Vec<Extension>,
    r#use: Option<String>,
    text: Option<String>,
    family: Option<String>,
    given: Vec<String>,
    prefix: Vec<String>,
    suffix: Vec<String>,
});

datatype!(ContactPoint {
    extension: Vec<Extension>,
    system: Option<String>,
    value: Option<String>,
    r#use: Option<String>,
});

datatype!(Address {
    extension: Vec<Extension>,
    r#use: Option<String>,
    text: Option<String>,
    line: Vec<String>,
    city: Option<String>,
    district: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
});

datatype!(Period {
    start: Option<String>,
    #[serde(rename = "_start")]
    beside_start: Option<Beside>,
    end: Option<String>,
    #[serde(rename = "_end")]
    beside_end: Option<Beside>,
});

// The number stays as it was written: 24.60 is not 24.6.
datatype!(Quantity {
    value: Option<Box<RawValue>>,
    comparator: Option<String>,
    unit: Option<String>,
    system: Option<String>,
    code: Option<String>,
});

datatype!(Range {
    low: Option<Quantity>,
    high: Option<Quantity>,
});

datatype!(Ratio {
    numerator: Option<Quantity>,
    denominator: Option<Quantity>,
});

datatype!(Annotation {
    text: Option<String>,
});

datatype!(ReferenceRange {
    text: Option<String>,
});

datatype!(Meta {
    tag: Vec<Coding>,
});
