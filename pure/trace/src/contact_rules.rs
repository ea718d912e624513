//! Who is a contact, and of which class: a protocol's rules applied to one exposure, with the reason in words.
//!
//! Deliberately absent: deciding. What is proposed here a person confirms or overrules, with a reason.

use base::Day;
use cases::{ContactClass, ExposureKind};
use packs::{ContactRule, Protocol, Unless};
use serde::Serialize;

/// Whom or what somebody met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    Case,
    /// A close contact, between their own first exposure and their isolation.
    Contact,
    /// A lot of goods or a surface: judged by the rules for a case, and ill on no day.
    Thing,
}

/// One exposure, as far as it is known. What nobody knows takes nobody off a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Met {
    pub whom: Whom,
    pub kind: ExposureKind,
    pub metres: Option<f64>,
    /// Rows of seats apart, in one carriage or cabin.
    pub rows_apart: Option<u16>,
    /// On a vehicle with carriages: whether they rode in the same one.
    pub same_carriage: Option<bool>,
    pub minutes: Option<u32>,
    pub indoors: Option<bool>,
    pub protected: Option<bool>,
    /// Days from the case's onset, or sampling without signs; negative before it.
    pub day_of_illness: Option<i32>,
    /// The case (or the close contact) was isolated on a day before this one.
    pub was_isolated: bool,
}

/// A class with the rule that gives it, or none, and why in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    pub class: Option<ContactClass>,
    pub rule: Option<String>,
    pub because_zh: String,
    pub because_en: String,
}

/// The class an exposure gives by a protocol: the first rule that holds.
///
/// # Source
/// Protocols for the prevention and control of COVID-19, 8th and 9th editions (docs/sources.md#protocols): close, contact of contact,
/// general, from the look-back to isolation. Other diseases: the sources in `packs/protocols`.
pub fn propose_class(protocol: &Protocol, met: &Met) -> Proposal {
    if !protocol.contacts_determined.value {
        return nobody(
            format!("按“{}”，不再判定接触者", protocol.zh),
            format!("under {} contacts are not determined", protocol.en),
        );
    }
    if met.whom == Whom::Contact && !protocol.secondary.value {
        return nobody(
            format!("按“{}”，不判定次密接", protocol.zh),
            format!("under {} contacts of contacts are not determined", protocol.en),
        );
    }
    let look_back = i32::from(protocol.look_back_days.value);
    if let Some(day) = met.day_of_illness.filter(|day| *day < -look_back) {
        return nobody(
            format!("暴露发生在发病（采样）前 {} 天，早于追溯期 {look_back} 天", -day),
            format!("{} before onset or sampling; the look-back is {look_back}", days(-day)),
        );
    }
    if met.was_isolated {
        return nobody(
            "暴露发生在对方已被隔离之后".to_owned(),
            "after whom they met had been isolated".to_owned(),
        );
    }
    let of_whom =
        |rule: &&ContactRule| (rule.class == ContactClass::Secondary) == (met.whom == Whom::Contact);
    let fits = |rule: &&ContactRule| rule.kinds.contains(&met.kind);
    let rule = protocol.rules.iter().filter(of_whom).filter(fits).find(|rule| met.holds(rule, protocol));
    match rule {
        Some(rule) => met.judged_by(rule, protocol),
        None => nobody(
            format!("“{}”没有适用的判定规则", protocol.zh),
            format!("no rule of {} holds for it", protocol.en),
        ),
    }
}

/// From when to when contacts of a case count: `day` is onset, or sampling of somebody without signs.
pub fn look_back(protocol: &Protocol, day: Day, isolated: Option<Day>) -> (Day, Option<Day>) {
    let from = day - i32::from(protocol.look_back_days.value);
    (from, isolated.map(|isolated| isolated.max(from)))
}

/// From when to when contacts of a close contact count: from that contact's own first exposure to their isolation.
pub fn contact_window(first_exposure: Day, isolated: Option<Day>) -> (Day, Option<Day>) {
    (first_exposure, isolated.map(|isolated| isolated.max(first_exposure)))
}

fn nobody(because_zh: String, because_en: String) -> Proposal {
    Proposal { class: None, rule: None, because_zh, because_en }
}

