//! The demo's mass testing: two rounds of the sealed zone and a part of the precaution zone's one, all negative as they were. One
//! pool of the first round reads grey; its five people are held, sampled again alone, and let go.

use super::SEED;
use super::posting::{Curve, Filled, PLATE, Posting};
use base::{Moment, Territory};
use rooms::lab::changes as lab;
use scenario::{Person, Spec, residents};
use serde_json::json;
use store::Db;

const POSTS: [&str; 4] = [
    "小学操场 · Primary school yard",
    "村委会 · Village hall",
    "文化广场 · Culture square",
    "镇卫生院 · Township clinic",
];
/// Third guide: five to a tube where a zone is sealed, ten where it is watched.
const SEALED_POOL: usize = 5;
const PRECAUTION_POOL: usize = 10;
const BOX: usize = 90;
const HOUR: i64 = 3600;
const SAMPLING: i64 = 6 * HOUR;

struct Town<'a> {
    posting: Posting<'a>,
    /// The first hour of the day that the counts are of.
    day: Moment,
    county: Territory,
    laboratory: String,
}

pub(super) fn screen(db: &Db, spec: &Spec) -> Result<(), String> {
    let told = &spec.screening;
    let town = Town {
        posting: Posting::seeded(db, SEED),
        day: Moment::start_of(told.day, 480),
        county: spec.territory.clone(),
        laboratory: Posting::seeded(db, SEED).id("laboratory", "1"),
    };
    town.laboratory(&spec.territory.at_depth(2))?;
    let sealed = residents(SEED, "sealed", told.sealed_people, &told.sealed_zone, told.day);
    town.sealed(&sealed, &told.sealed_zone)?;
    let others = residents(SEED, "precaution", told.precaution_told, &spec.territory, told.day);
    town.precaution(&others, told.precaution_people)
}

