//! The resources of a laboratory bundle.

use super::datatypes::{
    Address, Annotation, Beside, CodeableConcept, Coding, ContactPoint, Extension, HumanName, Identifier,
    Meta, Period, Quantity, Range, Ratio, Reference, ReferenceRange, datatype,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

datatype!(Bundle {
    resource_type: String,
    id: Option<String>,
    identifier: Option<Identifier>,
    r#type: Option<String>,
    timestamp: Option<String>,
    #[serde(rename = "_timestamp")]
    beside_timestamp: Option<Beside>,
    entry: Vec<Entry>,
});

datatype!(Entry {
    full_url: Option<String>,
    resource: Option<Box<RawValue>>,
});

/// What can be told of any resource before it is read as one of its kind.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AnyResource {
    pub resource_type: Option<String>,
    pub id: Option<String>,
    pub contained: Vec<Box<RawValue>>,
}

/// A kind of resource, by its name.
pub trait Kind {
    const NAME: &'static str;
}

macro_rules! resource {
    ($name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* }) => {
        datatype!($name {
            resource_type: String,
            id: Option<String>,
            extension: Vec<Extension>,
            $($(#[$of_field])* $field: $kind,)*
        });

        impl Kind for $name {
            const NAME: &'static str = stringify!($name);
        }
    };
}

resource!(MessageHeader {
    meta: Option<Meta>,
    event_coding: Option<Coding>,
    destination: Vec<Destination>,
    sender: Option<Reference>,
    source: Option<Source>,
    focus: Vec<Reference>,
});

datatype!(Destination {
    name: Option<String>,
    endpoint: Option<String>,
    receiver: Option<Reference>,
});

datatype!(Source {
    name: Option<String>,
    software: Option<String>,
    version: Option<String>,
    endpoint: Option<String>,
});

resource!(Composition {
    date: Option<String>,
    author: Vec<Reference>,
    custodian: Option<Reference>,
});

resource!(Provenance {
    target: Vec<Reference>,
    recorded: Option<String>,
    agent: Vec<Agent>,
});

datatype!(Agent {
    who: Option<Reference>,
});

resource!(DiagnosticReport {
    identifier: Vec<Identifier>,
    based_on: Vec<Reference>,
    status: Option<String>,
    category: Vec<CodeableConcept>,
    code: Option<CodeableConcept>,
    subject: Option<Reference>,
    effective_date_time: Option<String>,
    #[serde(rename = "_effectiveDateTime")]
    beside_effective: Option<Beside>,
    effective_period: Option<Period>,
    issued: Option<String>,
    #[serde(rename = "_issued")]
    beside_issued: Option<Beside>,
    performer: Vec<Reference>,
    specimen: Vec<Reference>,
    result: Vec<Reference>,
});

resource!(Patient {
    identifier: Vec<Identifier>,
    name: Vec<HumanName>,
    telecom: Vec<ContactPoint>,
    gender: Option<String>,
    birth_date: Option<String>,
    address: Vec<Address>,
});

resource!(Organization {
    identifier: Vec<Identifier>,
    name: Option<String>,
    telecom: Vec<ContactPoint>,
    address: Vec<Address>,
});

resource!(Practitioner {
    identifier: Vec<Identifier>,
    name: Vec<HumanName>,
    telecom: Vec<ContactPoint>,
});

resource!(PractitionerRole {
    practitioner: Option<Reference>,
    organization: Option<Reference>,
    telecom: Vec<ContactPoint>,
});

resource!(ServiceRequest {
    identifier: Vec<Identifier>,
    status: Option<String>,
    intent: Option<String>,
    code: Option<CodeableConcept>,
    subject: Option<Reference>,
    requester: Option<Reference>,
    performer: Vec<Reference>,
    specimen: Vec<Reference>,
    supporting_info: Vec<Reference>,
    note: Vec<Annotation>,
});

resource!(Specimen {
    identifier: Vec<Identifier>,
    accession_identifier: Option<Identifier>,
    r#type: Option<CodeableConcept>,
    subject: Option<Reference>,
    received_time: Option<String>,
    #[serde(rename = "_receivedTime")]
    beside_received: Option<Beside>,
    collection: Option<Collection>,
});

datatype!(Collection {
    collected_date_time: Option<String>,
    #[serde(rename = "_collectedDateTime")]
    beside_collected: Option<Beside>,
    collected_period: Option<Period>,
});

resource!(Device {
    identifier: Vec<Identifier>,
    device_name: Vec<DeviceName>,
});

datatype!(DeviceName {
    name: Option<String>,
    r#type: Option<String>,
});

resource!(Observation {
    status: Option<String>,
    category: Vec<CodeableConcept>,
    code: Option<CodeableConcept>,
    subject: Option<Reference>,
    focus: Vec<Reference>,
    effective_date_time: Option<String>,
    #[serde(rename = "_effectiveDateTime")]
    beside_effective: Option<Beside>,
    effective_period: Option<Period>,
    issued: Option<String>,
    #[serde(rename = "_issued")]
    beside_issued: Option<Beside>,
    performer: Vec<Reference>,
    value_codeable_concept: Option<CodeableConcept>,
    value_quantity: Option<Quantity>,
    value_string: Option<String>,
    value_boolean: Option<bool>,
    value_integer: Option<i64>,
    value_range: Option<Range>,
    value_ratio: Option<Ratio>,
    value_date_time: Option<String>,
    #[serde(rename = "_valueDateTime")]
    beside_value: Option<Beside>,
    value_time: Option<String>,
    value_period: Option<Box<RawValue>>,
    value_sampled_data: Option<Box<RawValue>>,
    data_absent_reason: Option<CodeableConcept>,
    interpretation: Vec<CodeableConcept>,
    note: Vec<Annotation>,
    method: Option<CodeableConcept>,
    specimen: Option<Reference>,
    device: Option<Reference>,
    reference_range: Vec<ReferenceRange>,
    has_member: Vec<Reference>,
    component: Vec<Component>,
});

datatype!(Component {
    code: Option<CodeableConcept>,
    value_codeable_concept: Option<CodeableConcept>,
    value_quantity: Option<Quantity>,
    value_string: Option<String>,
    value_boolean: Option<bool>,
    value_integer: Option<i64>,
    value_range: Option<Range>,
    value_ratio: Option<Ratio>,
    value_date_time: Option<String>,
    value_time: Option<String>,
    interpretation: Vec<CodeableConcept>,
    reference_range: Vec<ReferenceRange>,
});
