//! What somebody was exposed to: a case, a lot of goods, or the surfaces of a place.

use crate::cases::reach::case_in_reach;
use crate::cases::{CaseRecord, Event, event_in_reach};
use crate::packed;
use crate::people::Subject;
use crate::people::same_person;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::Goods;
use crate::trace::changes::AddExposure;
use crate::trace::goods::{GoodsRecord, goods_in_reach};
use crate::trace::reach::{PlaceRecord, place_in_reach};
use base::{Day, Id};
use cases::ExposureKind;
use packs::Protocol;
use store::{Query, Result, Tx, params};

pub(super) enum Origin {
    Case(Box<CaseRecord>),
    Goods(GoodsRecord),
    /// What is contaminated there, and the disease of its event.
    Surface(PlaceRecord, Option<String>),
}

impl Origin {
    pub fn of(tx: &mut Tx<'_>, exposure: &AddExposure) -> Result<Origin> {
        let origin = match (exposure.case, exposure.goods, exposure.surface) {
            (Some(case), None, None) => Origin::Case(Box::new(case_in_reach(tx, case)?)),
            (None, Some(goods), None) => Origin::Goods(goods_in_reach(tx, goods)?),
            (None, None, Some(surface)) => {
                let place = place_in_reach(tx, surface)?;
                let disease = disease_of_place(tx, &place)?;
                Origin::Surface(place, disease)
            }
            _ => {
                return Err(invalid(
                    "trace.origin",
                    "case",
                    "an exposure has one origin; name a case, a lot of goods, or a place whose surfaces are meant",
                    "暴露来源应为一个；请指定病例、货物批次或被污染的场所之一",
                ));
            }
        };
        let thing = !matches!(origin, Origin::Case(_));
        if thing && (exposure.kind != ExposureKind::Contaminated || exposure.via.is_some()) {
            return Err(invalid(
                "trace.kind_of_thing",
                "kind",
                "nobody meets a thing; what goods and surfaces do is `contaminated`, and nobody stands between",
                "货物与环境的暴露类型应为“接触污染环境、物品”，且无中间接触者",
            ));
        }
        Ok(origin)
    }

    pub fn case(&self) -> Option<&CaseRecord> {
        match self {
            Origin::Case(case) => Some(case),
            _ => None,
        }
    }

    pub fn event(&self) -> Option<Id<Event>> {
        match self {
            Origin::Case(case) => case.event,
            Origin::Goods(goods) => goods.event,
            Origin::Surface(place, _) => place.event,
        }
    }

    pub fn disease(&self) -> Option<&str> {
        match self {
            Origin::Case(case) => case.disease.as_deref(),
            Origin::Goods(goods) => goods.disease.as_deref(),
            Origin::Surface(_, disease) => disease.as_deref(),
        }
    }

    pub fn goods(&self) -> Option<Id<Goods>> {
        match self {
            Origin::Goods(goods) => Some(goods.id),
            _ => None,
        }
    }

    /// Whether it is the exposed person themselves.
    pub fn is(&self, tx: &mut Tx<'_>, subject: Id<Subject>) -> Result<bool> {
        match self {
            Origin::Case(case) => Ok(same_person(tx, case.subject)?.contains(&subject)),
            _ => Ok(false),
        }
    }

    /// Onset, or sampling without signs; a thing falls ill on no day.
    pub fn illness_day(&self) -> Option<Day> {
        self.case().and_then(|case| case.dates.illness_day())
    }

    /// The edition its interview was opened by, else the one in force today.
    pub fn rules(&self, tx: &mut Tx<'_>) -> Result<&'static Protocol> {
        let protocols = packed::protocols();
        let (column, id) = match self {
            Origin::Case(case) => ("case_id", case.id.to_string()),
            Origin::Goods(goods) => ("goods", goods.id.to_string()),
            Origin::Surface(place, _) => ("place", place.id.to_string()),
        };
        let row =
            tx.first(&format!("SELECT protocol FROM trace_interview WHERE {column} = $1"), params![id])?;
        let opened_by = row.map(|row| row.text(0)).transpose()?.and_then(|id| protocols.by_id(&id));
        let today = tx.at.day_at_offset(UTC_OFFSET_MINUTES);
        Ok(opened_by.unwrap_or_else(|| protocols.for_disease(self.disease(), today)))
    }
}

/// Of the event a place belongs to.
pub(super) fn disease_of_place(tx: &mut Tx<'_>, place: &PlaceRecord) -> Result<Option<String>> {
    match place.event {
        Some(event) => Ok(event_in_reach(tx, event)?.1),
        None => Ok(None),
    }
}
