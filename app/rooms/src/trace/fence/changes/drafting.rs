//! A fence is drafted, published and withdrawn. On the day after its last it lapses by itself.

use super::super::present::touch;
use super::super::record::{FenceRecord, fence_in_reach};
use super::super::{Fence, Wall};
use crate::cases::Event;
use crate::refuse::{exists, invalid, required};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::Place;
use crate::trace::fence::places::is_dwelling;
use crate::trace::fence::record::COLUMNS;
use crate::trace::reach::place_in_reach;
use crate::trace::run::Run;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};

/// A place, or a run of a vehicle, and a time in which somebody may have been exposed there; what a visitor should do, in both
/// languages, and the law it rests on. Nothing of a case.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftFence {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    #[serde(default)]
    pub place: Option<Id<Place>>,
    #[serde(default)]
    pub ride: Option<Run>,
    /// Of a ride; a place has its own.
    #[serde(default)]
    pub territory: Option<Territory>,
    pub from: Wall,
    pub to: Wall,
    /// Air that stays: so long after the end somebody who came still counts.
    #[serde(default)]
    pub gap_minutes: u32,
    pub text_zh: String,
    pub text_en: String,
    pub basis: String,
    /// The last day on which it is published.
    pub ends: Day,
}

/// Longer than any case stays anywhere that the public visits.
const LONGEST_WINDOW_MINUTES: u32 = 14 * 1_440;
const LONGEST_GAP_MINUTES: u32 = 1_440;
/// Registered visits are gone after this many days (packs/retention), and so is the reason to publish.
const LONGEST_DAYS: i32 = 30;
const LONGEST_TEXT: usize = 2_000;

impl Change for DraftFence {
    const NAME: &'static str = "draft fence";
    const NEEDS: Permission = Permission::FencePublish;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.target(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        let event = self.event.map(|event| event.to_string());
        [self.fence.to_string()].into_iter().chain(event).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if tx.count("SELECT count(*) FROM trace_fence WHERE id = $1", params![self.fence])? > 0 {
            return Err(exists("fence", "暴露围栏"));
        }
        if let Some(event) = self.event {
            crate::cases::reach::event_in_reach(tx, event)?;
        }
        let target = self.target(tx)?;
        self.demand_sense(Wall::at(tx.at))?;
        let ride = self.ride.as_ref().map(|ride| serde_json::to_string(&ride.plain())).transpose();
        let ride = ride.map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "INSERT INTO trace_fence (id, territory, event, target, place, ride, first_minute, last_minute, gap_minutes, \
             text_zh, text_en, basis, ends, drafted, drafted_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            params![
                self.fence,
                target.territory,
                self.event,
                target.name,
                self.place,
                ride,
                self.from,
                self.to,
                i64::from(self.gap_minutes),
                self.text_zh.trim(),
                self.text_en.trim(),
                self.basis.trim(),
                self.ends,
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

struct Target {
    name: String,
    territory: Territory,
}

impl DraftFence {
    fn target(&self, tx: &mut Tx<'_>) -> Result<Target> {
        match (self.place, &self.ride) {
            (Some(place), None) => {
                let known = place_in_reach(tx, place)?;
                if is_dwelling(&known.kind) {
                    return Err(invalid(
                        "trace.fence_home",
                        "place",
                        "this is where somebody lives, and naming it names them; tell its contacts by telephone instead",
                        "该场所为住所，公布即等于公布个人；请改为电话通知其接触者",
                    ));
                }
                Ok(Target { name: place.to_string(), territory: known.territory })
            }
            (None, Some(ride)) => {
                required("ride.number", &ride.plain().number)?;
                let territory = self.territory.clone().ok_or_else(|| {
                    invalid(
                        "field.required",
                        "territory",
                        "`territory` is empty; say whose visitors are to be told",
                        "“territory”为空；请说明地区",
                    )
                })?;
                Ok(Target { name: ride.target(), territory })
            }
            _ => Err(invalid(
                "trace.fence_where",
                "place",
                "a fence is about one place or one ride; choose one of the two",
                "围栏须针对一个场所或一个车次；请选择其一",
            )),
        }
    }

    fn demand_sense(&self, now: Wall) -> Result<()> {
        for (field, text) in [("text_zh", &self.text_zh), ("text_en", &self.text_en), ("basis", &self.basis)]
        {
            required(field, text)?;
            if text.chars().count() > LONGEST_TEXT {
                return Err(invalid(
                    "trace.fence_text",
                    field,
                    format!("the text is longer than {LONGEST_TEXT} characters; say only what to do"),
                    format!("文字超过 {LONGEST_TEXT} 字；请只写应当怎样做"),
                ));
            }
        }
        if self.to <= self.from || self.to.0.0 - self.from.0.0 > LONGEST_WINDOW_MINUTES {
            return Err(invalid(
                "trace.fence_window",
                "to",
                "the window ends before it begins, or lasts longer than fourteen days; correct one of its ends",
                "时段结束早于开始，或超过十四天；请更正",
            ));
        }
        if self.to > now {
            return Err(invalid(
                "trace.fence_future",
                "to",
                "the window ends in the future; nobody has been there yet: end it now at the latest",
                "时段结束在将来；最晚写到现在",
            ));
        }
        if self.gap_minutes > LONGEST_GAP_MINUTES {
            return Err(invalid(
                "trace.fence_gap",
                "gap_minutes",
                "air does not stay for more than a day; give at most 1440 minutes",
                "间隔不超过一天；请写至多 1440 分钟",
            ));
        }
        if self.ends < now.day() || self.ends - self.to.day() > LONGEST_DAYS {
            return Err(invalid(
                "trace.fence_ends",
                "ends",
                format!(
                    "a fence ends today at the earliest and {LONGEST_DAYS} days after its window at the latest; choose a day between"
                ),
                format!("围栏最早今天、最晚在时段结束后 {LONGEST_DAYS} 天失效；请另选日期"),
            ));
        }
        Ok(())
    }
}

/// The fence goes into the list that everybody can read.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishFence {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
}

impl Change for PublishFence {
    const NAME: &'static str = "publish fence";
    const NEEDS: Permission = Permission::FencePublish;
    const BASIS: Basis = Basis::PublicInformation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.fence.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let fence = fence_in_reach(tx, self.fence)?;
        if fence.published.is_some() || fence.withdrawn.is_some() {
            return Err(told_so(
                "trace.fence_published",
                "this fence was published or withdrawn already; draft another",
                "该围栏已发布或已撤回；请另拟",
            ));
        }
        if fence.lapsed(tx.at.day_at_offset(UTC_OFFSET_MINUTES)) {
            return Err(lapsed());
        }
        demand_no_difference(tx, &fence)?;
        tx.run("UPDATE trace_fence SET published = $2 WHERE id = $1", params![self.fence, tx.at])?;
        Ok(())
    }
}

