//! The levels of all 1,245 townships of Shanxi after each new case, beside counting them all over from the cases.
//!
//! Twenty thousand people found within forty days, each with a home and two places, spread over the townships from a seed. Figures are
//! processor milliseconds of one core.

use base::{Day, Streams, Territory};
use control::{Board, Find, How, Standing, Stay, Unit, demands, if_clean};
use packs::{Level, SpreadRisk, StayKind, UnitKind, ZoneScheme};
use statistics_bench::{Target, cpu_seconds, or_stop, ratio, tell};
use std::hint::black_box;

const FINDS: usize = 20_000;
const DAYS: usize = 40;
/// New cases after each of which all levels are told.
const NEW: usize = 200;
const LOOK_BACK_DAYS: u16 = 2;

fn main() {
    let regions = or_stop(packs::shipped::shanxi(), "regions");
    let townships: Vec<Territory> = regions
        .iter()
        .filter(|region| region.level == Level::Township)
        .map(|region| region.territory.clone())
        .collect();
    let protocols = or_stop(packs::shipped::protocols(), "protocols");
    let zones = protocols.by_id("cn-covid-9").and_then(|one| one.zones.as_ref());
    let zones = or_stop(zones.ok_or("no zones"), "cn-covid-9");
    let finds = made_up(&townships);
    let today = first_day() + i32::try_from(DAYS).unwrap_or(0);

    let mut board = Board::new(zones, LOOK_BACK_DAYS);
    let (known, new) = finds.split_at(FINDS - NEW);
    known.iter().for_each(|find| board.add(find));
    let mut took = Vec::with_capacity(NEW);
    for find in new {
        let ((), seconds) = cpu_seconds(|| {
            board.add(find);
            black_box(board.levels(&townships, today));
        });
        took.push(1_000.0 * seconds);
    }
    took.sort_by(f64::total_cmp);
    let slowest = took[NEW * 99 / 100];

    let (plain, seconds) = cpu_seconds(|| all_over(zones, &finds, &townships, today));
    let reference = 1_000.0 * seconds;
    assert!(plain == board.levels(&townships, today), "both say the same");
    let beside = ratio(slowest, reference, "from the cases all over", "ms");
    let what = format!("levels of {} townships after a new case, {FINDS} known, p99", townships.len());
    tell(&what, slowest, "ms", Target::Below(50.0), &beside);
}

fn first_day() -> Day {
    or_stop(Day::of(2022, 8, 1).ok_or("no day"), "a day")
}

fn made_up(townships: &[Territory]) -> Vec<Find> {
    let mut chance = Streams::seeded(8).of("finds");
    let kinds = [StayKind::Residence, StayKind::Activity, StayKind::Stopover];
    let risks = [SpreadRisk::Low, SpreadRisk::Some, SpreadRisk::High];
    let mut finds: Vec<Find> = (0..FINDS)
        .map(|number| {
            let day = first_day() + i32::try_from(chance.below(DAYS)).unwrap_or(0);
            let stays = kinds.map(|kind| Stay {
                unit: Unit::part(
                    chance.pick(townships).clone(),
                    &[["甲小区", "乙小区", "丙村", "丁厂"][chance.below(4)]],
                    UnitKind::Compound,
                ),
                kind,
                risk: *chance.pick(&risks),
                hard_to_trace: chance.below(2) == 0,
                from: day - 5,
                until: day,
            });
            let how = if chance.below(3) == 0 { How::UnderCare } else { How::Community };
            let isolated = (how == How::UnderCare).then(|| day - 2);
            Find {
                id: format!("case {number}"),
                day,
                onset: Some(day - 1),
                sampled: Some(day),
                how,
                isolated,
                stays: stays.to_vec(),
            }
        })
        .collect();
    finds.sort_by_key(|find| find.day);
    finds
}

/// What somebody would write first: of each township, everything that any find demands there.
fn all_over(zones: &ZoneScheme, finds: &[Find], townships: &[Territory], on: Day) -> Vec<Standing> {
    let all: Vec<_> = finds.iter().flat_map(|find| demands(zones, LOOK_BACK_DAYS, find)).collect();
    let strictest = |place: &Territory| {
        let place = Unit::whole(place.clone());
        let near = all.iter().filter(|demand| demand.unit.touches(&place) && demand.clock <= on);
        near.filter_map(|demand| if_clean(zones, demand.level, demand.clock, on)).min()
    };
    let rest = zones.levels.iter().position(|level| level.rest_of_county);
    townships
        .iter()
        .map(|place| match strictest(place) {
            Some(level) => Standing { level: Some(level), as_rest: false },
            None => {
                let as_rest = strictest(&place.at_depth(3)).is_some();
                Standing { level: rest.filter(|_| as_rest), as_rest }
            }
        })
        .collect()
}
