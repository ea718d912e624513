//! What a round needs: sites, desks, samplers, tubes, vans and laboratory hours, each with its rule, and what is short.
//!
//! Deliberately absent: where the sites stand and who comes; shortages go to whoever lends. Numbers are rounded up: half a sampler
//! swabs nobody.

use crate::pool_class::{AreaClass, Guide, PoolRule, PoolWhy, pool_of};
use crate::refusal::{LabError, demand};
use crate::tube::TubeSize;
use std::collections::BTreeMap;

/// One part of the area.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneAsked {
    pub name: String,
    pub class: AreaClass,
    pub people: u64,
    /// Of them sampled alone whatever the class: contacts, people with symptoms, members of doubtful tubes.
    pub alone: u64,
    /// Mean size of a household, where tubes go by household.
    pub household: f64,
    pub prevalence: Option<f64>,
    /// What somebody ordered instead of the guide's size.
    pub size: Option<TubeSize>,
}

/// How fast work goes. Every number may be changed by who knows better.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    pub guide: Guide,
    pub round: u32,
    pub deadline_hours: f64,
    /// From the order until sites are open.
    pub ready_hours: f64,
    /// Kept free between the last swab and the deadline: on the road and in the laboratory.
    pub tail_hours: f64,
    pub people_per_site: u64,
    pub swabs_per_sampler_hour: u64,
    pub shift_hours: f64,
    pub carried_within_hours: f64,
    pub trip_hours: f64,
    pub tubes_per_trip: u64,
    pub sites_per_trip: u64,
    /// Share of people without which the round does not count.
    pub coverage: f64,
}

impl Pace {
    /// # Source
    /// Third guide (docs/sources.md#mass-testing): 24 hours, 2,000 to 3,000 people a site, samplers as population ÷ 360, which is 60
    /// swabs an hour for a shift of 6 hours. Sites are ready 4 to 6 hours after the order; tubes reach the laboratory within
    /// 4 hours (remembered). Five sites a trip: Shanghai, May 2022, had 2,000 vans for 9,000 sites and more. The tail of 8 hours, a
    /// trip of 2 and 1,000 tubes in a van are ours.
    pub fn by_the_third_guide() -> Pace {
        Pace {
            guide: Guide::Third,
            round: 1,
            deadline_hours: 24.0,
            ready_hours: 4.0,
            tail_hours: 8.0,
            people_per_site: 2500,
            swabs_per_sampler_hour: 60,
            shift_hours: 6.0,
            carried_within_hours: 4.0,
            trip_hours: 2.0,
            tubes_per_trip: 1000,
            sites_per_trip: 5,
            coverage: 0.95,
        }
    }

    fn check(&self) -> Result<(), LabError> {
        for (field, hours) in [
            ("deadline_hours", self.deadline_hours),
            ("shift_hours", self.shift_hours),
            ("trip_hours", self.trip_hours),
        ] {
            demand(hours > 0.0 && hours <= 720.0, field, hours, "give hours above 0, up to 720")?;
        }
        for (field, many) in [
            ("people_per_site", self.people_per_site),
            ("swabs_per_sampler_hour", self.swabs_per_sampler_hour),
            ("tubes_per_trip", self.tubes_per_trip),
            ("sites_per_trip", self.sites_per_trip),
        ] {
            demand(many > 0, field, many, "give a number above 0")?;
        }
        let waits = self.ready_hours >= 0.0 && self.tail_hours >= 0.0;
        demand(
            waits && self.sampling_hours() > 0.0,
            "deadline_hours",
            self.deadline_hours,
            "it leaves no hour for swabs once sites are ready and the tail is kept free; set it later or shorten those two",
        )?;
        demand(
            self.carried_within_hours > self.trip_hours && self.carried_within_hours <= 720.0,
            "carried_within_hours",
            self.carried_within_hours,
            "a tube must be able to wait and then ride; give more hours than a trip takes",
        )?;
        let share = self.coverage > 0.0 && self.coverage <= 1.0;
        demand(share, "coverage", self.coverage, "give a share above 0 and up to 1, such as 0.95")
    }

    fn sampling_hours(&self) -> f64 {
        self.deadline_hours - self.ready_hours - self.tail_hours
    }

