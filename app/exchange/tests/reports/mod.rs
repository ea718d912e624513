//! Reports of any kind, for properties that hold of them all.

use exchange::lab_report::{
    Address, Authority, CodeSystem, Coded, Coding, EntityId, LabReport, LabResult, MessageHead, Mode, Number,
    Order, Organisation, Party, Patient, PatientId, PersonName, Provider, ReportedSpecimen, ResultStatus,
    Sex, Telecom, TelecomKind, Value,
};
use exchange::{CivilDate, Clock, StatedTime};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// What people write, with everything that is a separator somewhere.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9病王|^~&\\\\\"'.:; \n-]{0,11}[a-z0-9某|&\\\\]"
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-z0-9&^.-]{0,7}[A-Z0-9]"
}

fn civil_date() -> impl Strategy<Value = CivilDate> {
    (1900_i16..2100, of((1_i8..=12, of(1_i8..=28)))).prop_map(|(year, month)| {
        let (month, day) = month.map_or((None, None), |(month, day)| (Some(month), day));
        CivilDate::of(year, month, day).expect("a date")
    })
}

fn clock() -> impl Strategy<Value = Clock> {
    (0_u32..24, 0_u32..60, of((0_u32..60, of("[0-9]{1,4}")))).prop_map(|(hour, minute, second)| {
        let mut digits = format!("{hour:02}{minute:02}");
        if let Some((second, fraction)) = second {
            digits.push_str(&format!("{second:02}"));
            fraction.into_iter().for_each(|fraction| digits.push_str(&format!(".{fraction}")));
        }
        Clock::from_digits(&digits).expect("a clock")
    })
}

/// A date alone, or a day with a clock and perhaps an offset.
fn time() -> impl Strategy<Value = StatedTime> {
    let clocked = (1900_i16..2100, 1_i8..=12, 1_i8..=28, clock(), of(-720_i16..=840));
    prop_oneof![
        civil_date().prop_map(|date| StatedTime { date, clock: None, offset_minutes: None }),
        clocked.prop_map(|(year, month, day, clock, offset_minutes)| StatedTime {
            date: CivilDate::of(year, Some(month), Some(day)).expect("a date"),
            clock: Some(clock),
            offset_minutes,
        }),
    ]
}

fn authority() -> impl Strategy<Value = Authority> {
    (of(text()), of("[0-2](\\.[1-9][0-9]{0,3}){2,4}")).prop_map(|(name, id)| {
        let kind = id.is_some().then(|| "ISO".to_owned());
        Authority { name, id, kind }
    })
}

fn entity() -> impl Strategy<Value = EntityId> {
    (text(), authority()).prop_map(|(id, authority)| EntityId { id: Some(id), authority })
}

fn coding() -> impl Strategy<Value = Coding> {
    let system = prop_oneof![
        Just(CodeSystem::Loinc),
        Just(CodeSystem::Snomed),
        "[0-9]{4}".prop_map(CodeSystem::Hl7Table),
        "99[A-Z]{3}".prop_map(CodeSystem::Other),
    ];
    (of(system), word(), of(text()), of("[0-9.]{1,4}")).prop_map(|(system, code, text, version)| Coding {
        system,
        code: Some(code),
        text,
        version,
    })
}

pub fn coded() -> impl Strategy<Value = Coded> {
    (vec(coding(), 1..3), of(text())).prop_map(|(codings, text)| Coded { codings, text })
}

fn unit() -> impl Strategy<Value = Option<Coded>> {
    of((word(), of(text())).prop_map(|(code, text)| Coded {
        codings: vec![Coding { system: Some(CodeSystem::Ucum), code: Some(code), text, version: None }],
        text: None,
    }))
}

fn number() -> impl Strategy<Value = Number> {
    "-?[0-9]{1,5}(\\.[0-9]{1,4})?".prop_map(|text| Number::read(&text).expect("a number"))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Absent),
        coded().prop_map(Value::Coded),
        (of("(<|<=|>|>=)"), number(), unit()).prop_map(|(comparator, number, unit)| Value::Quantity {
            comparator,
            number,
            unit
        }),
        (number(), number(), unit()).prop_map(|(first, second, unit)| Value::Pair {
            comparator: None,
            first,
            between: ":".to_owned(),
            second,
            unit
        }),
        text().prop_map(Value::Text),
        time().prop_map(Value::Time),
    ]
}

fn address() -> impl Strategy<Value = Address> {
    (vec(text(), 0..3), of(text()), of(text()), of(text()), of(word()), text(), of("[HB]")).prop_map(
        |(lines, district, city, state, postcode, country, kind)| Address {
            lines,
            district,
            city,
            state,
            postcode,
            country: Some(country),
            kind,
        },
    )
}

fn organisation(with_phone: bool) -> impl Strategy<Value = Organisation> {
    let phone = if with_phone { of(word()).boxed() } else { Just(None).boxed() };
    (text(), of(word()), authority(), of(address()), phone).prop_map(
        |(name, id, authority, address, phone)| {
            // An authority of nothing is no authority.
            let authority = if id.is_some() { authority } else { Authority::default() };
            Organisation { name: Some(name), id, authority, address, phone }
        },
    )
}