impl Met {
    fn holds(&self, rule: &ContactRule, protocol: &Protocol) -> bool {
        !rule.unless.iter().any(|unless| self.is_known_to_be(*unless, rule, protocol))
    }

    fn is_known_to_be(&self, unless: Unless, rule: &ContactRule, protocol: &Protocol) -> bool {
        match unless {
            Unless::Protected => self.protected == Some(true),
            Unless::Outdoors => self.indoors == Some(false),
            Unless::Brief => self
                .minutes
                .zip(rule.brief_minutes)
                .is_some_and(|(minutes, brief)| minutes < u32::from(brief)),
            Unless::Apart => self.is_apart(protocol),
        }
    }

    /// Known to have been farther than near: by metres where they are known, else by rows, else by carriage.
    fn is_apart(&self, protocol: &Protocol) -> bool {
        let near = protocol.near_metres.as_ref().map(|near| near.value);
        if let Some((metres, near)) = self.metres.zip(near) {
            return metres > near;
        }
        if self.same_carriage == Some(false) {
            return true;
        }
        let rows = protocol.rows_each_way.as_ref().map(|rows| rows.value);
        self.rows_apart.zip(rows).is_some_and(|(apart, rows)| apart > rows)
    }

    fn judged_by(&self, rule: &ContactRule, protocol: &Protocol) -> Proposal {
        let (mut zh, mut en): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut say = |said: Option<(String, String)>| {
            if let Some((said_zh, said_en)) = said {
                zh.push(said_zh);
                en.push(said_en);
            }
        };
        say(self.day_of_illness.map(said_day));
        say(self.minutes.map(|minutes| (format!("{minutes} 分钟"), format!("{minutes} minutes"))));
        say(self.metres.map(|metres| (format!("相距 {metres:.1} 米"), format!("{metres:.1} m apart"))));
        say(self.rows_apart.map(|rows| (format!("相隔 {rows} 排"), format!("{rows} rows apart"))));
        say(self.same_carriage.map(|same| {
            if same {
                ("同车厢".into(), "same carriage".into())
            } else {
                ("不同车厢".into(), "another carriage".into())
            }
        }));
        say(self.indoors.map(|indoors| {
            if indoors { ("室内".into(), "indoors".into()) } else { ("室外".into(), "outdoors".into()) }
        }));
        say(self.protected.map(|protected| {
            if protected {
                ("有效防护".into(), "protected".into())
            } else {
                ("无有效防护".into(), "not protected".into())
            }
        }));
        let unknown: Vec<(&str, &str)> =
            rule.unless.iter().filter_map(|unless| self.not_known(*unless, protocol)).collect();
        if !unknown.is_empty() {
            let words = |pick: fn(&(&str, &str)) -> String, with: &str| {
                unknown.iter().map(pick).collect::<Vec<_>>().join(with)
            };
            say(Some((
                format!("{}不详，按接触计", words(|word| word.0.to_owned(), "、")),
                format!("{} not known, counted as contact", words(|word| word.1.to_owned(), " and ")),
            )));
        }
        let tail =
            |said: Vec<String>, with: &str| if said.is_empty() { String::new() } else { said.join(with) };
        let (facts_zh, facts_en) = (tail(zh, "，"), tail(en, ", "));
        let (mark_zh, mark_en) = if facts_zh.is_empty() { ("", "") } else { ("：", ": ") };
        Proposal {
            class: Some(rule.class),
            rule: Some(rule.id.clone()),
            because_zh: format!("{}{mark_zh}{facts_zh}", rule.zh),
            because_en: format!("{}{mark_en}{facts_en}", rule.en),
        }
    }

    /// What would take somebody off this rule, if anybody knew it.
    fn not_known(&self, unless: Unless, protocol: &Protocol) -> Option<(&'static str, &'static str)> {
        match unless {
            Unless::Protected => self.protected.is_none().then_some(("防护", "protection")),
            Unless::Outdoors => self.indoors.is_none().then_some(("室内外", "indoors or outdoors")),
            Unless::Brief => self.minutes.is_none().then_some(("时长", "duration")),
            Unless::Apart => {
                let by_rows = self.rows_apart.is_some() && protocol.rows_each_way.is_some();
                let by_metres = self.metres.is_some() && protocol.near_metres.is_some();
                let known = by_metres || by_rows || self.same_carriage == Some(false);
                let word = if protocol.near_metres.is_some() {
                    ("距离", "distance")
                } else {
                    ("相隔排数", "rows apart")
                };
                (!known).then_some(word)
            }
        }
    }
}

