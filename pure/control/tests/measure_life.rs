//! The life of a measure: what the law asks cannot be skipped, in any order, by anybody.

use base::{Moment, Territory};
use control::{Measure, MeasureState, Party, Stamp, Terms, ground};
use packs::{Approval, ClassCn, Measures};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;
const OFFSET: i32 = 480;
const COUNTY: &str = "14/1407/140703";

fn pack() -> Measures {
    packs::shipped::measures().unwrap()
}

fn on(day: &str) -> Moment {
    Moment::start_of(day.parse().unwrap(), OFFSET)
}

fn place(path: &str) -> Territory {
    path.parse().unwrap()
}

fn party(person: &str, organisation: &str, territory: &str) -> Party {
    let organisation = (!organisation.is_empty()).then(|| organisation.to_owned());
    Party { person: person.to_owned(), acts_for: None, organisation, territory: place(territory) }
}

fn by(person: &str, organisation: &str, territory: &str, at: Moment) -> Stamp {
    Stamp { at, by: party(person, organisation, territory) }
}

/// An order of Taigu's in February 2022, on this article.
fn order(kind: &str, article: &str) -> Terms {
    let pack = pack();
    let known = pack.kind(kind).unwrap();
    Terms {
        kind: kind.to_owned(),
        article: article.to_owned(),
        government: place(COUNTY),
        territory: place(COUNTY),
        affected: 42_000,
        starts: on("2022-02-21"),
        ends: on("2022-03-01"),
        lift: known.lift.clone(),
        duties: known.duties.clone(),
    }
}

fn proposed(terms: Terms) -> Measure {
    let stamp = by("wang", "Taigu CDC", COUNTY, on("2022-02-20"));
    Measure::propose(terms, Some(ClassCn::A), stamp, &pack(), OFFSET).unwrap()
}

fn decided(terms: Terms) -> Measure {
    let mut measure = proposed(terms);
    measure.decide(by("zhao", "Taigu government", COUNTY, on("2022-02-20"))).unwrap();
    measure
}

fn prefecture(at: Moment) -> Stamp {
    by("li", "Jinzhong government", "14/1407", at)
}

#[test]
fn a_county_proposes_and_decides_the_prefecture_approves_it_is_announced_holds_and_lapses() {
    let mut measure = proposed(order("close_schools", "cn-idl-2004/42"));
    let at = on("2022-02-20");
    assert_eq!((measure.approval, measure.state(at)), (Approval::Before, MeasureState::Proposed));
    assert_eq!(measure.approve(prefecture(at)).unwrap_err().code, "control.state", "nobody has decided it");
    measure.decide(by("zhao", "Taigu government", COUNTY, at)).unwrap();
    assert_eq!(measure.state(on("2022-02-22")), MeasureState::Decided);
    assert_eq!(measure.announce(at).unwrap_err().code, "control.not_approved");
    measure.approve(prefecture(at)).unwrap();
    assert_eq!(measure.state(on("2022-02-22")), MeasureState::Approved, "announced first");
    measure.announce(at).unwrap();
    assert_eq!(measure.state(at), MeasureState::Announced);
    assert_eq!(measure.state(on("2022-02-21")), MeasureState::Active);
    assert!(!measure.is_review_due(Moment(on("2022-02-25").0 - 1)));
    assert!(measure.is_review_due(on("2022-02-25")));
    measure.review(on("2022-02-25")).unwrap();
    assert!(!measure.is_review_due(on("2022-02-26")));
    assert_eq!(measure.state(Moment(on("2022-03-01").0 - 1)), MeasureState::Active);
    assert_eq!(measure.state(on("2022-03-01")), MeasureState::Lapsed, "by itself");
    let late = by("zhao", "Taigu government", COUNTY, on("2022-03-01"));
    assert_eq!(measure.lift(late).unwrap_err().code, "control.state");
}

#[test]
fn isolation_of_a_place_holds_at_once_and_ends_at_once_when_the_upper_level_refuses() {
    let mut measure = decided(order("seal_building", "cn-idl-2004/41"));
    let at = on("2022-02-21");
    measure.announce(at).unwrap();
    assert_eq!(measure.state(at), MeasureState::Active);
    assert!(measure.is_answer_due(at), "the prefecture was told and has not answered");
    let same_level = by("qian", "Taigu office", COUNTY, at);
    assert_eq!(measure.refuse(same_level).unwrap_err().code, "control.not_theirs");
    let mut agreed = measure.clone();
    agreed.approve(prefecture(at)).unwrap();
    assert!(!agreed.is_answer_due(at));
    for mut one in [measure, agreed] {
        one.refuse(prefecture(on("2022-02-22"))).unwrap();
        assert_eq!(one.state(on("2022-02-22")), MeasureState::Lifted);
        assert_eq!(one.binds(), Some((at, on("2022-02-22"))));
    }
}

