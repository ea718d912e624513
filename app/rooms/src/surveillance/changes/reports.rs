//! A site sends its numbers.

use crate::packed;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::reach::{SiteRecord, site_in_reach};
use crate::surveillance::{Mark, Site, Version, county_of};
use base::{Day, Id, Moment, Territory};
use packs::Indicator;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Actor, Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};
use surveillance::usual_range;

/// What stands in a box of a form: a number, or something else that is told so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Stated {
    Number(f64),
    Words(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    pub value: Stated,
    /// Out of how many, where the indicator asks for it.
    #[serde(default)]
    pub of: Option<Stated>,
}

/// The numbers of one period: a day, or the week that holds it.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportNumbers {
    pub id: Id<Sent>,
    pub site: Id<Site>,
    pub day: Day,
    pub numbers: BTreeMap<String, Number>,
    /// Indicators whose unusual number was looked at again and is right.
    #[serde(default)]
    pub confirmed: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Reported {
    pub kept: Vec<Kept>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    pub indicator: String,
    pub day: Day,
    pub value: f64,
    pub of: Option<f64>,
    pub mark: Mark,
}

impl Change for ReportNumbers {
    const NAME: &'static str = "report numbers";
    const NEEDS: Permission = Permission::ReportsWrite;
    const BASIS: Basis = Basis::Surveillance;
    type Out = Reported;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(site_in_reach(tx, self.site)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.site.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<Reported> {
        let site = site_in_reach(tx, self.site)?;
        let actor = tx.actor;
        demand_own(tx, actor, &site)?;
        if self.numbers.is_empty() {
            return Err(invalid(
                "surveillance.nothing",
                "numbers",
                "there is no number in this report; write 0 where there was nobody",
                "报告中没有数字；无病例请填 0",
            ));
        }
        let mut kept = Vec::with_capacity(self.numbers.len());
        for (id, number) in &self.numbers {
            let one = OneNumber {
                site: &site,
                indicator: id,
                day: self.day,
                number,
                confirmed: self.confirmed.contains(id),
            };
            let at = tx.at;
            let looked = one.look(tx, at)?;
            looked.write(tx, &site)?;
            kept.push(looked.kept);
        }
        Ok(Reported { kept })
    }
}

/// A site's numbers come from its own people, or from whoever runs surveillance there.
pub(crate) fn demand_own(query: &mut dyn Query, actor: &Actor, site: &SiteRecord) -> Result<()> {
    if actor.scope.may(Permission::SurveillanceManage) {
        return Ok(());
    }
    let sql = "SELECT count(*) FROM surveillance_reporter WHERE account = $1 AND site = $2";
    if query.count(sql, params![actor.person(), site.id])? > 0 {
        return Ok(());
    }
    Err(Refusal::new(
        Status::Forbidden,
        "surveillance.not_your_site",
        "you are not named as a reporter of this site; ask your centre to link your account to it",
        "您不是该哨点的报告人；请联系疾控中心将账号与哨点关联",
    )
    .into())
}

/// A number that was looked at: what it is, how it came, and what stood there before.
pub(crate) struct Looked {
    pub kept: Kept,
    /// The version before: its place, value and denominator.
    before: Option<(i64, f64, Option<f64>)>,
}

/// One number of a site, as it stands in a report or a row of a file.
pub(crate) struct OneNumber<'a> {
    pub site: &'a SiteRecord,
    pub indicator: &'a str,
    pub day: Day,
    pub number: &'a Number,
    /// It was looked at again and is right.
    pub confirmed: bool,
}