impl Town<'_> {
    fn at(&self, hour: i64) -> Moment {
        self.day.plus_seconds(hour * HOUR)
    }

    fn laboratory(&self, territory: &Territory) -> Result<(), String> {
        let fields = json!({
            "laboratory": self.laboratory, "territory": territory, "name": "晋中检测实验室（虚构） · Jinzhong laboratory (invented)",
            "capacity": 30_000, "report_hours": 12,
        });
        self.posting.send::<lab::RegisterLaboratory>(self.at(-6), "1", fields)
    }

    fn campaign(&self, no: &str, name: &str, ordered: Moment) -> Result<String, String> {
        let campaign = self.posting.id("campaign", no);
        let fields = json!({
            "campaign": campaign, "territory": self.county, "name": name, "disease": "covid-19-delta",
            "ordered": "太谷区疫情防控指挥部通告（演示） · order of the county headquarters (replay)",
        });
        self.posting.send::<lab::PlanCampaign>(ordered, no, fields)?;
        Ok(campaign)
    }

    /// Both rounds: everybody of the zone, at four posts.
    fn sealed(&self, people: &[Person], zone: &Territory) -> Result<(), String> {
        let campaign =
            self.campaign("sealed", "太谷封控、管控区两轮检测 · Sealed zones of Taigu, twice", self.at(-6))?;
        let posts = self.posts("sealed", &campaign, zone, SEALED_POOL, &POSTS)?;
        for (number, opens) in [(1, self.at(-4)), (2, self.at(13))] {
            let no = format!("sealed {number}");
            let round = self.round(&no, &campaign, zone, people.len(), SEALED_POOL, opens)?;
            if number == 1 {
                self.short(&round, zone, opens)?;
            }
            let mut runs = Vec::new();
            let share = people.len().div_ceil(posts.len());
            for ((at, post), people) in posts.iter().enumerate().zip(people.chunks(share)) {
                self.shift(&format!("{no} {at}"), post, opens, 4)?;
                let prefix = format!("TG{number}{}-", at + 1);
                let tubes = self.posting.queue(&prefix, post, SEALED_POOL, people, opens, SAMPLING);
                runs.extend(self.carry(&prefix, post, &tubes, opens.plus_seconds(SAMPLING))?);
            }
            let grey = (number == 1).then_some(40);
            self.plates(&no, &runs, opens.plus_seconds(SAMPLING + HOUR), grey)?;
            if number == 1 {
                self.sample_again(&runs[40], &posts[0], &people[40 * SEALED_POOL..41 * SEALED_POOL], opens)?;
            }
            self.posting.send::<lab::EndRound>(
                opens.plus_seconds(16 * HOUR),
                &no,
                json!({ "round": round }),
            )?;
        }
        self.end(&campaign, "sealed", &posts, self.at(30))
    }

    /// A part of the precaution zone, once; the last tubes were written on paper and typed in the next day.
    fn precaution(&self, people: &[Person], of: usize) -> Result<(), String> {
        let told = people.len();
        let name = format!(
            "太谷防范区一轮检测（{of} 人中演示载入 {told} 人） · Precaution zone of Taigu, once ({told} of its {of} people are in the replay)"
        );
        let campaign = self.campaign("precaution", &name, self.at(4))?;
        let county = self.county.clone();
        let posts = self.posts(
            "precaution",
            &campaign,
            &county,
            PRECAUTION_POOL,
            &["太谷一中 · Taigu No. 1 school"],
        )?;
        let opens = self.at(6);
        let round = self.round("precaution", &campaign, &county, told, PRECAUTION_POOL, opens)?;
        self.shift("precaution", &posts[0], opens, 6)?;
        let mut tubes = self.posting.queue("TG30-", &posts[0], PRECAUTION_POOL, people, opens, SAMPLING);
        for tube in tubes.iter_mut().rev().take(6) {
            tube.paper = Some("0412");
        }
        let runs = self.carry("TG30-", &posts[0], &tubes, opens.plus_seconds(SAMPLING))?;
        self.plates("precaution", &runs, opens.plus_seconds(SAMPLING + HOUR), None)?;
        self.posting.send::<lab::EndRound>(self.at(30), "precaution", json!({ "round": round }))?;
        self.end(&campaign, "precaution", &posts, self.at(30))
    }

    fn posts(
        &self,
        no: &str,
        campaign: &str,
        territory: &Territory,
        pool: usize,
        names: &[&str],
    ) -> Result<Vec<String>, String> {
        let mut posts = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let post = self.posting.id("post", &format!("{no} {at}"));
            let fields = json!({
                "post": post, "campaign": campaign, "territory": territory, "name": name, "desks": 6, "pool_size": pool,
            });
            self.posting.send::<lab::OpenPost>(self.at(-5), &format!("{no} {at}"), fields)?;
            posts.push(post);
        }
        Ok(posts)
    }

    fn round(
        &self,
        no: &str,
        campaign: &str,
        zone: &Territory,
        population: usize,
        pool: usize,
        opens: Moment,
    ) -> Result<String, String> {
        let class = if pool == SEALED_POOL { "sealed" } else { "precaution" };
        let round = self.posting.id("round", no);
        let fields = json!({
            "round": round, "campaign": campaign, "opens": opens, "deadline": opens.plus_seconds(16 * HOUR), "coverage_target": 0.98,
            "zones": [{ "territory": zone, "class": class, "population": population, "pool_size": pool }],
        });
        self.posting.send::<lab::OpenRound>(opens.plus_seconds(-HOUR), no, fields)?;
        Ok(round)
    }

    fn shift(&self, no: &str, post: &str, opens: Moment, samplers: u32) -> Result<(), String> {
        let fields = json!({
            "shift": self.posting.id("shift", no), "post": post, "begins": opens, "ends": opens.plus_seconds(SAMPLING),
            "desks": samplers, "samplers": samplers, "leader": "张护士长 · Head nurse Zhang",
        });
        self.posting.send::<lab::PlanShift>(opens.plus_seconds(-HOUR), no, fields)
    }

    fn short(&self, round: &str, zone: &Territory, opens: Moment) -> Result<(), String> {
        let shortage = self.posting.id("shortage", "1");
        let fields = json!({
            "shortage": shortage, "round": round, "territory": zone, "what": "samplers", "needed": 16, "have": 10, "begins": opens,
            "ends": opens.plus_seconds(SAMPLING), "note": "夜间首轮 · first round, at night",
        });
        self.posting.send::<lab::TellShortage>(opens.plus_seconds(-HOUR), "1", fields)?;
        let answer = json!({ "shortage": shortage, "note": "榆次支援 6 人，20:00 到 · Yuci sends six, there at 20:00" });
        self.posting.send::<lab::AnswerShortage>(opens.plus_seconds(-HOUR / 2), "1", answer)
    }

    /// Tubes are registered, boxed and brought to the laboratory; their barcodes in the order they arrive in.
    fn carry(
        &self,
        prefix: &str,
        post: &str,
        tubes: &[Filled<'_>],
        packed: Moment,
    ) -> Result<Vec<String>, String> {
        self.posting.register(tubes)?;
        let codes: Vec<String> = tubes.iter().map(|tube| tube.barcode.clone()).collect();
        for (at, part) in codes.chunks(BOX).enumerate() {
            let code = format!("{prefix}BOX{}", at + 1);
            self.posting.pack(&code, post, part, packed.plus_seconds(120))?;
            self.posting.receive(&self.laboratory, Some(&code), part, packed.plus_seconds(HOUR / 2))?;
        }
        Ok(codes)
    }

    fn plates(&self, no: &str, tubes: &[String], filled: Moment, grey: Option<usize>) -> Result<(), String> {
        for (plate, part) in tubes.chunks(PLATE).enumerate() {
            let wells: Vec<(String, Curve)> = part
                .iter()
                .enumerate()
                .map(|(at, tube)| (tube.clone(), (grey == Some(plate * PLATE + at)).then_some(38.4)))
                .collect();
            self.posting.run(&format!("{no} plate {}", plate + 1), &self.laboratory, &wells, filled)?;
        }
        Ok(())
    }

    /// Whoever is behind the grey pool is told, and sampled alone within four hours: nothing.
    fn sample_again(&self, grey: &str, post: &str, people: &[Person], opens: Moment) -> Result<(), String> {
        let reported = opens.plus_seconds(SAMPLING + HOUR + 2 * HOUR + 600);
        let mut alone = Vec::new();
        for (place, _) in people.iter().enumerate() {
            let fields = json!({ "tube": grey, "position": place + 1 });
            self.posting.send::<lab::TellHold>(
                reported.plus_seconds(900),
                &format!("{grey} {place}"),
                fields,
            )?;
            alone.push(Filled {
                barcode: format!("TG19-{:04}", place + 1),
                post: post.to_owned(),
                size: 1,
                people: &people[place..=place],
                closed: reported.plus_seconds(2 * HOUR),
                again: Some(format!("{grey}/{}", place + 1)),
                paper: None,
            });
        }
        self.posting.register(&alone)?;
        let codes: Vec<String> = alone.iter().map(|tube| tube.barcode.clone()).collect();
        self.posting.receive(&self.laboratory, None, &codes, reported.plus_seconds(5 * HOUR / 2))?;
        let wells: Vec<(String, Curve)> = codes.into_iter().map(|code| (code, None)).collect();
        self.posting.run("again plate 1", &self.laboratory, &wells, reported.plus_seconds(3 * HOUR))
    }

    fn end(&self, campaign: &str, no: &str, posts: &[String], at: Moment) -> Result<(), String> {
        for post in posts {
            self.posting.send::<lab::ClosePost>(at, post, json!({ "post": post }))?;
        }
        self.posting.send::<lab::EndCampaign>(at, no, json!({ "campaign": campaign }))
    }
}
