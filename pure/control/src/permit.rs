//! Whether a gathering may take place: how many, how long and in what air, by the level of the zone and what orders limit.
//!
//! Deliberately absent: how likely it is that somebody is infected there; that is [`crate::crowd_risk`], shown beside it.

use crate::Denied;
use base::Moment;
use packs::GatheringRules;
use serde::{Deserialize, Serialize};

/// A gathering as its organiser asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gathering {
    pub people: u32,
    pub starts: Moment,
    pub ends: Moment,
    pub indoors: Option<Room>,
    /// An activity of the pack.
    pub activity: String,
    pub masks: bool,
    /// Duties of the pack that the organiser takes on.
    pub duties: Vec<String>,
}

/// Where it is held, when it has a roof.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Room {
    pub floor_m2: f64,
    pub height_m: f64,
    /// How often an hour the air is renewed by fresh air.
    pub air_changes: f64,
}

impl Room {
    pub fn m3_per_hour(self) -> f64 {
        self.floor_m2 * self.height_m * self.air_changes
    }

    pub fn litres_per_second(self) -> f64 {
        self.m3_per_hour() / 3.6
    }
}

/// What holds there now: the level of the zone, and sizes that orders limit gatherings to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    pub level: String,
    pub limits: Vec<u32>,
}

impl Gathering {
    pub fn hours(&self) -> f64 {
        (self.ends.0 - self.starts.0).max(0) as f64 / 3_600_000.0
    }

    /// # Errors
    /// Numbers that are no gathering.
    pub fn check(&self, rules: &GatheringRules) -> Result<(), Denied> {
        if self.people < 2 || self.people > 1_000_000 {
            return Err(Denied::of(
                "control.people",
                "say how many people attend: 2 to 1,000,000",
                "请填写参加人数：2 至 1000000",
            )
            .at("people"));
        }
        if self.ends <= self.starts || self.hours() > 24.0 * 31.0 {
            return Err(Denied::of(
                "control.end_before_start",
                "the end lies after the start, and within a month of it; correct one of the two",
                "结束时间应晚于开始时间，且不超过一个月；请更正",
            )
            .at("ends"));
        }
        if rules.activity(&self.activity).is_none() {
            let words: Vec<&str> = rules.activities.iter().map(|one| one.id.as_str()).collect();
            return Err(Denied::of(
                "control.activity",
                format!("say what people do there: one of {}", words.join(", ")),
                format!("请选择活动类型：{}", words.join("、")),
            )
            .at("activity"));
        }
        if let Some(room) = self.indoors {
            let all = [room.floor_m2, room.height_m, room.air_changes];
            let most = [1_000_000.0, 100.0, 100.0];
            if all.iter().zip(most).any(|(one, most)| !(*one > 0.0 && *one <= most)) {
                return Err(Denied::of(
                    "control.room",
                    "floor, height and air changes of the room are numbers above 0; ask whoever runs the house",
                    "面积、层高和换气次数须为正数；请询问场所管理方",
                )
                .at("indoors"));
            }
        }
        Ok(())
    }
}

/// Of several levels that hold at one place the one that lets in the fewest; what the rules do not know is the strictest. Where none
/// holds, it is the first of the rules.
pub fn strictest<'a>(rules: &'a GatheringRules, levels: &'a [String]) -> &'a str {
    let free = rules.capacities.first().map_or("", |rule| rule.level.as_str());
    levels.iter().max_by_key(|level| rules.strictness(level)).map_or(free, String::as_str)
}

/// The most people that may attend there, whatever they asked for.
pub fn capacity(gathering: &Gathering, rules: &GatheringRules, now: &Circumstances) -> u32 {
    // A level nobody wrote a rule for is treated as the strictest: nothing is allowed by a word nobody knows.
    let Some(rule) = rules.capacity(&now.level).or_else(|| rules.capacities.last()) else { return 0 };
    let by_order = now.limits.iter().copied().min().unwrap_or(u32::MAX);
    let by_room = gathering.indoors.map_or(u32::MAX, |room| {
        let by_floor = room.floor_m2 / rule.square_metres;
        let by_air = room.litres_per_second() / rule.litres_per_second;
        // A float beyond u32 saturates.
        by_floor.min(by_air).floor() as u32
    });
    rule.most.min(by_order).min(by_room)
}