impl OneNumber<'_> {
    /// Everything that can be wrong with it; nothing is written.
    pub fn look(&self, query: &mut dyn Query, at: Moment) -> Result<Looked> {
        let indicator = asked_of(self.site, self.indicator)?;
        let day = indicator.cadence.begins(self.day);
        let today = at.day_at_offset(UTC_OFFSET_MINUTES);
        demand_day(self.site, indicator, day, today)?;
        let value = number_in(indicator, &self.number.value, "value")?;
        let of = self.number.of.as_ref().map(|of| number_in(indicator, of, "of")).transpose()?;
        if of.is_some_and(|of| of < value) {
            return Err(invalid(
                "surveillance.more_than_all",
                &format!("numbers.{}.of", self.indicator),
                format!("{value} out of {} is more than all; correct one of the two", of.unwrap_or_default()),
                format!("{value} 大于总数 {}；请更正其中之一", of.unwrap_or_default()),
            ));
        }
        let before = query.first(
            "SELECT seq, value, denominator FROM surveillance_report WHERE site = $1 AND day = $2 AND indicator = $3 \
             ORDER BY seq DESC LIMIT 1",
            params![self.site.id, day, self.indicator],
        )?;
        let before = before.map(|row| {
            Ok::<_, store::Error>((row.int(0)?, row.opt_real(1)?.unwrap_or_default(), row.opt_real(2)?))
        });
        let before = before.transpose()?;
        let kept = |mark| Kept { indicator: self.indicator.to_owned(), day, value, of, mark };
        if before.is_some_and(|(_, was, was_of)| was == value && was_of == of) {
            return Ok(Looked { kept: kept(Mark::Repeat), before });
        }
        if !self.confirmed {
            demand_usual(query, self.site.id, indicator, day, value)?;
        }
        let late = at > indicator.due(day, UTC_OFFSET_MINUTES);
        let mark = match (Mark::of(indicator, day, today, late), before) {
            (Mark::TooLate, _) => Mark::TooLate,
            (_, Some(_)) => Mark::Correction,
            (first, None) => first,
        };
        Ok(Looked { kept: kept(mark), before })
    }
}

impl Looked {
    fn write(&self, tx: &mut Tx<'_>, site: &SiteRecord) -> Result<()> {
        let Kept { indicator, day, value, of, mark } = &self.kept;
        if *mark == Mark::Repeat {
            return Ok(());
        }
        let version = Version { value: *value, of: *of, mark: *mark };
        keep_version(tx, site, indicator, *day, self.before, &version)
    }
}

/// Writes the next version of a number, and the sum of the county with it. `before`: place, value and denominator of the last.
pub(crate) fn keep_version(
    tx: &mut Tx<'_>,
    site: &SiteRecord,
    indicator: &str,
    day: Day,
    before: Option<(i64, f64, Option<f64>)>,
    version: &Version,
) -> Result<()> {
    let Version { value, of, mark } = *version;
    tx.run(
        "INSERT INTO surveillance_report (site, indicator, day, seq, territory, value, denominator, mark, at, by_whom) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            site.id,
            indicator,
            day,
            before.map_or(1, |(seq, ..)| seq + 1),
            &site.territory,
            value,
            of,
            mark.word(),
            tx.at,
            &tx.actor.id
        ],
    )?;
    if mark == Mark::TooLate {
        return Ok(());
    }
    let (was, was_of) = before.map_or((0.0, 0.0), |(_, was, of)| (was, of.unwrap_or_default()));
    tx.run(
        "INSERT INTO surveillance_daily (indicator, territory, day, value, denominator, sites) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (indicator, territory, day) DO UPDATE SET \
         value = surveillance_daily.value + excluded.value, \
         denominator = surveillance_daily.denominator + excluded.denominator, \
         sites = surveillance_daily.sites + excluded.sites",
        params![
            indicator,
            county_of(&site.territory),
            day,
            value - was,
            of.unwrap_or_default() - was_of,
            i64::from(before.is_none())
        ],
    )?;
    Ok(())
}

/// The site's own last weeks say what is usual; what is not must be said twice.
fn demand_usual(
    query: &mut dyn Query,
    site: Id<Site>,
    indicator: &Indicator,
    day: Day,
    value: f64,
) -> Result<()> {
    let history = recent_values(query, site, &indicator.id, day)?;
    let Some((low, high)) = usual_range(&history).filter(|(low, high)| value < *low || value > *high) else {
        return Ok(());
    };
    let last = history.last().copied().unwrap_or_default();
    Err(invalid(
        "surveillance.unusual",
        &format!("numbers.{}", indicator.id),
        format!(
            "{value} is unusual here: last time it was {last}, usually {low} to {high}; look again, and confirm it if it is right"
        ),
        format!("{value} 与本哨点平时不同：上次为 {last}，通常为 {low} 至 {high}；请核对，无误请确认"),
    ))
}