#[test]
fn whoever_is_to_answer_is_known_at_every_step() {
    let (at, county, upper) = (on("2022-02-20"), Some(place(COUNTY)), Some(place("14/1407")));
    let mut measure = proposed(order("close_schools", "cn-idl-2004/42"));
    assert_eq!(measure.awaits(at), county);
    measure.decide(by("zhao", "Taigu government", COUNTY, at)).unwrap();
    assert_eq!(measure.awaits(at), upper);
    measure.approve(prefecture(at)).unwrap();
    measure.announce(at).unwrap();
    assert_eq!(measure.awaits(on("2022-02-22")), None);
    let asks = by("wang", "Taigu CDC", COUNTY, on("2022-02-25"));
    measure.ask_extension(on("2022-03-04"), asks, &pack(), OFFSET).unwrap();
    assert_eq!(measure.awaits(on("2022-02-25")), county);
    measure.decide(by("zhao", "Taigu government", COUNTY, on("2022-02-25"))).unwrap();
    assert_eq!(measure.awaits(on("2022-02-25")), upper);
    assert_eq!(measure.awaits(on("2022-03-01")), None, "what is over awaits nobody");
    let told = decided(order("seal_building", "cn-idl-2004/41"));
    assert_eq!(told.awaits(on("2022-02-21")), upper, "told at once, and not answered");
}

#[test]
fn nobody_says_yes_to_themselves_to_their_own_organisation_or_from_the_wrong_level() {
    let at = on("2022-02-20");
    for (approves, code) in [
        (by("wang", "Jinzhong government", "14/1407", at), "control.own_order"),
        (by("zhao", "Jinzhong government", "14/1407", at), "control.own_order"),
        (by("li", " taigu GOVERNMENT", "14/1407", at), "control.same_organisation"),
        (by("li", "Taigu CDC", "14/1407", at), "control.same_organisation"),
        (by("li", "", "14/1407", at), "control.no_organisation"),
        (by("li", "Taigu health bureau", COUNTY, at), "control.not_theirs"),
        (by("li", "Shanxi government", "14", at), "control.not_theirs"),
        (by("li", "Taiyuan government", "14/1401", at), "control.not_theirs"),
    ] {
        let mut measure = decided(order("close_schools", "cn-idl-2004/42"));
        assert_eq!(measure.approve(approves).unwrap_err().code, code);
        assert_eq!(measure.state(on("2022-02-22")), MeasureState::Decided);
    }
    for (decides, code) in [
        (by("wang", "Taigu government", COUNTY, at), "control.own_order"),
        (by("zhao", "Taigu CDC", COUNTY, at), "control.same_organisation"),
        (by("li", "Jinzhong government", "14/1407", at), "control.other_government"),
    ] {
        let mut measure = proposed(order("close_schools", "cn-idl-2004/42"));
        assert_eq!(measure.decide(decides.clone()).unwrap_err().code, code);
        assert!(code == "control.same_organisation" || measure.turn_down(decides).is_err());
        assert_eq!(measure.state(on("2022-02-22")), MeasureState::Proposed);
    }
    let mut measure = decided(order("close_schools", "cn-idl-2004/42"));
    let mut lent = prefecture(at);
    lent.by.acts_for = Some("wang".to_owned());
    assert_eq!(measure.approve(lent).unwrap_err().code, "control.own_order", "nor with borrowed powers");
}

#[test]
fn a_longer_end_waits_for_the_same_yes_and_without_it_the_measure_lapses() {
    let mut measure = decided(order("close_schools", "cn-idl-2004/42"));
    let at = on("2022-02-20");
    measure.approve(prefecture(at)).unwrap();
    measure.announce(at).unwrap();
    let asks = by("wang", "Taigu CDC", COUNTY, on("2022-02-27"));
    let pack = pack();
    let too_long = measure.ask_extension(on("2022-04-01"), asks.clone(), &pack, OFFSET).unwrap_err();
    assert_eq!(too_long.code, "control.too_long");
    measure.ask_extension(on("2022-03-08"), asks.clone(), &pack, OFFSET).unwrap();
    assert_eq!(measure.state(on("2022-03-02")), MeasureState::Lapsed);
    assert_eq!(measure.approve(prefecture(on("2022-02-28"))).unwrap_err().code, "control.state");
    measure.decide(by("zhao", "Taigu government", COUNTY, on("2022-02-28"))).unwrap();
    assert_eq!(measure.state(on("2022-03-02")), MeasureState::Lapsed, "decided is not approved");
    let mut dropped = proposed(order("close_schools", "cn-idl-2004/42"));
    assert!(dropped.ask_extension(on("2022-03-08"), asks, &pack, OFFSET).is_err(), "not before it stands");
    measure.approve(prefecture(on("2022-02-28"))).unwrap();
    assert_eq!(measure.state(on("2022-03-02")), MeasureState::Active);
    assert_eq!(measure.state(on("2022-03-08")), MeasureState::Lapsed);
}

