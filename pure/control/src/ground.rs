//! Whether what an order says rests on a ground the law gives, and keeps every limit of the pack.
//!
//! # Source
//! The law's rules are data (packs/measures/laws.toml).

use crate::Denied;
use base::{Moment, Territory};
use packs::{Article, ClassCn, LawText, MeasureKind, Measures};
use serde::{Deserialize, Serialize};

/// What an order says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// A kind of the pack.
    pub kind: String,
    /// The article it rests on, `text/article`.
    pub article: String,
    /// Whose government orders it.
    pub government: Territory,
    /// Where it holds.
    pub territory: Territory,
    pub affected: u32,
    pub starts: Moment,
    pub ends: Moment,
    pub lift: Vec<String>,
    /// Duties of the pack that the order says how it keeps.
    pub duties: Vec<String>,
}

/// What stands on the order form before it is given: the article, and what has to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground<'a> {
    pub kind: &'a MeasureKind,
    pub text: &'a LawText,
    pub article: &'a Article,
}

/// Whether the terms name a ground that holds from their first day to their last, and keep every limit of the pack.
///
/// # Errors
/// The first rule that is broken, in words.
pub fn ground<'a>(
    terms: &Terms,
    class: Option<ClassCn>,
    measures: &'a Measures,
    utc_offset_minutes: i32,
) -> Result<Ground<'a>, Denied> {
    let kind = kind_of(terms, measures)?;
    let (text, article) = article_of(terms, measures)?;
    if !kind.basis.contains(&terms.article) {
        return Err(Denied::of(
            "control.article_other",
            format!(
                "{}, {} gives no power for “{}”; choose an article of its list",
                text.en, article.en, kind.en
            ),
            format!("《{}》{}不能作为“{}”的依据；请选择该措施所列条款", text.zh, article.zh, kind.zh),
        )
        .at("article"));
    }
    if terms.ends <= terms.starts {
        return Err(Denied::of(
            "control.end_before_start",
            "the end does not lie after the start; every measure has an end: correct one of the two",
            "结束时间不晚于开始时间；每项措施都须有期限，请更正",
        )
        .at("ends"));
    }
    demand_length(kind, terms.starts, terms.ends)?;
    demand_in_force(text, terms, utc_offset_minutes)?;
    demand_government(terms, kind, article)?;
    if !article.classes.is_empty() && !class.is_some_and(|class| article.classes.contains(&class)) {
        return Err(Denied::of(
            "control.article_class",
            format!(
                "{}, {} is for diseases of class {}, and this one was not treated as one on that day; choose another article or measure",
                text.en,
                article.en,
                class_words(&article.classes)
            ),
            format!(
                "《{}》{}仅适用于{}类（含按其管理）传染病，该病当日不属此类；请选择其他条款或措施",
                text.zh,
                article.zh,
                class_words_zh(&article.classes)
            ),
        )
        .at("disease"));
    }
    demand_words(terms, kind, measures)?;
    Ok(Ground { kind, text, article })
}

pub(crate) fn kind_of<'a>(terms: &Terms, measures: &'a Measures) -> Result<&'a MeasureKind, Denied> {
    measures.kind(&terms.kind).ok_or_else(|| {
        Denied::of(
            "control.kind",
            "this kind of measure is not in the pack; choose one of the list",
            "规则包中没有该类措施；请从列表中选择",
        )
        .at("kind")
    })
}

pub(crate) fn article_of<'a>(
    terms: &Terms,
    measures: &'a Measures,
) -> Result<(&'a LawText, &'a Article), Denied> {
    let article = &terms.article;
    measures.laws.find(article).ok_or_else(|| {
        Denied::of(
            "control.article",
            format!("there is no article “{article}” in any text of the pack; choose one of the list"),
            format!("规则包的法律文本中没有“{article}”条款；请从列表中选择"),
        )
        .at("article")
    })
}