    /// The hours after the order between which people are sampled.
    pub fn sampling_window(&self) -> (f64, f64) {
        (self.ready_hours, self.deadline_hours - self.tail_hours)
    }

    /// Whole shifts one after another; a shorter day is one short shift.
    fn shifts(&self) -> u64 {
        ((self.sampling_hours() / self.shift_hours) as u64).max(1)
    }

    fn swabs_per_sampler(&self) -> f64 {
        self.swabs_per_sampler_hour as f64 * self.shift_hours.min(self.sampling_hours())
    }

    /// From the first delivery to the deadline.
    fn laboratory_hours(&self) -> f64 {
        (self.deadline_hours - self.ready_hours - self.carried_within_hours).max(0.0)
    }
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabOffer {
    pub name: String,
    pub tubes_per_day: u64,
}

/// What there is; `None` where nobody has said, which is then not called short.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Have {
    pub samplers_per_shift: Option<u64>,
    pub vans: Option<u64>,
    pub tubes: Option<BTreeMap<TubeSize, u64>>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RoundPlan {
    pub zones: Vec<ZonePlan>,
    pub labs: Vec<LabShare>,
    /// The sums, each with its rule.
    pub figures: Vec<Figure>,
    pub short: Vec<Short>,
    /// Share of the people who can be reached with what there is.
    pub reachable: f64,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ZonePlan {
    pub name: String,
    pub pool: PoolRule,
    pub sites: u64,
    /// Each with one sampler at a time.
    pub desks: u64,
    /// Samplers who work one shift each.
    pub sampler_shifts: u64,
    pub tubes: BTreeMap<TubeSize, u64>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LabShare {
    pub name: String,
    pub tubes: u64,
    /// At its declared speed.
    pub hours: f64,
    /// What it can take before the deadline.
    pub can_take: u64,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Figure {
    pub need: Need,
    pub number: u64,
    pub rule: PlanRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "of", content = "size", rename_all = "snake_case")]
pub enum Need {
    People,
    Sites,
    Desks,
    Shifts,
    SamplerShifts,
    SamplersPerShift,
    Tubes(TubeSize),
    AllTubes,
    VanTrips,
    Vans,
    LabTubesByDeadline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanRule {
    PeopleOfZones,
    PeoplePerSite,
    /// Population ÷ (swabs an hour × hours of a shift); 360 with the guide's numbers.
    PeoplePerSampler,
    WholeShifts,
    /// Sampler shifts spread over the shifts, and at least one desk a site.
    SpreadOverShifts,
    PoolByClass,
    /// Every site is visited so often that no tube waits and rides longer than it may.
    CarriedInTime,
    DeclaredCapacity,
}

impl PlanRule {
    /// Where the rule is from.
    pub fn source(self) -> &'static str {
        match self {
            PlanRule::PeopleOfZones => "the order",
            PlanRule::PeoplePerSite => "third guide, 2022-03: 2,000 to 3,000 people a site",
            PlanRule::PeoplePerSampler => {
                "third guide, 2022-03: population ÷ 360, or 60 swabs an hour for 6 hours"
            }
            PlanRule::WholeShifts => "24 hours less making ready and the tail, in whole shifts",
            PlanRule::SpreadOverShifts => {
                "sampler shifts over the shifts of the round, at least one at each site"
            }
            PlanRule::PoolByClass => {
                "guides of 2021 and 2022: pool size by class of area, who is sampled alone"
            }
            PlanRule::CarriedInTime => {
                "in the laboratory within 4 hours of the swab; 5 sites a trip as in Shanghai, May 2022"
            }
            PlanRule::DeclaredCapacity => "declared capacity, from the first delivery to the deadline",
        }
    }
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Short {
    Samplers {
        per_shift: u64,
        have: u64,
    },
    Vans {
        needed: u64,
        have: u64,
    },
    Tubes {
        size: TubeSize,
        needed: u64,
        have: u64,
    },
    LabTubes {
        needed: u64,
        can_take: u64,
    },
    /// With what there is, fewer are reached than make a round count.
    Coverage {
        reachable: f64,
        wanted: f64,
    },
}

/// # Errors
/// A field that no round can have, by name.
pub fn plan_round(
    zones: &[ZoneAsked],
    pace: &Pace,
    labs: &[LabOffer],
    have: &Have,
) -> Result<RoundPlan, LabError> {
    pace.check()?;
    let zones: Vec<(u64, ZonePlan)> = zones
        .iter()
        .map(|zone| Ok((zone.people, plan_zone(zone, pace)?)))
        .collect::<Result<_, LabError>>()?;
    let people: u64 = zones.iter().map(|(people, _)| people).sum();
    let zones: Vec<ZonePlan> = zones.into_iter().map(|(_, zone)| zone).collect();
    let sum = |of: fn(&ZonePlan) -> u64| zones.iter().map(of).sum::<u64>();
    let (sites, desks, sampler_shifts) = (sum(|z| z.sites), sum(|z| z.desks), sum(|z| z.sampler_shifts));
    let mut tubes: BTreeMap<TubeSize, u64> = BTreeMap::new();
    for (size, many) in zones.iter().flat_map(|zone| &zone.tubes) {
        *tubes.entry(*size).or_default() += many;
    }
    let all_tubes: u64 = tubes.values().sum();
    let (trips, vans) = plan_vans(all_tubes, sites, pace);
    let labs = share_tubes(all_tubes, labs, pace);
    let can_take: u64 = labs.iter().map(|lab| lab.can_take).sum();

    let mut figures = Vec::new();
    let mut tell = |need, number, rule| figures.push(Figure { need, number, rule });
    tell(Need::People, people, PlanRule::PeopleOfZones);
    tell(Need::Sites, sites, PlanRule::PeoplePerSite);
    tell(Need::SamplerShifts, sampler_shifts, PlanRule::PeoplePerSampler);
    tell(Need::Shifts, pace.shifts(), PlanRule::WholeShifts);
    tell(Need::SamplersPerShift, desks, PlanRule::SpreadOverShifts);
    tell(Need::Desks, desks, PlanRule::SpreadOverShifts);
    for (size, many) in &tubes {
        tell(Need::Tubes(*size), *many, PlanRule::PoolByClass);
    }
    tell(Need::AllTubes, all_tubes, PlanRule::PoolByClass);
    tell(Need::VanTrips, trips, PlanRule::CarriedInTime);
    tell(Need::Vans, vans, PlanRule::CarriedInTime);
    tell(Need::LabTubesByDeadline, can_take, PlanRule::DeclaredCapacity);

    let needs = Needs { desks, vans, tubes: &tubes, all_tubes, can_take };
    let (short, reachable) = find_short(&needs, have, pace);
    Ok(RoundPlan { zones, labs, figures, short, reachable })
}

fn plan_zone(zone: &ZoneAsked, pace: &Pace) -> Result<ZonePlan, LabError> {
    demand(zone.alone <= zone.people, "alone", zone.alone, "it is a part of the zone's people")?;
    demand(
        (1.0..=20.0).contains(&zone.household),
        "household",
        zone.household,
        "give the mean size of a household, such as 2.6",
    )?;
    let mut pool = pool_of(zone.class, pace.guide, pace.round, zone.prevalence);
    if pool.by_household {
        pool.size = TubeSize::that_takes(zone.household.ceil() as u32).unwrap_or(pool.size).max(pool.size);
    }
    if let Some(size) = zone.size {
        pool = PoolRule { size, by_household: false, why: PoolWhy::Ordered };
    }
    let together = zone.people - zone.alone;
    let pools = if pool.by_household {
        (together as f64 / zone.household).ceil() as u64
    } else {
        together.div_ceil(u64::from(pool.size.swabs()))
    };
    let mut tubes = BTreeMap::new();
    for (size, many) in [(TubeSize::ONE, zone.alone), (pool.size, pools)] {
        if many > 0 {
            *tubes.entry(size).or_default() += many;
        }
    }
    let sites = zone.people.div_ceil(pace.people_per_site);
    let sampler_shifts = (zone.people as f64 / pace.swabs_per_sampler()).ceil() as u64;
    let desks = sampler_shifts.div_ceil(pace.shifts()).max(sites);
    Ok(ZonePlan { name: zone.name.clone(), pool, sites, desks, sampler_shifts, tubes })
}

/// A tube waits for the next van and then rides; both together take no longer than it may.
fn plan_vans(tubes: u64, sites: u64, pace: &Pace) -> (u64, u64) {
    if tubes == 0 {
        return (0, 0);
    }
    let wait = (pace.carried_within_hours - pace.trip_hours).min(pace.sampling_hours());
    let visits = (pace.sampling_hours() / wait).ceil();
    let per_visit = (tubes as f64 / visits).ceil() as u64;
    let trips = per_visit.div_ceil(pace.tubes_per_trip).max(sites.div_ceil(pace.sites_per_trip));
    let vans = (trips as f64 * pace.trip_hours / wait).ceil() as u64;
    // A van that is away longer than the wait is missed at the next visit; one that is back sooner goes again.
    (trips * visits as u64, vans.min(trips).max(1))
}

/// By capacity, so that all are done at the same hour.
fn share_tubes(tubes: u64, labs: &[LabOffer], pace: &Pace) -> Vec<LabShare> {
    let hours = pace.laboratory_hours();
    let by_deadline = |lab: &LabOffer| (lab.tubes_per_day as f64 / 24.0 * hours).floor() as u64;
    let all: u128 = labs.iter().map(|lab| u128::from(by_deadline(lab))).sum();
    let given = u128::from(tubes).min(all);
    let mut shares: Vec<LabShare> = labs
        .iter()
        .map(|lab| {
            let can_take = by_deadline(lab);
            let tubes = (given * u128::from(can_take)).checked_div(all).unwrap_or(0) as u64;
            LabShare { name: lab.name.clone(), tubes, hours: 0.0, can_take }
        })
        .collect();
    let mut left = given as u64 - shares.iter().map(|share| share.tubes).sum::<u64>();
    for share in shares.iter_mut().filter(|share| share.tubes < share.can_take) {
        let more = left.min(1);
        share.tubes += more;
        left -= more;
    }
    for (share, lab) in shares.iter_mut().zip(labs).filter(|(share, _)| share.tubes > 0) {
        share.hours = share.tubes as f64 * 24.0 / lab.tubes_per_day as f64;
    }
    shares
}

struct Needs<'a> {
    desks: u64,
    vans: u64,
    tubes: &'a BTreeMap<TubeSize, u64>,
    all_tubes: u64,
    can_take: u64,
}

fn find_short(needs: &Needs<'_>, have: &Have, pace: &Pace) -> (Vec<Short>, f64) {
    let (mut short, mut reachable) = (Vec::new(), 1.0_f64);
    let mut limit = |have: u64, needed: u64| {
        if have < needed {
            reachable = reachable.min(have as f64 / needed as f64);
        }
        have < needed
    };
    if let Some(have) = have.samplers_per_shift.filter(|have| limit(*have, needs.desks)) {
        short.push(Short::Samplers { per_shift: needs.desks, have });
    }
    if let Some(have) = have.vans.filter(|have| limit(*have, needs.vans)) {
        short.push(Short::Vans { needed: needs.vans, have });
    }
    if let Some(stock) = &have.tubes {
        let of = |size: &TubeSize| stock.get(size).copied().unwrap_or(0);
        // Tubes count by the people they take.
        let swabs = |many: &dyn Fn(&TubeSize, u64) -> u64| -> u64 {
            needs.tubes.iter().map(|(size, needed)| u64::from(size.swabs()) * many(size, *needed)).sum()
        };
        limit(swabs(&|size, needed| needed.min(of(size))), swabs(&|_, needed| needed));
        for (size, needed) in needs.tubes.iter().filter(|(size, needed)| of(size) < **needed) {
            short.push(Short::Tubes { size: *size, needed: *needed, have: of(size) });
        }
    }
    if limit(needs.can_take, needs.all_tubes) {
        short.push(Short::LabTubes { needed: needs.all_tubes, can_take: needs.can_take });
    }
    if reachable < pace.coverage {
        short.push(Short::Coverage { reachable, wanted: pace.coverage });
    }
    (short, reachable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str, class: AreaClass, people: u64) -> ZoneAsked {
        ZoneAsked {
            name: name.to_owned(),
            class,
            people,
            alone: 0,
            household: 2.6,
            prevalence: None,
            size: None,
        }
    }

    fn labs() -> Vec<LabOffer> {
        [("province", 30_000), ("city", 10_000)]
            .map(|(name, tubes_per_day)| LabOffer { name: name.into(), tubes_per_day })
            .to_vec()
    }

    fn number(plan: &RoundPlan, need: Need) -> u64 {
        plan.figures.iter().find(|figure| figure.need == need).map_or(0, |figure| figure.number)
    }

    /// Taigu in February 2022: 5,300 people in control zones, 295,958 around them.
    fn taigu() -> Vec<ZoneAsked> {
        vec![zone("control", AreaClass::Control, 5_300), zone("rest", AreaClass::Precaution, 295_958)]
    }

    #[test]
    fn taigu_in_a_day() {
        let plan = plan_round(&taigu(), &Pace::by_the_third_guide(), &labs(), &Have::default()).unwrap();
        assert_eq!(number(&plan, Need::Sites), 3 + 119);
        assert_eq!(number(&plan, Need::SamplerShifts), 15 + 823, "population ÷ 360");
        assert_eq!(number(&plan, Need::Shifts), 2);
        assert_eq!(number(&plan, Need::SamplersPerShift), 8 + 412);
        assert_eq!(number(&plan, Need::Tubes(TubeSize::of(5).unwrap())), 1_060);
        assert_eq!(number(&plan, Need::Tubes(TubeSize::of(10).unwrap())), 29_596);
        assert_eq!(number(&plan, Need::Vans), 25, "122 sites, five a trip, back within two hours");
        let can_take =
            (30_000.0_f64 / 24.0 * 16.0).floor() as u64 + (10_000.0_f64 / 24.0 * 16.0).floor() as u64;
        assert_eq!(can_take, 26_666);
        assert_eq!(plan.short[0], Short::LabTubes { needed: 30_656, can_take });
        assert!(plan.figures.iter().all(|figure| !figure.rule.source().is_empty()));
    }

    #[test]
    fn the_guides_numbers_for_a_province_and_a_city() {
        let plan = |people| {
            let zones = [zone("all", AreaClass::Elsewhere, people)];
            plan_round(&zones, &Pace::by_the_third_guide(), &[], &Have::default()).unwrap()
        };
        assert_eq!(number(&plan(34_915_616), Need::SamplerShifts), 96_988, "97 thousand for Shanxi");
        assert_eq!(number(&plan(25_000_000), Need::SamplerShifts), 69_445, "69 thousand for Shanghai");
        assert_eq!(number(&plan(25_000_000), Need::Sites), 10_000, "there were 9,000 to 9,900");
        assert_eq!(number(&plan(25_000_000), Need::Vans), 2_000, "and 2,000 vans");
        assert_eq!(number(&plan(21_000_000), Need::AllTubes), 1_050_000);
        let nobody = plan(0);
        assert!(nobody.figures.iter().all(|figure| figure.number == 0 || figure.need == Need::Shifts));
    }

    #[test]
    fn sealed_homes_have_a_tube_each_and_contacts_one_of_their_own() {
        let mut sealed = zone("sealed", AreaClass::Sealed, 2_700);
        sealed.alone = 100;
        let plan = |sealed: &ZoneAsked| {
            plan_round(std::slice::from_ref(sealed), &Pace::by_the_third_guide(), &[], &Have::default())
                .unwrap()
        };
        let told = plan(&sealed);
        assert!(told.zones[0].pool.by_household);
        assert_eq!(number(&told, Need::Tubes(TubeSize::ONE)), 100);
        assert_eq!(number(&told, Need::Tubes(TubeSize::of(5).unwrap())), 1_000, "2,600 people, 2.6 a home");
        sealed.household = 6.5;
        assert_eq!(plan(&sealed).zones[0].pool.size.swabs(), 10);
        sealed.size = Some(TubeSize::of(20).unwrap());
        assert_eq!(plan(&sealed).zones[0].pool.why, PoolWhy::Ordered);
    }

    #[test]
    fn what_is_short_is_told_with_how_many_it_leaves_out() {
        let ten = TubeSize::of(10).unwrap();
        let have = Have {
            samplers_per_shift: Some(210),
            vans: Some(30),
            tubes: Some(BTreeMap::from([(ten, 40_000)])),
        };
        let mut labs = labs();
        labs[1].tubes_per_day = 40_000;
        let plan = plan_round(&taigu(), &Pace::by_the_third_guide(), &labs, &have).unwrap();
        assert_eq!(
            plan.short,
            [
                Short::Samplers { per_shift: 420, have: 210 },
                Short::Tubes { size: TubeSize::of(5).unwrap(), needed: 1_060, have: 0 },
                Short::Coverage { reachable: 0.5, wanted: 0.95 },
            ]
        );
        assert!((plan.labs[0].hours - plan.labs[1].hours).abs() < 0.01, "both are done at one hour");
        assert_eq!(plan.labs.iter().map(|lab| lab.tubes).sum::<u64>(), 30_656);
    }

    #[test]
    fn a_plan_is_told_as_json() {
        let plan = plan_round(&taigu(), &Pace::by_the_third_guide(), &labs(), &Have::default()).unwrap();
        let told = serde_json::to_value(&plan).unwrap();
        let tubes = serde_json::json!({
            "need": { "of": "tubes", "size": 5 }, "number": 1060, "rule": "pool_by_class",
        });
        assert!(told["figures"].as_array().unwrap().contains(&tubes), "{told}");
        assert_eq!(told["short"][0]["of"], "lab_tubes");
        assert_eq!(told["zones"][0]["tubes"]["5"], 1060);
        let pace = serde_json::to_value(Pace::by_the_third_guide()).unwrap();
        assert_eq!(serde_json::from_value::<Pace>(pace).unwrap(), Pace::by_the_third_guide());
    }

    #[test]
    fn a_deadline_that_leaves_no_time_for_swabs_is_refused_with_what_to_do() {
        let pace = Pace { deadline_hours: 12.0, ..Pace::by_the_third_guide() };
        let why = plan_round(&taigu(), &pace, &labs(), &Have::default()).unwrap_err().to_string();
        assert!(why.contains("`deadline_hours` is 12; it leaves no hour"), "{why}");
        let pace = Pace { trip_hours: 4.0, ..Pace::by_the_third_guide() };
        assert_eq!(
            plan_round(&taigu(), &pace, &[], &Have::default()).unwrap_err().field,
            "carried_within_hours"
        );
        let mut odd = taigu();
        odd[0].alone = 5_301;
        let pace = Pace::by_the_third_guide();
        assert_eq!(plan_round(&odd, &pace, &[], &Have::default()).unwrap_err().field, "alone");
        let pace = Pace { coverage: f64::NAN, ..pace };
        assert_eq!(plan_round(&taigu(), &pace, &[], &Have::default()).unwrap_err().field, "coverage");
    }

    proptest! {
        #[test]
        fn everybody_has_a_place_in_a_tube_and_a_sampler(
            people in 0..3_000_000_u64, alone in 0..2_000_u64, class in 0..5_usize, household in 1.0..8.0_f64,
            deadline in 13.0..60.0_f64, capacity in 0..500_000_u64,
        ) {
            let mut zone = zone("z", AreaClass::ALL[class], people);
            (zone.alone, zone.household) = (alone.min(people), household);
            let pace = Pace { deadline_hours: deadline, ..Pace::by_the_third_guide() };
            let labs = [capacity, capacity / 3].map(|tubes_per_day| LabOffer { name: "l".into(), tubes_per_day });
            let plan = plan_round(&[zone], &pace, &labs, &Have::default()).unwrap();
            let told = &plan.zones[0];
            let room: u64 = told.tubes.iter().map(|(size, many)| u64::from(size.swabs()) * many).sum();
            prop_assert!(room >= people);
            prop_assert!(told.sampler_shifts as f64 * pace.swabs_per_sampler() >= people as f64);
            prop_assert!(told.desks >= told.sites && told.desks * pace.shifts() >= told.sampler_shifts);
            prop_assert!(told.sites * pace.people_per_site >= people);
            let (given, needed) = (plan.labs.iter().map(|lab| lab.tubes).sum::<u64>(), number(&plan, Need::AllTubes));
            let can_take = number(&plan, Need::LabTubesByDeadline);
            prop_assert_eq!(given, needed.min(can_take));
            prop_assert!(plan.labs.iter().all(|lab| lab.tubes <= lab.can_take));
            prop_assert_eq!(plan.short.is_empty(), needed <= can_take);
        }
    }
}
