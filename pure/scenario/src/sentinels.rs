//! Invented sentinel sites of a prefecture and what they count, day after day: quiet weeks with their weekdays and chance, and
//! lately a rise in one county that several kinds of site see at once.
//!
//! Deliberately absent: any real number. Levels are round guesses that look like a county's.

use base::{Day, Streams, Territory};
use packs::{Cadence, Indicator, Indicators, Level, Regions};

/// A site nobody will find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentinel {
    pub no: String,
    pub kind: &'static str,
    pub name: String,
    pub territory: Territory,
    /// How much larger than the smallest of its kind: 1 to 3.
    size: usize,
}

/// The rise: where, and how many days ago it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rise {
    pub territory: Territory,
    pub began: Day,
}

const KINDS: [(&str, &str, usize); 5] = [
    ("fever_clinic", "人民医院发热门诊", 1),
    ("emergency", "人民医院急诊科", 1),
    ("pharmacy", "惠民药店", 2),
    ("school", "实验小学", 2),
    ("laboratory", "疾控中心实验室", 1),
];

/// Every county of the prefecture has the same kinds of site; numbers tell those of one kind apart.
pub fn sentinels(regions: &Regions, prefecture: &Territory) -> Vec<Sentinel> {
    let mut all = Vec::new();
    for county in regions.within(prefecture, Level::County) {
        for (kind, name, many) in KINDS {
            for number in 1..=many {
                let suffix = if many > 1 { format!("（{number}）") } else { String::new() };
                all.push(Sentinel {
                    no: format!("{} {kind} {number}", county.code()),
                    kind,
                    name: format!("{}{name}{suffix}", county.zh_short),
                    territory: county.territory.clone(),
                    size: 1
                        + usize::from(county.population.is_some_and(|people| people > 200_000))
                        + number % 2,
                });
            }
        }
    }
    all
}

/// What a site counts in the period that begins on `day`, and out of how many where its indicator asks for it. `None`: it was
/// silent, as one report in forty is.
pub fn counted(
    seed: u64,
    site: &Sentinel,
    indicator: &Indicator,
    day: Day,
    rise: &Rise,
) -> Option<(u32, Option<u32>)> {
    let mut chance = Streams::seeded(seed).of(&format!("{} {} {day}", site.no, indicator.id));
    if chance.below(40) == 0 {
        return None;
    }
    let (level, of) = level(&indicator.id);
    let weekday = match (indicator.cadence, site.kind, day.weekday()) {
        (Cadence::Week, ..) => 1.0,
        // Schools are empty at the weekend, clinics fuller on Monday.
        (_, "school", 6 | 7) => 0.0,
        (_, _, 1) => 1.25,
        (_, _, 6 | 7) => 0.8,
        _ => 1.0,
    };
    let days_into = day - rise.began + indicator.cadence.days() - 1;
    let rises = indicator.group == "respiratory" && site.territory == rise.territory && days_into >= 0;
    let factor = if rises { 1.6 + 0.5 * f64::from(days_into.min(6)) } else { 1.0 };
    let mean = level * site.size as f64 * weekday * factor;
    let of = of.map(|of| (of * site.size as f64 * weekday.max(0.01)).round() as u32);
    let value = poisson(mean, || chance.share());
    Some((of.map_or(value, |of| value.min(of)), of))
}

fn level(indicator: &str) -> (f64, Option<f64>) {
    match indicator {
        "fever_visits" => (7.0, Some(180.0)),
        "respiratory_visits" => (11.0, Some(140.0)),
        "diarrhoea_visits" => (4.0, Some(140.0)),
        "fever_medicine" => (18.0, None),
        "cough_medicine" => (22.0, None),
        "antibiotics" => (9.0, None),
        "antivirals" => (5.0, None),
        "absence" => (5.0, Some(600.0)),
        "vomiting" => (1.0, Some(600.0)),
        "rash_children" => (0.4, Some(600.0)),
        "flu_positives" => (6.0, Some(60.0)),
        "norovirus_positives" => (2.0, Some(40.0)),
        _ => (3.0, None),
    }
}

/// # Source
/// Knuth, The Art of Computer Programming 2, 3.4.1: multiply uniform numbers until they fall below e^-mean.
fn poisson(mean: f64, mut share: impl FnMut() -> f64) -> u32 {
    let (limit, mut product, mut count) = ((-mean).exp(), share(), 0);
    while product > limit && count < 10_000 {
        product *= share();
        count += 1;
    }
    count
}

/// The first day of the sentinels' story, and where it rises: six days before `today`, so that the list has something on it.
pub fn rise_before(today: Day, county: &Territory) -> Rise {
    Rise { territory: county.clone(), began: today - 4 }
}

/// Indicators a kind of site sends, in the pack's order.
pub fn sent_by<'a>(pack: &'a Indicators, site: &Sentinel) -> impl Iterator<Item = &'a Indicator> {
    let kind = site.kind;
    pack.indicators.iter().filter(move |one| one.kind.as_deref() == Some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_counts_the_same_and_the_rise_is_where_it_is_said_to_be() {
        let (regions, pack) = (packs::shipped::shanxi().unwrap(), packs::shipped::indicators().unwrap());
        let (jinzhong, taigu): (Territory, Territory) =
            ("14/1407".parse().unwrap(), "14/1407/140703".parse().unwrap());
        let sites = sentinels(&regions, &jinzhong);
        assert!(sites.len() > 60, "{}", sites.len());
        let today: Day = "2026-03-10".parse().unwrap();
        let rise = rise_before(today, &taigu);
        let fever = pack.by_id("fever_visits").unwrap();
        let clinic =
            sites.iter().find(|site| site.territory == taigu && site.kind == "fever_clinic").unwrap();
        let mean = |from: Day| {
            let counts: Vec<u32> = (0..4)
                .filter_map(|day| counted(7, clinic, fever, from + day, &rise))
                .map(|told| told.0)
                .collect();
            f64::from(counts.iter().sum::<u32>()) / counts.len() as f64
        };
        assert!(mean(today - 4) > 1.5 * mean(today - 40), "{} {}", mean(today - 4), mean(today - 40));
        assert_eq!(counted(7, clinic, fever, today, &rise), counted(7, clinic, fever, today, &rise));
    }
}