/// How far back a site's own history is asked: eight weeks of days, or a year of weeks.
const MEMORY_STEPS: i32 = 56;

/// What the site sent for the periods before `day`, in order; the last version of each.
pub(crate) fn recent_values(
    query: &mut dyn Query,
    site: Id<Site>,
    indicator: &str,
    day: Day,
) -> Result<Vec<f64>> {
    let step = packed::indicators().by_id(indicator).map_or(1, |one| one.cadence.days());
    let rows = query.rows(
        "SELECT day, value FROM surveillance_report WHERE site = $1 AND day >= $2 AND day < $3 AND indicator = $4 \
         ORDER BY day, seq",
        params![site, day - MEMORY_STEPS * step, day, indicator],
    )?;
    let mut last: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows {
        last.insert(row.text(0)?, row.opt_real(1)?.unwrap_or_default());
    }
    Ok(last.into_values().collect())
}

fn asked_of(site: &SiteRecord, id: &str) -> Result<&'static Indicator> {
    let known = packed::indicators().by_id(id).filter(|_| site.indicators.iter().any(|one| one == id));
    known.ok_or_else(|| {
        invalid(
            "surveillance.not_asked",
            &format!("numbers.{id}"),
            format!("this site does not report that; it reports: {}", site.indicators.join(", ")),
            format!("该哨点不上报此项；其指标为：{}", site.indicators.join("、")),
        )
    })
}

fn demand_day(site: &SiteRecord, indicator: &Indicator, day: Day, today: Day) -> Result<()> {
    if day > today {
        return Err(invalid(
            "surveillance.future",
            "day",
            format!("{day} has not come yet; report a day up to today, {today}"),
            format!("{day} 尚未到来；请填写不晚于今天（{today}）的日期"),
        ));
    }
    // The week in which a site begins counts as its first.
    if !site.is_asked_on(day) && !site.is_asked_on(day + indicator.cadence.days() - 1) {
        let until = site.ended.map_or_else(String::new, |ended| ended.to_string());
        return Err(invalid(
            "surveillance.closed",
            "day",
            format!("the site reports from {} to {until}; choose a day within", site.started),
            format!("该哨点的上报期为 {} 至 {until}；请选择期内日期", site.started),
        ));
    }
    Ok(())
}

fn number_in(indicator: &Indicator, stated: &Stated, what: &str) -> Result<f64> {
    let field = format!("numbers.{}{}", indicator.id, if what == "of" { ".of" } else { "" });
    let number = match stated {
        Stated::Number(number) => Some(*number),
        Stated::Words(words) => words.trim().parse::<f64>().ok(),
    };
    let Some(number) = number.filter(|number| number.is_finite()) else {
        return Err(invalid(
            "surveillance.not_a_number",
            &field,
            format!("{} is a number such as 12, or 0 when there was none; write it in digits", indicator.en),
            format!("“{}”应为数字，例如 12，没有则填 0；请用阿拉伯数字填写", indicator.zh),
        ));
    };
    if number < 0.0 {
        return Err(invalid(
            "surveillance.negative",
            &field,
            format!("{number} is less than none; write 0 when there was none"),
            format!("{number} 小于零；没有请填 0"),
        ));
    }
    if indicator.whole && number.fract() != 0.0 {
        return Err(invalid(
            "surveillance.whole",
            &field,
            format!("{number} is no whole number; {} are counted whole", indicator.unit_en),
            format!("{number} 不是整数；{}按整数计", indicator.unit_zh),
        ));
    }
    // Of all visits there may be many more than of those counted.
    let most = if what == "of" { indicator.most * 100.0 } else { indicator.most };
    if number > most {
        return Err(invalid(
            "surveillance.too_many",
            &field,
            format!("{number:.0} is more than one site ever has ({most:.0}); a digit too many? correct it"),
            format!("{number:.0} 超过单个哨点可能的最大值（{most:.0}）；是否多输了数字？请更正"),
        ));
    }
    Ok(number)
}