/// What keeps a gathering from being allowed; empty when nothing does.
pub fn unmet(gathering: &Gathering, rules: &GatheringRules, now: &Circumstances) -> Vec<Denied> {
    let mut unmet = Vec::new();
    let Some(rule) = rules.capacity(&now.level).or_else(|| rules.capacities.last()) else {
        return vec![Denied::of(
            "control.level",
            "no rule is known; ask the department",
            "没有可用规则；请联系主管部门",
        )];
    };
    let most = capacity(gathering, rules, now);
    if gathering.people > most {
        let (en, zh) = match most {
            0 => (
                "no gathering is held here at this level; put it off".to_owned(),
                "当前等级下不得聚集；请延期".to_owned(),
            ),
            _ => (
                format!(
                    "{most} people at most may attend here now; make it smaller, or find a larger and airier place"
                ),
                format!("此处目前最多 {most} 人；请减少人数，或换更大、通风更好的场所"),
            ),
        };
        unmet.push(Denied::of("control.capacity", en, zh).at("people"));
    }
    if gathering.hours() > f64::from(rule.hours) {
        unmet.push(
            Denied::of(
                "control.hours",
                format!("it may last {} hours at most; make it shorter", rule.hours),
                format!("时长不得超过 {} 小时；请缩短", rule.hours),
            )
            .at("ends"),
        );
    }
    for duty in rules.duties.iter().filter(|duty| !gathering.duties.contains(&duty.id)) {
        unmet.push(
            Denied::of(
                "control.organiser_duty",
                format!("the organiser has not taken on: {}", duty.en),
                format!("主办方尚未承诺：{}", duty.zh),
            )
            .at("duties"),
        );
    }
    unmet
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wedding() -> Gathering {
        Gathering {
            people: 200,
            starts: Moment(0),
            ends: Moment(4 * 3_600_000),
            indoors: Some(Room { floor_m2: 600.0, height_m: 4.0, air_changes: 4.0 }),
            activity: "seated_talking".to_owned(),
            masks: false,
            duties: ["health_officer", "attendance_list", "air", "unwell_stay_away", "stop_when_told"]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    fn at(level: &str, limits: &[u32]) -> Circumstances {
        Circumstances { level: level.to_owned(), limits: limits.to_vec() }
    }

    fn rules() -> GatheringRules {
        packs::shipped::measures().unwrap().gatherings
    }

    #[test]
    fn a_wedding_is_fine_without_a_zone_and_too_large_once_an_order_limits_it() {
        assert_eq!(unmet(&wedding(), &rules(), &at("none", &[])), []);
        let told = unmet(&wedding(), &rules(), &at("none", &[1000, 100]));
        assert_eq!(told[0].code, "control.capacity");
        assert!(told[0].en.contains("100 people at most"), "{}", told[0].en);
    }

    #[test]
    fn a_level_closes_it_whatever_the_room_and_an_unknown_level_is_the_strictest() {
        for level in ["medium", "control", "high", "lockdown", "purple"] {
            assert_eq!(capacity(&wedding(), &rules(), &at(level, &[])), 0, "{level}");
        }
    }

    #[test]
    fn the_strictest_of_several_levels_holds_and_none_is_the_first() {
        let of = |levels: &[&str]| {
            let levels: Vec<String> = levels.iter().map(|level| (*level).to_owned()).collect();
            strictest(&rules(), &levels).to_owned()
        };
        assert_eq!(of(&[]), "none");
        assert_eq!(of(&["precaution", "high", "control"]), "high");
        assert_eq!(of(&["high", "purple"]), "purple", "what nobody wrote a rule for is the strictest");
    }

    #[test]
    fn air_counts_as_much_as_floor() {
        let mut stuffy = wedding();
        stuffy.indoors = Some(Room { floor_m2: 600.0, height_m: 4.0, air_changes: 0.5 });
        // 1,200 m3 an hour are 333 litres a second, 5 for each.
        assert_eq!(capacity(&stuffy, &rules(), &at("none", &[])), 66);
    }

    #[test]
    fn an_organiser_who_takes_on_nothing_is_told_each_duty() {
        let mut careless = wedding();
        careless.duties.clear();
        assert_eq!(unmet(&careless, &rules(), &at("none", &[])).len(), 5);
    }

    #[test]
    fn numbers_that_are_no_gathering_are_refused() {
        let mut none = wedding();
        none.people = 1;
        assert_eq!(none.check(&rules()).unwrap_err().code, "control.people");
        let mut backwards = wedding();
        backwards.ends = backwards.starts;
        assert_eq!(backwards.check(&rules()).unwrap_err().code, "control.end_before_start");
        let mut airless = wedding();
        airless.indoors = Some(Room { floor_m2: 600.0, height_m: f64::NAN, air_changes: 1.0 });
        assert_eq!(airless.check(&rules()).unwrap_err().code, "control.room");
    }

    proptest! {
        #[test]
        fn a_stricter_level_or_a_further_order_never_lets_more_people_in(
            people in 2_u32..100_000, floor in 1.0_f64..20_000.0, air in 0.1_f64..20.0, limit in 0_u32..5_000
        ) {
            let rules = rules();
            let mut one = wedding();
            one.people = people;
            one.indoors = Some(Room { floor_m2: floor, height_m: 4.0, air_changes: air });
            let mut before = u32::MAX;
            for level in ["none", "low", "medium", "high"] {
                let most = capacity(&one, &rules, &at(level, &[]));
                prop_assert!(most <= before);
                prop_assert!(capacity(&one, &rules, &at(level, &[limit])) <= most.min(limit));
                before = most;
            }
        }
    }
}