/// Two windows of one place that differ by a minute would tell who came in that minute. So windows that are or were counted
/// share no minute, unless they are the same window. It is decided by their times alone: a refusal that hung on who was there
/// would tell it.
fn demand_no_difference(tx: &mut Tx<'_>, fence: &FenceRecord) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_fence f WHERE f.target = $1 AND f.id <> $2 AND f.published IS NOT NULL \
         AND (f.withdrawn IS NULL OR EXISTS (SELECT 1 FROM trace_fence_run r WHERE r.fence = f.id)) ORDER BY f.first_minute, f.id"
    );
    let span = |of: &FenceRecord| (of.first.0, of.clear().0);
    for row in tx.rows(&sql, params![&fence.target, fence.id])? {
        let other = FenceRecord::of(&row)?;
        let same = span(&other) == span(fence) && other.territory == fence.territory;
        if !same && touch(span(&other), span(fence)) {
            let (from, to) = (String::from(other.first), String::from(other.clear()));
            return Err(Refusal::new(
                Status::Conflict,
                "trace.fence_overlaps",
                format!("from {from} to {to} this place is in another fence already, and two counts that overlap tell single people apart; take the time before or after it, or the very same window"),
                format!("该场所 {from} 至 {to} 已有围栏，时段交叠的两个计数可推知个人；请取其前后时段或完全相同的时段"),
            )
            .into());
        }
    }
    Ok(())
}

/// A fence that was wrong, or is needed no longer, is taken back with the reason; it stays on record.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawFence {
    pub id: Id<Sent>,
    pub fence: Id<Fence>,
    pub reason: String,
}

impl Change for WithdrawFence {
    const NAME: &'static str = "withdraw fence";
    const NEEDS: Permission = Permission::FencePublish;
    const BASIS: Basis = Basis::PublicInformation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(fence_in_reach(tx, self.fence)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.fence.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        let fence = fence_in_reach(tx, self.fence)?;
        if fence.withdrawn.is_some() {
            return Err(told_so(
                "trace.fence_withdrawn",
                "this fence was withdrawn already; reload the page",
                "该围栏已撤回；请刷新页面",
            ));
        }
        tx.run(
            "UPDATE trace_fence SET withdrawn = $2, withdrawn_why = $3 WHERE id = $1",
            params![self.fence, tx.at, self.reason.trim()],
        )?;
        // Whoever has the list open has it no longer.
        tx.run(
            "UPDATE trace_fence_opening SET until = $2 WHERE fence = $1 AND until > $2",
            params![self.fence, tx.at],
        )?;
        Ok(())
    }
}

fn told_so(code: &str, en: &str, zh: &str) -> store::Error {
    Refusal::new(Status::Conflict, code, en, zh).into()
}

pub(super) fn lapsed() -> store::Error {
    told_so(
        "trace.fence_lapsed",
        "this fence has lapsed; draft another if it is still needed",
        "该围栏已到期；如仍需要请另拟",
    )
}

/// Nobody is counted or opened by what the public cannot see.
pub(super) fn demand_in_force(tx: &Tx<'_>, fence: &FenceRecord) -> Result<()> {
    let today = tx.at.day_at_offset(UTC_OFFSET_MINUTES);
    if fence.in_force(today) {
        return Ok(());
    }
    if fence.withdrawn.is_some() {
        return Err(told_so(
            "trace.fence_withdrawn",
            "this fence was withdrawn; draft another if it is still needed",
            "该围栏已撤回；如仍需要请另拟",
        ));
    }
    if fence.lapsed(today) {
        return Err(lapsed());
    }
    Err(told_so(
        "trace.fence_draft",
        "this fence is a draft; publish it first, so that everybody can see who is counted",
        "该围栏仍为草稿；请先发布，使公众知悉",
    ))
}
