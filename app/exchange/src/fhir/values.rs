//! What an observation found: `value[x]` both ways.

use super::datatypes::{Quantity, Range, Ratio};
use super::resources::{Component, Observation};
use super::words::{coded, concept, said, time, time_out};
use crate::complaint::Finds;
use crate::lab_report::{CodeSystem, Coded, Coding, Number, Value};
use crate::stated_time::Clock;
use crate::{Place, ReportFault};
use serde_json::value::RawValue;

pub fn read(observation: &Observation, place: &Place, finds: &mut Finds) -> Value {
    if let Some(concept) = &observation.value_codeable_concept {
        let value = coded(Some(concept));
        return if value.is_blank() { Value::Absent } else { Value::Coded(value) };
    }
    if let Some(quantity) = &observation.value_quantity {
        return read_quantity(quantity, place, finds);
    }
    if let Some(text) = said(observation.value_string.as_ref()) {
        return Value::Text(text);
    }
    if let Some(answer) = observation.value_boolean {
        let (code, text) = if answer { ("Y", "Yes") } else { ("N", "No") };
        return Value::Coded(Coded::one(CodeSystem::Hl7Table("0136".to_owned()), code, text));
    }
    if let Some(number) = observation.value_integer.and_then(|number| Number::read(&number.to_string())) {
        return Value::Quantity { comparator: None, number, unit: None };
    }
    if let Some(Range { low: Some(low), high: Some(high) }) = &observation.value_range {
        return read_pair(low, "-", high, place, finds);
    }
    if let Some(Ratio { numerator: Some(one), denominator: Some(other) }) = &observation.value_ratio {
        return read_pair(one, ":", other, place, finds);
    }
    if observation.value_date_time.is_some() || observation.beside_value.is_some() {
        let read =
            time(observation.value_date_time.as_ref(), observation.beside_value.as_ref(), place, finds);
        return match (read, said(observation.value_date_time.as_ref())) {
            (Some(time), _) if time.clock.is_none() && time.offset_minutes.is_none() => {
                Value::Date(time.date)
            }
            (Some(time), _) => Value::Time(time),
            (None, Some(text)) => Value::Text(text),
            (None, None) => Value::Absent,
        };
    }
    if let Some(text) = said(observation.value_time.as_ref()) {
        return match text.parse::<Clock>() {
            Ok(clock) => Value::TimeOfDay { clock, offset_minutes: None },
            Err(_) => {
                finds.doubt(place.clone(), ReportFault::BadTime { said: text.clone() });
                Value::Text(text)
            }
        };
    }
    let unread =
        [("valuePeriod", &observation.value_period), ("valueSampledData", &observation.value_sampled_data)];
    for (kind, raw) in unread {
        if let Some(raw) = raw {
            finds.doubt(place.clone(), ReportFault::UnreadValue { kind: kind.to_owned() });
            return Value::Unread { kind: kind.to_owned(), raw: raw.get().to_owned() };
        }
    }
    Value::Absent
}

fn number(quantity: &Quantity) -> Option<Number> {
    let raw = quantity.value.as_ref()?.get();
    // JSON may write 1e3.
    let expanded =
        || raw.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| format!("{value}"));
    Number::read(raw).or_else(|| Number::read(&expanded()?))
}

fn unit(quantity: &Quantity) -> Option<Coded> {
    let coding = Coding {
        system: said(quantity.system.as_ref()).map(|address| CodeSystem::of_address(&address)),
        code: said(quantity.code.as_ref()),
        text: said(quantity.unit.as_ref()),
        version: None,
    };
    (coding.code.is_some() || coding.text.is_some()).then(|| Coded { codings: vec![coding], text: None })
}

fn read_quantity(quantity: &Quantity, place: &Place, finds: &mut Finds) -> Value {
    let comparator = said(quantity.comparator.as_ref());
    match number(quantity) {
        Some(number) => Value::Quantity { comparator, number, unit: unit(quantity) },
        None => not_a_number(quantity, place, finds),
    }
}

