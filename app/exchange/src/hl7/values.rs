//! OBX-5 by the kind that OBX-2 names.

use super::{elements::coded, fields::Field, fields::Segment};
use crate::ReportFault;
use crate::complaint::Finds;
use crate::lab_report::{Coded, Number, Value};
use crate::stated_time::{CivilDate, Clock, StatedTime};

/// One value of each repetition. Repeated texts are the lines of one.
pub fn read(segment: &Segment<'_>, finds: &mut Finds) -> Vec<Value> {
    let (kind_field, field) = (segment.field(2), segment.field(5));
    if field.is_blank() {
        return vec![Value::Absent];
    }
    let unit = Some(coded(segment.field(6).first())).filter(|unit| !unit.is_blank());
    let Some(kind) = kind_field.component(1) else {
        let what = "the kind of the value (OBX-2)".to_owned();
        finds.doubt(kind_field, ReportFault::Missing { what });
        let by_shape = if field.has_components() { "CWE" } else { "ST" };
        return values(by_shape, field, &unit, finds);
    };
    values(&kind, field, &unit, finds)
}

fn values(kind: &str, field: Field<'_>, unit: &Option<Coded>, finds: &mut Finds) -> Vec<Value> {
    match kind {
        "TX" | "FT" => {
            let lines: Vec<String> =
                field.repetitions().map(|line| line.whole().unwrap_or_default()).collect();
            vec![Value::Text(lines.join("\n"))]
        }
        "ST" => vec![field.whole().map_or(Value::Absent, Value::Text)],
        _ => {
            let each = field.repetitions().filter(|one| !one.is_blank());
            let read: Vec<Value> = each.map(|one| single(kind, one, unit, finds)).collect();
            if read.is_empty() { vec![Value::Absent] } else { read }
        }
    }
}

fn single(kind: &str, field: Field<'_>, unit: &Option<Coded>, finds: &mut Finds) -> Value {
    let said = || field.component(1).unwrap_or_default();
    let text = || field.whole().map_or(Value::Absent, Value::Text);
    match kind {
        "CE" | "CWE" | "CNE" | "CF" | "IS" | "ID" => {
            let value = coded(field);
            if value.is_blank() { Value::Absent } else { Value::Coded(value) }
        }
        "NM" => match Number::read(&said()) {
            Some(number) => Value::Quantity { comparator: None, number, unit: unit.clone() },
            None => {
                finds.doubt(field, ReportFault::BadNumber { said: said() });
                text()
            }
        },
        "SN" => structured(field, unit).unwrap_or_else(|| {
            finds.doubt(field, ReportFault::BadNumber { said: field.raw().to_owned() });
            text()
        }),
        "DT" | "TM" | "TS" | "DTM" => {
            let said = said();
            let value = match kind {
                "DT" => CivilDate::from_digits(&said).map(Value::Date),
                "TM" => time_of_day(&said),
                _ => StatedTime::from_digits(&said).map(Value::Time),
            };
            value.unwrap_or_else(|| {
                finds.doubt(field, ReportFault::BadTime { said });
                text()
            })
        }
        _ => {
            finds.doubt(field, ReportFault::UnreadValue { kind: kind.to_owned() });
            Value::Unread { kind: kind.to_owned(), raw: field.in_our_signs() }
        }
    }
}

/// SN: comparator, number, what stands between, second number.
fn structured(field: Field<'_>, unit: &Option<Coded>) -> Option<Value> {
    let number = |at| field.component(at).map(|text| Number::read(&text));
    let (comparator, unit) = (field.component(1), unit.clone());
    match (number(2)?, field.component(3), number(4)) {
        (Some(number), None, None) => Some(Value::Quantity { comparator, number, unit }),
        (Some(first), Some(between), Some(Some(second))) => {
            Some(Value::Pair { comparator, first, between, second, unit })
        }
        _ => None,
    }
}

fn time_of_day(said: &str) -> Option<Value> {
    // The same digits with a day before them are a time, whose rules for zones hold here too.
    let whole = StatedTime::from_digits(&format!("20000101{said}"))?;
    let clock: Clock = whole.clock?;
    Some(Value::TimeOfDay { clock, offset_minutes: whole.offset_minutes })
}
