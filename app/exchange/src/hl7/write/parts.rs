//! The parts of a segment, from the inside out: texts are escaped where they are put in, and nowhere else.

use crate::hl7::signs::escaped;
use crate::lab_report::{
    Address, Authority, CodeSystem, Coded, Coding, EntityId, Mode, Organisation, Party, PatientId,
    PersonName, Provider, ReportedSpecimen, Sex, Telecom, TelecomKind, Value,
};
use crate::stated_time::StatedTime;

pub struct Line(Vec<String>);

impl Line {
    pub fn new(id: &str) -> Line {
        Line(vec![id.to_owned()])
    }

    /// `text` is escaped already.
    pub fn put(&mut self, field: usize, text: String) {
        if self.0.len() <= field {
            self.0.resize(field + 1, String::new());
        }
        self.0[field] = text;
    }

    pub fn is_blank(&self, field: u16) -> bool {
        self.0.get(usize::from(field)).is_none_or(String::is_empty)
    }

    pub fn finished(mut self) -> String {
        // The first field of a header is the separator itself.
        if self.0[0] == "MSH" {
            self.0.remove(1);
        }
        while self.0.last().is_some_and(String::is_empty) {
            self.0.pop();
        }
        self.0.join("|")
    }
}

pub fn header(sender: &Party, receiver: &Party, sent: Option<StatedTime>, id: &str, mode: Mode) -> Line {
    let mut line = Line::new("MSH");
    line.put(2, "^~\\&".to_owned());
    line.put(3, authority(&sender.application));
    line.put(4, authority(&sender.facility));
    line.put(5, authority(&receiver.application));
    line.put(6, authority(&receiver.facility));
    line.put(7, told(sent));
    line.put(10, plain(id));
    line.put(11, mode.letter().to_owned());
    line.put(12, "2.5.1".to_owned());
    line.put(18, "UNICODE UTF-8".to_owned());
    line
}

pub fn plain(text: &str) -> String {
    escaped(text).into_owned()
}

fn maybe(text: Option<&String>) -> String {
    text.map(|text| plain(text)).unwrap_or_default()
}

pub fn told(time: Option<StatedTime>) -> String {
    time.map(in_four_digits).unwrap_or_default()
}

/// Version 2 has four digits of a second and no more.
fn in_four_digits(time: StatedTime) -> String {
    let digits = time.digits();
    match digits.split_once('.') {
        Some((before, rest)) => {
            let end = rest.find(['+', '-']).unwrap_or(rest.len());
            let (fraction, zone) = rest.split_at(end);
            format!("{before}.{}{zone}", &fraction[..fraction.len().min(4)])
        }
        None => digits,
    }
}

fn with(parts: &[String], sign: char) -> String {
    let filled = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
    parts[..filled].join(&sign.to_string())
}

/// Components, without the empty ones at the end.
pub fn joined(parts: &[String]) -> String {
    with(parts, '^')
}

pub fn repeated(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("~")
}

fn authority_parts(authority: &Authority) -> [String; 3] {
    [maybe(authority.name.as_ref()), maybe(authority.id.as_ref()), maybe(authority.kind.as_ref())]
}

fn authority(authority: &Authority) -> String {
    joined(&authority_parts(authority))
}

fn authority_inside(authority: &Authority) -> String {
    with(&authority_parts(authority), '&')
}

fn entity_parts(entity: &EntityId) -> [String; 4] {
    let [name, id, kind] = authority_parts(&entity.authority);
    [maybe(entity.id.as_ref()), name, id, kind]
}

pub fn entity(entity: Option<&EntityId>) -> String {
    entity.map(|entity| joined(&entity_parts(entity))).unwrap_or_default()
}

pub fn specimen_ids(specimen: &ReportedSpecimen) -> String {
    let inside = |entity: &Option<EntityId>| {
        entity.as_ref().map(|entity| with(&entity_parts(entity), '&')).unwrap_or_default()
    };
    joined(&[inside(&specimen.placer), inside(&specimen.filler)])
}

pub fn coded(coded: &Coded) -> String {
    let mut parts = vec![String::new(); 9];
    for (coding, at) in coded.codings.iter().zip([(0, 6), (3, 7)]) {
        parts[at.0] = maybe(coding.code.as_ref());
        parts[at.0 + 1] = maybe(coding.text.as_ref());
        parts[at.0 + 2] = coding.system.as_ref().map(|system| plain(&system.name())).unwrap_or_default();
        parts[at.1] = maybe(coding.version.as_ref());
    }
    parts[8] = maybe(coded.text.as_ref());
    joined(&parts)
}

pub fn each_coded(all: &[Coded]) -> String {
    repeated(all.iter().map(coded))
}

/// OBX-8: a bare code where that says it all, which is what version 2.5.1 has there.
pub fn interpretations(all: &[Coded]) -> String {
    repeated(all.iter().map(|interpretation| match &interpretation.codings[..] {
        [
            Coding { system: Some(CodeSystem::Hl7Table(table)), code: Some(code), text: None, version: None },
        ] if table == "0078" && interpretation.text.is_none() => plain(code),
        _ => coded(interpretation),
    }))
}

pub fn patient_id(identifier: &PatientId) -> String {
    joined(&[
        maybe(identifier.id.as_ref()),
        String::new(),
        String::new(),
        authority_inside(&identifier.authority),
        maybe(identifier.kind.as_ref()),
    ])
}

pub fn name(name: &PersonName) -> String {
    let [family, given, further, suffix, prefix, kind] =
        [&name.family, &name.given, &name.further, &name.suffix, &name.prefix, &name.kind]
            .map(|part| maybe(part.as_ref()));
    joined(&[family, given, further, suffix, prefix, String::new(), kind])
}