#[test]
fn an_extension_that_is_turned_down_leaves_the_old_end() {
    let mut measure = decided(order("seal_building", "cn-idl-2004/41"));
    measure.announce(on("2022-02-21")).unwrap();
    let asks = by("wang", "Taigu CDC", COUNTY, on("2022-02-27"));
    measure.ask_extension(on("2022-03-08"), asks, &pack(), OFFSET).unwrap();
    let mut longer = measure.clone();
    measure.turn_down(by("zhao", "Taigu government", COUNTY, on("2022-02-27"))).unwrap();
    assert_eq!(measure.state(on("2022-02-28")), MeasureState::Active);
    assert_eq!(measure.state(on("2022-03-01")), MeasureState::Lapsed);
    longer.approve(prefecture(on("2022-02-27"))).unwrap();
    longer.decide(by("zhao", "Taigu government", COUNTY, on("2022-02-27"))).unwrap();
    assert_eq!(longer.state(on("2022-03-07")), MeasureState::Active);
    assert!(longer.is_answer_due(on("2022-02-27")), "the prefecture is told of the longer end");
}

#[test]
fn bad_orders_are_refused_with_the_sentence_that_says_why() {
    let good = || order("close_schools", "cn-idl-2004/42");
    let bad: Vec<(Terms, &str, &str)> = vec![
        (
            Terms { article: "cn-idl-2004/99".into(), ..good() },
            "control.article",
            "there is no article “cn-idl-2004/99”",
        ),
        (
            Terms { article: "cn-idl-2004/45".into(), ..good() },
            "control.article_other",
            "article 45 gives no power for “Close schools”",
        ),
        (
            Terms { article: "cn-idl-2025/emergency-measures".into(), ..good() },
            "control.not_in_force",
            "is not in force on 2022-02-21",
        ),
        (
            Terms { ends: good().starts, ..good() },
            "control.end_before_start",
            "the end does not lie after the start",
        ),
        (Terms { ends: on("2022-03-30"), ..good() }, "control.too_long", "lasts 14 days at most"),
        (
            Terms {
                government: place("14/1407/140703/001"),
                territory: place("14/1407/140703/001"),
                ..good()
            },
            "control.government",
            "a county or one above it",
        ),
        (Terms { territory: place("14/1407/140702"), ..good() }, "control.outside", "outside the territory"),
        (Terms { affected: 0, ..good() }, "control.affected", "how many people"),
        (Terms { lift: vec![], ..good() }, "control.lift", "by which criteria"),
        (Terms { duties: vec![], ..good() }, "control.duty", "Lessons by other ways"),
        (Terms { kind: "curfew".into(), ..good() }, "control.kind", "not in the pack"),
    ];
    for (terms, code, words) in bad {
        let denied = ground(&terms, Some(ClassCn::A), &pack(), OFFSET).unwrap_err();
        assert_eq!(denied.code, code);
        assert!(denied.en.contains(words), "{}", denied.en);
    }
    let of_a_province =
        Terms { kind: "seal_area".into(), article: "cn-idl-2004/43-blockade".into(), ..good() };
    assert_eq!(
        ground(&of_a_province, Some(ClassCn::A), &pack(), OFFSET).unwrap_err().code,
        "control.government"
    );
    let isolation = order("seal_building", "cn-idl-2004/41");
    let denied = ground(&isolation, Some(ClassCn::C), &pack(), OFFSET).unwrap_err();
    assert_eq!(denied.code, "control.article_class");
    assert!(denied.en.contains("class A"), "{}", denied.en);
}

#[test]
fn a_text_that_ends_before_the_measure_does_is_no_basis() {
    let mut terms = order("close_schools", "cn-idl-2004/42");
    (terms.starts, terms.ends) = (on("2025-08-28"), on("2025-09-03"));
    let denied = ground(&terms, Some(ClassCn::B), &pack(), OFFSET).unwrap_err();
    assert!(denied.en.contains("not in force on 2025-09-02"), "{}", denied.en);
    terms.ends = on("2025-09-01");
    assert!(ground(&terms, Some(ClassCn::B), &pack(), OFFSET).is_ok(), "until midnight of its last day");
}

