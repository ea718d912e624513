//! What changes from one edition to another, value by value, in words of both languages.
//!
//! Deliberately absent: what that means for people under way; `pure/followup` says it of each of them.

use super::follow_up::{DayOne, NotMovedWho, RePositiveDo, Transition};
use super::{
    Category, Cited, Confidence, ContactRule, Criterion, FollowUp, Pathway, Phase, Protocol, Swab, WatchPlace,
};
use crate::protocols::{CountedFrom, Unless};
use crate::{LeaveRule, ZoneLevel, ZoneScheme};
use cases::{ContactClass, ExposureKind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One value that is another, new, or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Difference {
    /// Where it stands in the pack, such as `pathways.close_contact.phases[0].days`.
    pub key: String,
    pub zh: String,
    pub en: String,
}

/// Two texts that say the same.
type Both = (String, String);

struct Said {
    key: String,
    what: Both,
    value: Both,
    trust: Option<Confidence>,
}

/// Every value that is not the same in both, in the order of the newer edition; what is gone comes last.
pub fn difference(old: &Protocol, new: &Protocol) -> Vec<Difference> {
    let (before, after) = (told(old), told(new));
    let was: BTreeMap<&str, &Said> = before.iter().map(|said| (said.key.as_str(), said)).collect();
    let is: BTreeSet<&str> = after.iter().map(|said| said.key.as_str()).collect();
    let changed = after.iter().filter_map(|now| match was.get(now.key.as_str()) {
        None => Some(Difference {
            key: now.key.clone(),
            zh: format!("{}：新增，{}{}", now.what.0, now.value.0, doubt(now.trust).0),
            en: format!("{}: new, {}{}", now.what.1, now.value.1, doubt(now.trust).1),
        }),
        Some(then) if then.value != now.value => {
            let (from, to) = (doubt(then.trust), doubt(now.trust));
            Some(Difference {
                key: now.key.clone(),
                zh: format!("{}：由{}{}改为{}{}", now.what.0, then.value.0, from.0, now.value.0, to.0),
                en: format!("{}: {}{} becomes {}{}", now.what.1, then.value.1, from.1, now.value.1, to.1),
            })
        }
        Some(_) => None,
    });
    let gone = before.iter().filter(|then| !is.contains(then.key.as_str())).map(|then| Difference {
        key: then.key.clone(),
        zh: format!("{}：取消（原为{}）", then.what.0, then.value.0),
        en: format!("{}: gone (was {})", then.what.1, then.value.1),
    });
    changed.chain(gone).collect()
}

fn doubt(trust: Option<Confidence>) -> (&'static str, &'static str) {
    match trust {
        None | Some(Confidence::Sourced) => ("", ""),
        Some(Confidence::Memory) => ("（凭记忆，待核）", " (remembered, to be checked)"),
        Some(Confidence::MemoryLow) => ("（凭记忆，很可能有误）", " (remembered, likely to be wrong)"),
    }
}

fn both(zh: impl Into<String>, en: impl Into<String>) -> Both {
    (zh.into(), en.into())
}

fn told(edition: &Protocol) -> Vec<Said> {
    let mut out = Vec::new();
    tell_rules(edition, &mut out);
    tell_follow_up(&edition.follow_up, &mut out);
    for pathway in &edition.pathways {
        tell_pathway(pathway, &mut out);
    }
    if let Some(zones) = &edition.zones {
        tell_zones(zones, &mut out);
    }
    out
}

fn put(out: &mut Vec<Said>, key: impl Into<String>, what: Both, value: Both, trust: Option<Confidence>) {
    out.push(Said { key: key.into(), what, value, trust });
}

fn put_cited<T>(
    out: &mut Vec<Said>,
    key: impl Into<String>,
    what: Both,
    cited: &Cited<T>,
    say: impl Fn(&T) -> Both,
) {
    put(out, key, what, say(&cited.value), Some(cited.confidence));
}

fn days(days: &u16) -> Both {
    let plural = if *days == 1 { "" } else { "s" };
    both(format!("{days}天"), format!("{days} day{plural}"))
}

fn hours(hours: &u16) -> Both {
    let plural = if *hours == 1 { "" } else { "s" };
    both(format!("{hours}小时"), format!("{hours} hour{plural}"))
}

fn minutes(minutes: &u16) -> Both {
    both(format!("{minutes}分钟"), format!("{minutes} minutes"))
}

fn number(number: &u16) -> Both {
    both(number.to_string(), number.to_string())
}

fn measure(number: &f64) -> Both {
    both(number.to_string(), number.to_string())
}

fn yes_no(yes: &bool) -> Both {
    if *yes { both("是", "yes") } else { both("否", "no") }
}

fn listed<T>(list: &[T], say: impl Fn(&T) -> Both) -> Both {
    let said: Vec<Both> = list.iter().map(say).collect();
    let joined = |which: fn(&Both) -> &str, with: &str| said.iter().map(which).collect::<Vec<_>>().join(with);
    both(joined(|one| &one.0, "、"), joined(|one| &one.1, ", "))
}

fn tell_rules(edition: &Protocol, out: &mut Vec<Said>) {
    let day = |day: Option<base::Day>| match day {
        Some(day) => both(day.to_string(), day.to_string()),
        None => both("不限", "open"),
    };
    put(out, "from", both("施行日", "in force from"), day(edition.from), Some(edition.confidence));
    put(out, "to", both("最后一日", "in force until"), day(edition.to), Some(edition.confidence));
    let what = both("密接回溯", "look-back for contacts");
    put_cited(out, "look_back_days", what, &edition.look_back_days, days);
    let what = both("判定密接", "contacts are determined");
    put_cited(out, "contacts_determined", what, &edition.contacts_determined, yes_no);
    let what = both("判定次密接", "contacts of contacts are determined");
    put_cited(out, "secondary", what, &edition.secondary, yes_no);
    if let Some(near) = &edition.near_metres {
        let say = |metres: &f64| both(format!("{metres}米"), format!("{metres} m"));
        put_cited(out, "near_metres", both("近距离", "near is within"), near, say);
    }
    if let Some(rows) = &edition.rows_each_way {
        put_cited(out, "rows_each_way", both("前后排数", "rows each way"), rows, number);
    }
    put_cited(out, "air_minutes", both("空气滞留", "air stays infectious"), &edition.air_minutes, minutes);
    put_cited(
        out,
        "core_hours",
        both("核心流调时限", "core investigation within"),
        &edition.core_hours,
        hours,
    );
    put_cited(
        out,
        "full_hours",
        both("完整流调时限", "full investigation within"),
        &edition.full_hours,
        hours,
    );
    let what = both("密接转运时限", "contacts handed over within");
    put_cited(out, "hand_over_hours", what, &edition.hand_over_hours, hours);
    for rule in &edition.rules {
        let key = format!("rules.{}", rule.id);
        let what = both(format!("判定规则「{}」", rule.zh), format!("rule “{}”", rule.en));
        put(out, key, what, rule_said(rule), Some(rule.confidence));
    }
}

fn rule_said(rule: &ContactRule) -> Both {
    let class = match rule.class {
        ContactClass::Close => both("密接", "close contact"),
        ContactClass::Secondary => both("次密接", "contact of contact"),
        ContactClass::General => both("一般接触", "general contact"),
    };
    let kinds = listed(&rule.kinds, |kind| {
        let (zh, en) = match kind {
            ExposureKind::Household => ("同住", "household"),
            ExposureKind::Care => ("诊疗护理", "care"),
            ExposureKind::Aerosol => ("气溶胶", "aerosol"),
            ExposureKind::NearWork => ("共事学习", "work"),
            ExposureKind::Dining => ("共餐娱乐", "dining"),
            ExposureKind::Visitor => ("探视", "visit"),
            ExposureKind::Transport => ("同乘", "transport"),
            ExposureKind::Contaminated => ("污染物品", "contaminated things"),
            ExposureKind::Other => ("其他", "other"),
        };
        both(zh, en)
    });
    let unless = listed(&rule.unless, |one| {
        let (zh, en) = match one {
            Unless::Protected => ("有防护", "protected"),
            Unless::Outdoors => ("室外", "outdoors"),
            Unless::Apart => ("距离远", "apart"),
            Unless::Brief => ("短暂", "brief"),
        };
        both(zh, en)
    });
    let brief = rule.brief_minutes.map_or(String::new(), |minutes| format!(" ({minutes} min)"));
    let but = if rule.unless.is_empty() {
        both("", "")
    } else {
        both(format!("，{}除外", unless.0), format!(", unless {}", unless.1))
    };
    both(
        format!("{}（{}{}）{brief}", class.0, kinds.0, but.0),
        format!("{} ({}{}){brief}", class.1, kinds.1, but.1),
    )
}

fn tell_follow_up(rule: &FollowUp, out: &mut Vec<Said>) {
    let key = |field: &str| format!("follow_up.{field}");
    put_cited(out, key("day_one"), both("第1天", "day 1"), &rule.day_one, |day| match day {
        DayOne::DayAfter => both("末次暴露次日", "the day after"),
        DayOne::SameDay => both("末次暴露当日", "the day itself"),
    });
    let what = both("每日健康监测次数", "checks a day");
    put_cited(out, key("checks_per_day"), what, &rule.checks_per_day, number);
    let say = |degrees: &f64| both(format!("{degrees} ℃"), format!("{degrees} °C"));
    put_cited(out, key("fever_celsius"), both("发热标准", "fever from"), &rule.fever_celsius, say);
    let what = both("检测可提前", "a test may be early by");
    put_cited(out, key("test_early_days"), what, &rule.test_early_days, days);
    let what = both("检测可推迟", "a test may be late by");
    put_cited(out, key("test_late_days"), what, &rule.test_late_days, days);
    let what = both("漏检一次延长", "a missed test adds");
    put_cited(out, key("missed_test_adds_days"), what, &rule.missed_test_adds_days, days);
    let what = both("全天未监测延长", "a day without a check adds");
    put_cited(out, key("missed_check_adds_days"), what, &rule.missed_check_adds_days, days);
    let what = both("最多延长", "at most added to a phase");
    put_cited(out, key("most_added_days"), what, &rule.most_added_days, days);
    let what = both("逾期上报（小时）", "overdue is told upwards after hours");
    put_cited(out, key("escalate_after_hours"), what, &rule.escalate_after_hours, |steps| {
        listed(steps, number)
    });
    put_cited(out, key("transition"), both("过渡规则", "people under way"), &rule.transition, |rule| {
        match rule {
            Transition::FinishOld => both("按原版完成", "finish under the edition they began by"),
            Transition::Shorten => {
                both("较短者按新版，已满期者解除", "change over where the new one ends sooner")
            }
            Transition::CreditDays => {
                both("一律转新版，已满天数计入", "change over, with days served counted")
            }
        }
    });
    let what = both("满期者解除前加测一次", "one more test for those already past");
    put_cited(out, key("past_needs_test"), what, &rule.past_needs_test, yes_no);
    for one in &rule.not_moved {
        let (zh, en) = not_moved(one.who);
        let age = match (one.below_age, one.from_age) {
            (Some(below), _) => both(format!("未满{below}岁"), format!("under {below}")),
            (_, Some(from)) => both(format!("{from}岁及以上"), format!("{from} and over")),
            _ => both("不集中转运", "stay at home"),
        };
        let what = both(format!("不转运：{zh}"), format!("not moved: {en}"));
        put(out, key(&format!("not_moved.{}", one.who)), what, age, Some(one.confidence));
    }
    tell_release(rule, out);
    for clock in &rule.clocks {
        let what = both(format!("时限「{}」", clock.zh), format!("clock “{}”", clock.en));
        put(out, key(&format!("clocks.{}", clock.id)), what, hours(&clock.hours), Some(clock.confidence));
    }
}

fn tell_release(rule: &FollowUp, out: &mut Vec<Said>) {
    if let Some(release) = &rule.case_release {
        let key = |field: &str| format!("follow_up.case_release.{field}");
        let what = both("出院检测次数", "tests to release a case");
        put_cited(out, key("tests"), what, &release.tests, number);
        let what = both("出院检测间隔", "hours between them");
        put_cited(out, key("gap_hours"), what, &release.gap_hours, hours);
        if let Some(ct) = &release.ct_at_least {
            put_cited(out, key("ct_at_least"), both("出院Ct值不低于", "released from Ct"), ct, measure);
        }
        if let Some(fever) = &release.days_without_fever {
            put_cited(out, key("days_without_fever"), both("退热天数", "days without fever"), fever, days);
        }
        if let Some(day) = &release.from_day {
            put_cited(out, key("from_day"), both("最早出院日", "no earlier than day"), day, number);
        }
    }
    if let Some(again) = &rule.re_positive {
        let key = |field: &str| format!("follow_up.re_positive.{field}");
        put_cited(
            out,
            key("ct_below"),
            both("复阳Ct值低于", "positive again below Ct"),
            &again.ct_below,
            measure,
        );
        put_cited(out, key("what"), both("复阳处置", "then"), &again.what, |what| match what {
            RePositiveDo::BackToCare => both("返回定点医院", "back to hospital"),
            RePositiveDo::StayAtHome => both("居家", "stay at home"),
        });
        let what = both("复阳影响楼栋风险等级", "and changes the level of the building");
        put_cited(out, key("changes_zone"), what, &again.changes_zone, yes_no);
    }
}

fn tell_pathway(pathway: &Pathway, out: &mut Vec<Said>) {
    let (zh, en) = category(pathway.category);
    let key = |field: &str| format!("pathways.{}.{field}", pathway.category);
    let what =
        |zh_field: &str, en_field: &str| both(format!("{zh}，{zh_field}"), format!("{en}, {en_field}"));
    let from = match pathway.counted_from {
        CountedFrom::LastExposure => both("末次暴露", "the last exposure"),
        CountedFrom::Arrival => both("入境", "arrival"),
        CountedFrom::Leaving => both("离开", "leaving"),
        CountedFrom::Discharge => both("出院", "discharge"),
    };
    put(out, key("counted_from"), what("起算", "counted from"), from, Some(pathway.confidence));
    for (at, phase) in pathway.phases.iter().enumerate() {
        tell_phase(phase, at, (zh, en), &key(&format!("phases[{at}]")), pathway.confidence, out);
    }
    if let Some(release) = &pathway.release {
        let say = |criteria: &Vec<Criterion>| {
            listed(criteria, |one| {
                let (zh, en) = criterion(*one);
                both(zh, en)
            })
        };
        put_cited(out, key("release"), what("解除条件", "released when"), release, say);
    }
}

fn tell_phase(
    phase: &Phase,
    at: usize,
    (zh, en): (&str, &str),
    key: &str,
    trust: Confidence,
    out: &mut Vec<Said>,
) {
    let key = |field: &str| format!("{key}.{field}");
    let number_of = at + 1;
    let what = |zh_field: &str, en_field: &str| {
        both(format!("{zh}第{number_of}阶段，{zh_field}"), format!("{en}, phase {number_of}, {en_field}"))
    };
    let (place_zh, place_en) = place(phase.place);
    put(out, key("place"), what("地点", "place"), both(place_zh, place_en), Some(trust));
    put_cited(out, key("days"), what("天数", "days"), &phase.days, days);
    if let Some(tests) = &phase.tests {
        put_cited(out, key("tests"), what("检测日", "tests on days"), tests, |days| listed(days, number));
    }
    if let Some(any) = &phase.any_tests {
        put_cited(out, key("any_tests"), what("检测次数", "tests on any day"), any, number);
    }
    if let Some(swab) = &phase.swab {
        put_cited(out, key("swab"), what("拭子", "swab"), swab, |swab| match swab {
            Swab::Nasopharyngeal => both("鼻咽", "nasopharyngeal"),
            Swab::Oropharyngeal => both("口咽", "oropharyngeal"),
        });
    }
    if let Some(double) = &phase.double_last {
        let what = what("末次双采双检", "last test doubled");
        put_cited(out, key("double_last"), what, double, yes_no);
    }
    if let Some(checks) = &phase.checks_per_day {
        put_cited(out, key("checks_per_day"), what("每日监测次数", "checks a day"), checks, number);
    }
}

fn tell_zones(zones: &ZoneScheme, out: &mut Vec<Said>) {
    let scheme = both(zones.zh.clone(), zones.en.clone());
    put(out, "zones", both("分级分区", "zones"), scheme, Some(zones.confidence));
    for level in &zones.levels {
        let key = |field: &str| format!("zones.{}.{field}", level.id);
        let what = |zh: &str, en: &str| both(format!("{}，{zh}", level.zh), format!("{}, {en}", level.en));
        let measures = both(level.measures_zh.clone(), level.measures_en.clone());
        put(out, key("measures"), what("措施", "measures"), measures, Some(level.confidence));
        if !level.tests.is_empty() {
            let tests = listed(&level.tests, number);
            put(out, key("tests"), what("检测日", "tests on days"), tests, Some(level.confidence));
        }
        tell_leaving(level, &level.leave, &key("leave"), ("解除", "is left after"), out);
        let words = ("由更高等级降级后解除", "is left, after a stricter level, after");
        tell_leaving(level, &level.leave_after_higher, &key("leave_after_higher"), words, out);
    }
    if let Some(stop) = &zones.stop {
        let value = both(
            format!("连续{}轮、停{}天、再{}轮", stop.clean_rounds, stop.pause_days, stop.extra_rounds),
            format!(
                "{} clean rounds, {} days of pause, {} more",
                stop.clean_rounds, stop.pause_days, stop.extra_rounds
            ),
        );
        put(out, "zones.stop", both("停止筛查", "rounds end after"), value, Some(stop.confidence));
    }
}

fn tell_leaving(level: &ZoneLevel, rules: &[LeaveRule], key: &str, words: (&str, &str), out: &mut Vec<Said>) {
    for rule in rules {
        let (value, trust) = match rule {
            LeaveRule::DaysClean { days, confidence, .. } => {
                (both(format!("{days}天无新增"), format!("{days} days without a find")), confidence)
            }
            LeaveRule::ContactsAge { days, confidence, .. } => (
                both(
                    format!("密接末次暴露满{days}天且阴性"),
                    format!("{days} days since the last contact's exposure"),
                ),
                confidence,
            ),
            LeaveRule::FullRound { from_day, within_days, coverage, confidence, .. } => (
                both(
                    format!("第{from_day}天起、{within_days}天内全员检测（覆盖{coverage}）阴性"),
                    format!(
                        "a full round from day {from_day}, within {}, covering {coverage}",
                        days(within_days).1
                    ),
                ),
                confidence,
            ),
            LeaveRule::NoCluster { days, confidence, .. } => {
                (both(format!("{days}天无聚集性疫情"), format!("{days} days without a cluster")), confidence)
            }
            LeaveRule::AboveGone { confidence, .. } => {
                (both("更高等级区域全部解除", "no stricter place is left in the county"), confidence)
            }
        };
        let what = both(format!("{}，{}", level.zh, words.0), format!("{}, {}", level.en, words.1));
        put(out, format!("{key}.{}", rule.word()), what, value, Some(*trust));
    }
}

/// How people say the closed words of pathways, Chinese and English.
fn category(category: Category) -> (&'static str, &'static str) {
    match category {
        Category::CloseContact => ("密接", "close contact"),
        Category::SecondaryContact => ("次密接", "contact of contact"),
        Category::GeneralContact => ("一般接触者", "general contact"),
        Category::Inbound => ("入境人员", "arrival from abroad"),
        Category::HighRiskArea => ("高风险区人员", "from a high-risk area"),
        Category::MediumRiskArea => ("中风险区人员", "from a medium-risk area"),
        Category::LowRiskArea => ("低风险区人员", "from a low-risk area"),
        Category::HighRiskJob => ("高风险岗位人员离岗", "leaving a high-risk job"),
        Category::Discharged => ("出院（舱）感染者", "infected, after discharge"),
    }
}

fn place(place: WatchPlace) -> (&'static str, &'static str) {
    match place {
        WatchPlace::Central => ("集中隔离", "central quarantine"),
        WatchPlace::Home => ("居家隔离", "isolation at home"),
        WatchPlace::Monitoring => ("健康监测", "health monitoring"),
    }
}

fn criterion(criterion: Criterion) -> (&'static str, &'static str) {
    match criterion {
        Criterion::DaysServed => ("天数已满", "days served"),
        Criterion::TestsTaken => ("检测全部完成", "every test taken"),
        Criterion::ResultsNegative => ("结果全部阴性", "every result known and negative"),
        Criterion::NoSymptoms => ("无症状", "no symptoms"),
        Criterion::SeenAtEnd => ("最后一日已监测", "seen on the last day"),
    }
}

fn not_moved(who: NotMovedWho) -> (&'static str, &'static str) {
    match who {
        NotMovedWho::Minor => ("未成年人", "minors"),
        NotMovedWho::Elderly => ("老年人", "the elderly"),
        NotMovedWho::Pregnant => ("孕产妇", "the pregnant"),
        NotMovedWho::Ill => ("基础病、不能自理者", "the ill and dependent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn an_edition_differs_in_nothing_from_itself() {
        for edition in shipped::protocols().unwrap().iter() {
            assert_eq!(difference(edition, edition), []);
        }
    }

    #[test]
    fn the_ninth_edition_is_told_apart_from_the_eighth_value_by_value() {
        let protocols = shipped::protocols().unwrap();
        let (old, new) = (protocols.by_id("cn-covid-8").unwrap(), protocols.by_id("cn-covid-9").unwrap());
        let told = difference(old, new);
        let of = |key: &str| told.iter().find(|one| one.key == key).unwrap_or_else(|| panic!("{key}"));
        let days = of("pathways.close_contact.phases[0].days");
        assert_eq!(days.en, "close contact, phase 1, days: 14 days becomes 7 days");
        assert_eq!(days.zh, "密接第1阶段，天数：由14天改为7天");
        assert_eq!(
            of("pathways.secondary_contact.phases[0].place").en,
            "contact of contact, phase 1, place: central quarantine becomes isolation at home"
        );
        let tests = of("pathways.close_contact.phases[0].tests");
        assert_eq!(tests.en, "close contact, phase 1, tests on days: 1, 4, 7, 14 becomes 1, 2, 3, 5, 7");
        assert_eq!(
            of("pathways.high_risk_area.phases[0].days").en,
            "from a high-risk area, phase 1, days: 14 days (remembered, to be checked) becomes 7 days"
        );
        assert!(of("follow_up.case_release.ct_at_least").en.contains("new, 35"));
        assert!(of("follow_up.case_release.days_without_fever").en.contains("gone"));
        assert!(!told.iter().any(|one| one.key.starts_with("rules.")), "the rules were lent");
    }

    #[test]
    fn back_again_is_as_many_differences() {
        let protocols = shipped::protocols().unwrap();
        for old in protocols.iter() {
            for new in protocols.iter() {
                assert_eq!(difference(old, new).len(), difference(new, old).len());
            }
        }
    }
}