fn said_day(day: i32) -> (String, String) {
    match day {
        0 => ("发病（采样）当日".to_owned(), "on the day of onset or sampling".to_owned()),
        day if day < 0 => {
            (format!("发病（采样）前 {} 天", -day), format!("{} before onset or sampling", days(-day)))
        }
        day => (format!("发病（采样）后 {day} 天"), format!("{} after onset or sampling", days(day))),
    }
}

fn days(count: i32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn protocol(id: &str) -> Protocol {
        packs::shipped::protocols().unwrap().by_id(id).unwrap().clone()
    }

    fn met(kind: ExposureKind) -> Met {
        Met {
            whom: Whom::Case,
            kind,
            metres: None,
            rows_apart: None,
            same_carriage: None,
            minutes: None,
            indoors: None,
            protected: None,
            day_of_illness: Some(0),
            was_isolated: false,
        }
    }

    fn check(protocol_id: &str, met: Met, class: Option<ContactClass>, rule: &str, words: &str) {
        let told = propose_class(&protocol(protocol_id), &met);
        assert_eq!(told.class, class, "{protocol_id}: {}", told.because_en);
        assert_eq!(told.rule.as_deref().unwrap_or_default(), rule);
        assert!(told.because_en.contains(words), "{}", told.because_en);
        assert!(told.because_zh.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)));
    }

    #[test]
    fn a_table_of_exposures() {
        use ContactClass::{Close, General, Secondary};
        use ExposureKind::*;
        let base = met(Household);
        check("cn-covid-8", base, Some(Close), "close.household", "protection not known, counted as contact");
        let late = Met { was_isolated: true, ..base };
        check("cn-covid-8", late, None, "", "had been isolated");
        let masked = Met { protected: Some(true), ..met(NearWork) };
        check("cn-covid-8", masked, Some(General), "general.shared_space", "protected");
        let far = Met { rows_apart: Some(6), same_carriage: Some(true), ..met(Transport) };
        check("cn-covid-8", far, Some(General), "general.shared_space", "6 rows apart");
        let near = Met { rows_apart: Some(2), same_carriage: Some(true), ..met(Transport) };
        check("cn-covid-8", near, Some(Close), "close.transport", "2 rows apart");
        let elsewhere = Met { same_carriage: Some(false), ..met(Transport) };
        check("cn-covid-8", elsewhere, Some(General), "general.shared_space", "another carriage");
        check(
            "cn-covid-8",
            met(Transport),
            Some(Close),
            "close.transport",
            "protection and distance not known",
        );
        let early = Met { day_of_illness: Some(-3), ..base };
        check("cn-covid-8", early, None, "", "the look-back is 2");
        let of_contact = Met { whom: Whom::Contact, ..base };
        check("cn-covid-8", of_contact, Some(Secondary), "secondary.shared_life", "without protection");
        check("cn-covid-20m", of_contact, None, "", "contacts of contacts are not determined");
        check("cn-covid-bb", base, None, "", "contacts are not determined");
        let on_the_garden_wall = Met { indoors: Some(false), ..met(Dining) };
        check("measles", on_the_garden_wall, Some(General), "general.shared_space", "outdoors");
        let brief = Met { minutes: Some(5), metres: Some(1.0), ..met(NearWork) };
        check("generic", brief, Some(General), "general.shared_space", "5 minutes");
        check("generic", Met { minutes: Some(20), ..brief }, Some(Close), "close.face_to_face", "20 minutes");
    }

    #[test]
    fn metres_say_nothing_where_the_protocol_counts_rows() {
        let mut by_rows = protocol("cn-covid-8");
        let met = Met { metres: Some(5.0), protected: Some(false), ..met(ExposureKind::Transport) };
        assert_eq!(propose_class(&by_rows, &met).rule.as_deref(), Some("general.shared_space"));
        by_rows.near_metres = None;
        let told = propose_class(&by_rows, &met);
        assert_eq!(told.rule.as_deref(), Some("close.transport"));
        assert!(told.because_en.contains("rows apart not known, counted as contact"), "{}", told.because_en);
    }

    #[test]
    fn windows_open_before_onset_and_close_with_isolation() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let covid = protocol("cn-covid-8");
        assert_eq!(
            look_back(&covid, day("2022-02-18"), Some(day("2022-02-20"))),
            (day("2022-02-16"), Some(day("2022-02-20")))
        );
        assert_eq!(look_back(&covid, day("2022-02-18"), Some(day("2022-01-01"))).1, Some(day("2022-02-16")));
        assert_eq!(contact_window(day("2022-02-17"), None), (day("2022-02-17"), None));
    }

    fn any_met() -> impl Strategy<Value = Met> {
        let kind = proptest::sample::select(ExposureKind::ALL);
        let whom = prop_oneof![Just(Whom::Case), Just(Whom::Contact)];
        let maybe = || proptest::option::of(any::<bool>());
        (
            (kind, whom, proptest::option::of(0.0..10.0_f64), proptest::option::of(0..12_u16), maybe()),
            (
                proptest::option::of(0..600_u32),
                maybe(),
                maybe(),
                proptest::option::of(-10..10_i32),
                proptest::bool::weighted(0.2),
            ),
        )
            .prop_map(
                |(
                    (kind, whom, metres, rows_apart, same_carriage),
                    (minutes, indoors, protected, day_of_illness, was_isolated),
                )| Met {
                    whom,
                    kind,
                    metres,
                    rows_apart,
                    same_carriage,
                    minutes,
                    indoors,
                    protected,
                    day_of_illness,
                    was_isolated,
                },
            )
    }

    /// How closely somebody is watched: a higher number is closer.
    fn weight(proposal: &Proposal) -> u8 {
        match proposal.class {
            None => 0,
            Some(ContactClass::General) => 1,
            Some(ContactClass::Secondary) => 2,
            Some(ContactClass::Close) => 3,
        }
    }

    proptest! {
        #[test]
        fn what_nobody_knows_takes_nobody_off_a_list(met in any_met()) {
            for protocol in packs::shipped::protocols().unwrap().iter() {
                let known = weight(&propose_class(protocol, &met));
                for doubtful in [
                    Met { protected: None, ..met },
                    Met { indoors: None, ..met },
                    Met { minutes: None, ..met },
                    Met { metres: None, rows_apart: None, same_carriage: None, ..met },
                    Met { day_of_illness: None, ..met },
                ] {
                    prop_assert!(weight(&propose_class(protocol, &doubtful)) >= known, "{}: {:?}", protocol.id, doubtful);
                }
            }
        }

        #[test]
        fn nearer_longer_and_unprotected_never_lower_a_class(met in any_met(), nearer in 0.0..1.0_f64, longer in 0..600_u32) {
            for protocol in packs::shipped::protocols().unwrap().iter() {
                let before = weight(&propose_class(protocol, &met));
                let worse = Met {
                    metres: met.metres.map(|metres| metres * nearer),
                    minutes: met.minutes.map(|minutes| minutes + longer),
                    protected: met.protected.map(|_| false),
                    ..met
                };
                prop_assert!(weight(&propose_class(protocol, &worse)) >= before, "{}: {:?}", protocol.id, worse);
            }
        }

        #[test]
        fn a_class_always_names_its_rule_and_fits_whom_was_met(met in any_met()) {
            for protocol in packs::shipped::protocols().unwrap().iter() {
                let told = propose_class(protocol, &met);
                prop_assert_eq!(told.class.is_some(), told.rule.is_some());
                prop_assert!(!told.because_en.is_empty() && !told.because_zh.is_empty());
                if let Some(class) = told.class {
                    prop_assert_eq!(class == ContactClass::Secondary, met.whom == Whom::Contact);
                    let look_back = i32::from(protocol.look_back_days.value);
                    prop_assert!(met.day_of_illness.is_none_or(|day| day >= -look_back) && !met.was_isolated);
                }
            }
        }
    }
}