fn not_a_number(quantity: &Quantity, place: &Place, finds: &mut Finds) -> Value {
    let raw = quantity.value.as_ref().map(|value| value.get().trim_matches('"').to_owned());
    match raw.filter(|raw| !raw.is_empty()) {
        Some(said) => {
            finds.doubt(place.clone(), ReportFault::BadNumber { said: said.clone() });
            Value::Text(said)
        }
        None => Value::Absent,
    }
}

fn read_pair(one: &Quantity, between: &str, other: &Quantity, place: &Place, finds: &mut Finds) -> Value {
    match (number(one), number(other)) {
        (Some(first), Some(second)) => Value::Pair {
            comparator: said(one.comparator.as_ref()),
            first,
            between: between.to_owned(),
            second,
            unit: unit(one).or_else(|| unit(other)),
        },
        (None, _) => not_a_number(one, place, finds),
        (_, None) => not_a_number(other, place, finds),
    }
}

pub fn write(value: &Value, observation: &mut Observation) {
    match value {
        Value::Absent => {}
        Value::Coded(value) => observation.value_codeable_concept = Some(concept(value)),
        Value::Quantity { comparator, number, unit } => {
            observation.value_quantity = Some(quantity(comparator.clone(), number, unit.as_ref()));
        }
        Value::Pair { comparator, first, between, second, unit } => {
            let one = Some(quantity(comparator.clone(), first, unit.as_ref()));
            let other = Some(quantity(None, second, None));
            match between.as_str() {
                ":" | "/" => observation.value_ratio = Some(Ratio { numerator: one, denominator: other }),
                "-" if comparator.is_none() => {
                    observation.value_range = Some(Range { low: one, high: other });
                }
                _ => {
                    let comparator = comparator.as_deref().unwrap_or_default();
                    let text = format!("{comparator}{}{between}{}", first.text(), second.text());
                    observation.value_string = Some(text);
                }
            }
        }
        Value::Text(text) | Value::Unread { raw: text, .. } => observation.value_string = Some(text.clone()),
        Value::Date(date) => observation.value_date_time = Some(date.to_string()),
        Value::Time(time) => {
            (observation.value_date_time, observation.beside_value) = time_out(Some(*time));
        }
        Value::TimeOfDay { clock, offset_minutes: None } if clock.has_seconds() => {
            observation.value_time = Some(clock.to_string());
        }
        // FHIR's time of day has seconds and no zone.
        Value::TimeOfDay { clock, offset_minutes } => {
            let zone = offset_minutes.map(|minutes| format!(" UTC{minutes:+} min")).unwrap_or_default();
            observation.value_string = Some(format!("{clock}{zone}"));
        }
    }
}

fn quantity(comparator: Option<String>, number: &Number, unit: Option<&Coded>) -> Quantity {
    let coding = unit.and_then(|unit| unit.codings.first());
    Quantity {
        value: RawValue::from_string(number.text().to_owned()).ok(),
        comparator,
        unit: coding.and_then(|coding| coding.text.clone()),
        system: coding.and_then(|coding| coding.system.as_ref()).map(CodeSystem::address),
        code: coding.and_then(|coding| coding.code.clone()),
    }
}

impl From<&Component> for Observation {
    fn from(part: &Component) -> Observation {
        Observation {
            code: part.code.clone(),
            value_codeable_concept: part.value_codeable_concept.clone(),
            value_quantity: part.value_quantity.clone(),
            value_string: part.value_string.clone(),
            value_boolean: part.value_boolean,
            value_integer: part.value_integer,
            value_range: part.value_range.clone(),
            value_ratio: part.value_ratio.clone(),
            value_date_time: part.value_date_time.clone(),
            value_time: part.value_time.clone(),
            interpretation: part.interpretation.clone(),
            reference_range: part.reference_range.clone(),
            ..Observation::default()
        }
    }
}