pub(crate) fn demand_length(kind: &MeasureKind, from: Moment, to: Moment) -> Result<(), Denied> {
    if to.0 - from.0 <= i64::from(kind.longest_days) * 86_400_000 {
        return Ok(());
    }
    Err(Denied::of(
        "control.too_long",
        format!(
            "“{}” lasts {} days at most; end it earlier, and extend it then if it is still needed",
            kind.en, kind.longest_days
        ),
        format!("“{}”最长 {} 天；请提前结束日期，届时仍有必要再延长", kind.zh, kind.longest_days),
    )
    .at("ends"))
}

pub(crate) fn demand_in_force(text: &LawText, terms: &Terms, utc_offset_minutes: i32) -> Result<(), Denied> {
    let first = terms.starts.day_at_offset(utc_offset_minutes);
    let last = Moment(terms.ends.0 - 1).day_at_offset(utc_offset_minutes);
    if let Some(day) = [first, last].into_iter().find(|day| !text.in_force_on(*day)) {
        let (from, to) = (text.from.map(|day| day.to_string()), text.to.map(|day| day.to_string()));
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        return Err(Denied::of(
            "control.not_in_force",
            format!("{} is not in force on {day} (from {from} to {to}); cite the text that is", text.en),
            format!("《{}》在 {day} 不具效力（{from} 至 {to}）；请引用当日有效的文本", text.zh),
        )
        .at("article"));
    }
    Ok(())
}

fn demand_government(terms: &Terms, kind: &MeasureKind, article: &Article) -> Result<(), Denied> {
    let lowest = kind.gives.min(article.level);
    if !lowest.reached_by(&terms.government) {
        return Err(Denied::of(
            "control.government",
            format!(
                "“{}” is ordered by the government of a {} or one above it; propose it there",
                kind.en,
                level_word(lowest).0
            ),
            format!("“{}”须由{}级以上人民政府决定；请由其提出", kind.zh, level_word(lowest).1),
        )
        .at("government"));
    }
    if !terms.government.holds(&terms.territory) {
        return Err(Denied::of(
            "control.outside",
            "the place lies outside the territory of the government that orders; correct one of the two",
            "措施范围不在作出决定的人民政府辖区内；请更正",
        )
        .at("territory"));
    }
    Ok(())
}

fn level_word(level: packs::GovernmentLevel) -> (&'static str, &'static str) {
    match level {
        packs::GovernmentLevel::Province => ("province", "省"),
        packs::GovernmentLevel::Prefecture => ("prefecture", "设区的市"),
        packs::GovernmentLevel::County => ("county", "县"),
    }
}

fn class_words(classes: &[ClassCn]) -> String {
    classes.iter().map(|class| format!("{class:?}")).collect::<Vec<_>>().join(" or ")
}

fn class_words_zh(classes: &[ClassCn]) -> String {
    let word = |class: &ClassCn| match class {
        ClassCn::A => "甲",
        ClassCn::B => "乙",
        ClassCn::C => "丙",
        ClassCn::Unlisted => "未列入名录",
    };
    classes.iter().map(word).collect::<Vec<_>>().join("、")
}

fn demand_words(terms: &Terms, kind: &MeasureKind, measures: &Measures) -> Result<(), Denied> {
    if terms.affected == 0 {
        return Err(Denied::of(
            "control.affected",
            "say how many people it affects: the number stands on the order beside what it costs",
            "请填写受影响人数：命令上须与代价一并列出",
        )
        .at("affected"));
    }
    if terms.lift.is_empty() || terms.lift.iter().any(|word| !kind.lift.contains(word)) {
        return Err(Denied::of(
            "control.lift",
            format!("say by which criteria “{}” is lifted, from its list", kind.en),
            format!("请从列表中选择“{}”的解除条件", kind.zh),
        )
        .at("lift"));
    }
    if let Some(owed) = kind.duties.iter().find(|duty| !terms.duties.contains(duty)) {
        let named = measures.catalogue.duties.iter().find(|duty| duty.id == *owed);
        let (en, zh) = named.map_or((owed.as_str(), owed.as_str()), |duty| (&duty.en, &duty.zh));
        return Err(Denied::of(
            "control.duty",
            format!("the order must take on: {en}; tick it once it is arranged"),
            format!("命令须落实：{zh}；安排妥当后请勾选"),
        )
        .at("duties"));
    }
    Ok(())
}