pub fn sex(sex: &Sex) -> String {
    match sex {
        Sex::Female => "F".to_owned(),
        Sex::Male => "M".to_owned(),
        Sex::Other => "O".to_owned(),
        Sex::Unknown => "U".to_owned(),
        Sex::Said(word) => plain(word),
    }
}

pub fn telecom(telecom: &Telecom) -> String {
    let used_as = maybe(telecom.used_as.as_ref());
    if telecom.kind == TelecomKind::Email {
        return joined(&[String::new(), used_as, "Internet".to_owned(), plain(&telecom.value)]);
    }
    let mut parts = vec![String::new(); 12];
    parts[1] = used_as;
    parts[2] = "PH".to_owned();
    if let Some([country, area, local]) = in_pieces(&telecom.value) {
        (parts[4], parts[5], parts[6]) = (country, area, local);
    }
    parts[11] = plain(&telecom.value);
    joined(&parts)
}

/// Receivers read the pieces of a number; only one that shows them is cut.
fn in_pieces(value: &str) -> Option<[String; 3]> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut pieces = value.strip_prefix('+')?.split(' ');
    let (country, area) = (pieces.next()?, pieces.next()?);
    let local: Vec<&str> = pieces.collect();
    let whole =
        digits(country) && digits(area) && local.iter().all(|piece| digits(piece)) && !local.is_empty();
    whole.then(|| [country.to_owned(), area.to_owned(), local.concat()])
}

pub fn work_phone(value: &str) -> String {
    telecom(&Telecom { kind: TelecomKind::Phone, value: value.to_owned(), used_as: Some("WPN".to_owned()) })
}

/// The second line of an address takes all further ones.
pub fn address(address: &Address) -> String {
    let further = address.lines.get(1..).unwrap_or_default().join(", ");
    let [city, state, postcode, country, kind, district] = [
        &address.city,
        &address.state,
        &address.postcode,
        &address.country,
        &address.kind,
        &address.district,
    ]
    .map(|part| maybe(part.as_ref()));
    joined(&[maybe(address.lines.first()), plain(&further), city, state, postcode, country, kind, district])
}

pub fn organisation(organisation: Option<&Organisation>) -> String {
    let Some(organisation) = organisation else { return String::new() };
    let (name, id) = (maybe(organisation.name.as_ref()), maybe(organisation.id.as_ref()));
    let authority = authority_inside(&organisation.authority);
    let (legal, kind_of_id) = (
        if name.is_empty() { String::new() } else { "L".to_owned() },
        if id.is_empty() { String::new() } else { "XX".to_owned() },
    );
    let blank = String::new;
    joined(&[name, legal, blank(), blank(), blank(), authority, kind_of_id, blank(), blank(), id])
}

/// OBX-15: the laboratory once more, for receivers that look there.
pub fn producer(lab: &Organisation) -> String {
    let system = lab.authority.name.as_ref().or(lab.authority.kind.as_ref());
    joined(&[maybe(lab.id.as_ref()), maybe(lab.name.as_ref()), maybe(system)])
}

pub fn provider(provider: Option<&Provider>) -> String {
    let Some(provider) = provider else { return String::new() };
    let mut parts = vec![String::new(); 9];
    parts[0] = maybe(provider.id.as_ref());
    parts[1] = maybe(provider.family.as_ref());
    parts[2] = maybe(provider.given.as_ref());
    parts[8] = authority_inside(&provider.authority);
    joined(&parts)
}

/// OBX-2, OBX-5 and the unit for OBX-6.
pub fn value(value: &Value) -> (String, String, Option<&Coded>) {
    let number = |comparator: &Option<String>, rest: &[String]| {
        let mut parts = vec![maybe(comparator.as_ref())];
        parts.extend_from_slice(rest);
        joined(&parts)
    };
    let (kind, text, unit) = match value {
        Value::Absent => ("", String::new(), None),
        Value::Coded(value) => ("CWE", coded(value), None),
        Value::Quantity { comparator: None, number, unit } => ("NM", number.text().to_owned(), unit.as_ref()),
        Value::Quantity { comparator, number: first, unit } => {
            ("SN", number(comparator, &[first.text().to_owned()]), unit.as_ref())
        }
        Value::Pair { comparator, first, between, second, unit } => {
            let rest = [first.text().to_owned(), plain(between), second.text().to_owned()];
            ("SN", number(comparator, &rest), unit.as_ref())
        }
        Value::Text(text) if text.contains('\n') => ("TX", plain(text), None),
        Value::Text(text) => ("ST", plain(text), None),
        Value::Date(date) => ("DT", date.digits(), None),
        Value::TimeOfDay { clock, offset_minutes } => ("TM", time_of_day(*clock, *offset_minutes), None),
        Value::Time(time) => ("TS", told(Some(*time)), None),
        Value::Unread { kind, raw } if kind.len() <= 3 => return (plain(kind), as_it_came(raw), None),
        Value::Unread { raw, .. } => ("TX", plain(raw), None),
    };
    (kind.to_owned(), text, unit)
}

fn time_of_day(clock: crate::Clock, offset_minutes: Option<i16>) -> String {
    let date = crate::CivilDate::of(2000, Some(1), Some(1));
    let whole = date.map(|date| StatedTime { date, clock: Some(clock), offset_minutes });
    told(whole).get(8..).unwrap_or_default().to_owned()
}

/// Its parts are parts already; what would end the field may not stand in it.
fn as_it_came(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for sign in raw.chars() {
        match sign {
            '|' => out.push_str("\\F\\"),
            '~' => out.push_str("\\R\\"),
            _ if sign.is_control() => {}
            _ => out.push(sign),
        }
    }
    out
}