fn status() -> impl Strategy<Value = ResultStatus> {
    prop_oneof![
        Just(ResultStatus::Final),
        Just(ResultStatus::Preliminary),
        Just(ResultStatus::Corrected),
        Just(ResultStatus::Deleted),
        Just(ResultStatus::Wrong),
        Just(ResultStatus::NotObtained),
    ]
}

pub fn result() -> impl Strategy<Value = LabResult> {
    // A code of no system is taken there for one of table 0078.
    let interpretation = coded().prop_map(|mut coded| {
        for coding in &mut coded.codings {
            coding.system.get_or_insert(CodeSystem::Hl7Table("0078".to_owned()));
        }
        coded
    });
    let what = (coded(), value(), of(status()), vec(interpretation, 0..2), vec(text(), 0..2));
    let how = (of(time()), of(time()), vec(coded(), 0..2), of(entity()), of(organisation(false)), of(text()));
    (what, how).prop_map(
        |(
            (test, value, status, interpretation, notes),
            (observed, analysed, methods, instrument, lab, range),
        )| {
            LabResult {
                test,
                part: None,
                value,
                interpretation,
                reference_range: range,
                status,
                observed,
                analysed,
                methods,
                instrument,
                lab,
                notes,
            }
        },
    )
}

fn answer() -> impl Strategy<Value = LabResult> {
    (coded(), coded()).prop_map(|(test, value)| LabResult {
        test,
        value: Value::Coded(value),
        status: Some(ResultStatus::Final),
        ..LabResult::default()
    })
}

fn specimen() -> impl Strategy<Value = ReportedSpecimen> {
    (entity(), of(entity()), coded(), of((time(), of(time()))), of(time())).prop_map(
        |(placer, filler, kind, collected, received)| ReportedSpecimen {
            placer: Some(placer),
            filler,
            kind,
            collected: collected.map(|(from, _)| from),
            collected_until: collected.and_then(|(_, until)| until),
            received,
            observations: Vec::new(),
        },
    )
}

fn patient() -> impl Strategy<Value = Patient> {
    let identifier = (text(), authority(), of("(MR|PI|PT|NI)")).prop_map(|(id, authority, kind)| PatientId {
        id: Some(id),
        authority,
        kind,
    });
    let name = (text(), of(text()), of("[LA]")).prop_map(|(family, given, kind)| PersonName {
        family: Some(family),
        given,
        kind,
        ..PersonName::default()
    });
    let sex = prop_oneof![Just(Sex::Female), Just(Sex::Male), Just(Sex::Other), Just(Sex::Unknown)];
    let telecom = (any::<bool>(), text(), of("(PRN|WPN)")).prop_map(|(email, value, used_as)| Telecom {
        kind: if email { TelecomKind::Email } else { TelecomKind::Phone },
        value,
        used_as,
    });
    (
        vec(identifier, 0..3),
        vec(name, 0..3),
        of(civil_date()),
        of(sex),
        vec(telecom, 0..3),
        vec(address(), 0..2),
    )
        .prop_map(|(identifiers, names, birth, sex, telecoms, addresses)| Patient {
            identifiers,
            names,
            birth,
            sex,
            telecoms,
            addresses,
            notes: Vec::new(),
        })
}

fn order() -> impl Strategy<Value = Order> {
    let provider = (of(word()), authority(), text(), of(text()), of(word())).prop_map(
        |(id, authority, family, given, phone)| {
            let authority = if id.is_some() { authority } else { Authority::default() };
            Provider { id, authority, family: Some(family), given, phone }
        },
    );
    let said = (of(entity()), of(entity()), coded(), of(status()), of(time()), of(time()));
    (said, of(provider), of(organisation(true)), vec(text(), 0..2)).prop_map(
        |((placer, filler, test, status, collected, reported), provider, facility, notes)| Order {
            placer,
            filler,
            test,
            status,
            collected,
            reported,
            provider,
            facility,
            notes,
        },
    )
}

pub fn report() -> impl Strategy<Value = LabReport> {
    let mode = prop_oneof![Just(Mode::Production), Just(Mode::Training), Just(Mode::Debugging)];
    let party = || {
        (authority(), text(), authority()).prop_map(|(application, name, facility)| Party {
            application,
            facility: Authority { name: Some(name), ..facility },
        })
    };
    let head = (text(), party(), party(), mode, of(time()))
        .prop_map(|(id, sender, receiver, mode, sent)| MessageHead { id, sender, receiver, mode, sent });
    (head, of(patient()), order(), vec(specimen(), 0..3), vec(result(), 1..4), vec(answer(), 0..3)).prop_map(
        |(message, patient, order, specimens, results, answers)| LabReport {
            message,
            patient,
            order,
            specimens,
            results,
            answers,
        },
    )
}