/// Who may turn up, in what order they may do what.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("wang", "Taigu CDC", COUNTY),
    ("zhao", "Taigu government", COUNTY),
    ("qian", "Taigu CDC", COUNTY),
    ("li", "Jinzhong government", "14/1407"),
    ("sun", "taigu government", "14/1407"),
    ("zhou", "Shanxi government", "14"),
    ("wu", "", "14/1407"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn in_no_order_of_deeds_is_what_the_law_asks_skipped(
        at_kind in 0_usize..25, proposer in 0_usize..3, deeds in prop::collection::vec((0_u8..9, 0_usize..7, 1_i64..40), 0..24)
    ) {
        let pack = pack();
        let kind = &pack.catalogue.kinds[at_kind % pack.catalogue.kinds.len()];
        prop_assume!(kind.gives == packs::GovernmentLevel::County);
        let article = kind.basis.iter().find(|one| pack.laws.find(one).unwrap().0.in_force_on("2022-02-21".parse().unwrap())).unwrap();
        let mut now = on("2022-02-20");
        let (person, organisation, territory) = PEOPLE[proposer];
        let stamp = by(person, organisation, territory, now);
        let mut measure = Measure::propose(order(&kind.id, article), Some(ClassCn::A), stamp, &pack, OFFSET).unwrap();
        let mut refused_above = None;
        let mut longest_end = measure.terms.ends;
        for (deed, who, hours) in deeds {
            now = Moment(now.0 + hours * 3_600_000);
            let (person, organisation, territory) = PEOPLE[who];
            let stamp = by(person, organisation, territory, now);
            let was_over = measure.state(now).is_over();
            let done = match deed {
                0 | 1 => measure.decide(stamp).is_ok(),
                2 => measure.approve(stamp).is_ok(),
                3 => {
                    let done = measure.refuse(stamp).is_ok();
                    if done { refused_above = refused_above.or(Some(now)); }
                    done
                }
                4 => measure.announce(now).is_ok(),
                5 => measure.review(now).is_ok(),
                6 => measure.ask_extension(Moment(measure.terms.ends.0 + 3 * DAY), stamp, &pack, OFFSET).is_ok(),
                7 => measure.turn_down(stamp).is_ok(),
                _ => measure.lift(stamp).is_ok(),
            };
            prop_assert!(!(was_over && done), "nothing changes what is over: {deed}");
            longest_end = longest_end.max(measure.terms.ends);
            holds_what_must_hold(&measure, now, refused_above, &pack)?;
        }
        for later in 0..90 {
            holds_what_must_hold(&measure, Moment(now.0 + later * DAY / 2), refused_above, &pack)?;
        }
        prop_assert!(measure.state(longest_end).is_over() , "every measure ends");
    }
}

fn holds_what_must_hold(
    measure: &Measure,
    now: Moment,
    refused: Option<Moment>,
    pack: &Measures,
) -> Result<(), TestCaseError> {
    if measure.state(now) != MeasureState::Active {
        return Ok(());
    }
    let (text, article) = pack.laws.find(&measure.terms.article).expect("an article");
    prop_assert!(text.in_force_on(now.day_at_offset(OFFSET)), "no active measure without a text in force");
    let decided = measure.decided.as_ref().expect("no active measure that nobody decided");
    prop_assert!(measure.terms.starts <= now && now < measure.terms.ends, "never beyond its end");
    let organisation = |party: &Party| party.organisation.as_ref().map(|name| name.to_lowercase());
    let mut behind = vec![&measure.proposed.by, &decided.by];
    if article.approval == Approval::Before {
        let approved = measure.approved.as_ref().expect("no active measure that nobody approved");
        prop_assert_eq!(&approved.by.territory, &place("14/1407"), "the next upper government said yes");
        behind.push(&approved.by);
    }
    for (at, one) in behind.iter().enumerate() {
        prop_assert!(organisation(one).is_some(), "organisations are stated");
        for other in &behind[..at] {
            prop_assert!(one.person != other.person, "no self-approval");
            prop_assert!(organisation(one) != organisation(other), "nor by the same organisation");
        }
    }
    if article.announce {
        prop_assert!(measure.announced.is_some_and(|at| at <= now), "announced first");
    }
    prop_assert!(refused.is_none(), "a refusal always lifts");
    Ok(())
}
