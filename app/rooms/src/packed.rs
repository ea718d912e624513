//! The packs in force: read once, checked, then asked.

use cases::Ladder;
use packs::{
    Assays, Disease, Diseases, Indicators, Instruments, Interviews, Measures, MessageCodes, Occupations,
    Protocols, Regions, Restrictions, ResultCodes, Retention, Roles, Signals, TaskKinds,
};
use std::sync::OnceLock;

struct Packed {
    diseases: Diseases,
    roles: Roles,
    retention: Retention,
    shanxi: Regions,
    indicators: Indicators,
    signals: Signals,
    instruments: Instruments,
    interviews: Interviews,
    tasks: TaskKinds,
    occupations: Occupations,
    protocols: Protocols,
    assays: Assays,
    restrictions: Restrictions,
    result_codes: ResultCodes,
    message_codes: MessageCodes,
    measures: Measures,
}

/// The shipped packs are read by a test; a fault here would be a broken build, not a user's mistake.
fn packed() -> &'static Packed {
    static PACKED: OnceLock<Packed> = OnceLock::new();
    PACKED.get_or_init(|| Packed {
        diseases: packs::shipped::diseases().expect("the shipped disease packs are sound"),
        roles: packs::shipped::roles().expect("the shipped roles are sound"),
        retention: packs::shipped::retention().expect("the shipped retention pack is sound"),
        shanxi: packs::shipped::shanxi().expect("the shipped regions are sound"),
        indicators: packs::shipped::indicators().expect("the shipped indicators are sound"),
        signals: packs::shipped::signals().expect("the shipped signals pack is sound"),
        instruments: packs::shipped::instruments().expect("the shipped instruments are sound"),
        protocols: packs::shipped::protocols().expect("the shipped protocols are sound"),
        interviews: packs::shipped::interviews().expect("the shipped interview pack is sound"),
        occupations: packs::shipped::occupations().expect("the shipped occupations are sound"),
        tasks: packs::shipped::tasks().expect("the shipped tasks pack is sound"),
        assays: packs::shipped::assays().expect("the shipped assays are sound"),
        restrictions: packs::shipped::restrictions().expect("the shipped restrictions pack is sound"),
        result_codes: packs::shipped::result_codes().expect("the shipped result codes are sound"),
        message_codes: packs::shipped::message_codes().expect("the shipped codes of messages are sound"),
        measures: packs::shipped::measures().expect("the shipped measures are sound"),
    })
}

pub fn diseases() -> &'static Diseases {
    &packed().diseases
}

pub fn roles() -> &'static Roles {
    &packed().roles
}

pub fn retention() -> &'static Retention {
    &packed().retention
}

pub fn shanxi() -> &'static Regions {
    &packed().shanxi
}

pub fn indicators() -> &'static Indicators {
    &packed().indicators
}

pub fn signals() -> &'static Signals {
    &packed().signals
}

pub fn instruments() -> &'static Instruments {
    &packed().instruments
}

pub fn protocols() -> &'static Protocols {
    &packed().protocols
}

pub fn interviews() -> &'static Interviews {
    &packed().interviews
}

pub fn occupations() -> &'static Occupations {
    &packed().occupations
}

pub fn tasks() -> &'static TaskKinds {
    &packed().tasks
}

pub fn assays() -> &'static Assays {
    &packed().assays
}

pub fn restrictions() -> &'static Restrictions {
    &packed().restrictions
}

pub fn result_codes() -> &'static ResultCodes {
    &packed().result_codes
}

pub fn message_codes() -> &'static MessageCodes {
    &packed().message_codes
}

pub fn measures() -> &'static Measures {
    &packed().measures
}

pub fn disease(id: Option<&str>) -> Option<&'static Disease> {
    diseases().by_id(id?)
}

/// The classification ladder of a disease; the default one when the disease is not known.
pub fn ladder(disease: Option<&str>) -> Ladder {
    packed_ladder(disease).unwrap_or_default()
}

fn packed_ladder(id: Option<&str>) -> Option<Ladder> {
    disease(id).map(|pack| pack.ladder.clone())
}

/// `covid-19-delta@2026.1`: stands with every decision a pack made.
pub fn version_of(id: Option<&str>) -> String {
    disease(id).map_or_else(|| "default".to_owned(), |pack| format!("{}@{}", pack.id, pack.version))
}
