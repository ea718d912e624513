//! The register of places people were at.

use crate::cases::{Event, event_in_reach};
use crate::packed;
use crate::refuse::{exists, invalid, required};
use crate::trace::Place;
use crate::trace::point::{System, told};
use crate::trace::reach::place_in_reach;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A restaurant, a ward, a market hall can be told of from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPlace {
    pub id: Id<Sent>,
    pub place: Id<Place>,
    /// Where it lies: whoever answers for that territory is asked about it.
    pub territory: Territory,
    #[serde(default)]
    pub event: Option<Id<Event>>,
    pub name: String,
    pub kind: String,
    #[serde(default)]
    pub lon: Option<f64>,
    #[serde(default)]
    pub lat: Option<f64>,
    /// The system of maps the degrees come from; WGS84 when nothing is said.
    #[serde(default)]
    pub datum: Option<System>,
    /// As its kind usually is, when nothing is said.
    #[serde(default)]
    pub indoors: Option<bool>,
}

impl Change for RegisterPlace {
    const NAME: &'static str = "register place";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let event = self.event.map(|event| event.to_string());
        std::iter::once(self.place.to_string()).chain(event).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        if tx.count("SELECT count(*) FROM trace_place WHERE id = $1", params![self.place])? > 0 {
            return Err(exists("place", "场所"));
        }
        if let Some(event) = self.event {
            event_in_reach(tx, event)?;
        }
        let usual = known_kind(&self.kind)?;
        let told = told(self.lon, self.lat, self.datum)?;
        let position = told.map(|told| told.position()).transpose()?;
        tx.run(
            "INSERT INTO trace_place (id, territory, event, name, kind, lon, lat, told_datum, indoors, created, changed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
            params![
                self.place,
                &self.territory,
                self.event,
                self.name.trim(),
                &self.kind,
                position.map(|at| at.lon),
                position.map(|at| at.lat),
                told.map(|told| told.datum.word()),
                self.indoors.or(usual).map(i64::from),
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// Whether a place of this kind usually is indoors.
fn known_kind(kind: &str) -> Result<Option<bool>> {
    let pack = packed::interviews();
    pack.place_kind(kind).map(|kind| kind.indoors).ok_or_else(|| {
        let known: Vec<&str> = pack.place_kinds.iter().map(|kind| kind.id.as_str()).collect();
        invalid(
            "trace.place_kind",
            "kind",
            format!("there is no such kind of place; choose one of: {}", known.join(", ")),
            format!("没有该类场所；请从以下选择：{}", known.join("、")),
        )
    })
}

/// What is known of a place is corrected.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendPlace {
    pub id: Id<Sent>,
    pub place: Id<Place>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub lon: Option<f64>,
    #[serde(default)]
    pub lat: Option<f64>,
    #[serde(default)]
    pub datum: Option<System>,
    #[serde(default)]
    pub indoors: Option<bool>,
}

impl Change for AmendPlace {
    const NAME: &'static str = "amend place";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(place_in_reach(tx, self.place)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.place.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        place_in_reach(tx, self.place)?;
        if let Some(name) = &self.name {
            required("name", name)?;
        }
        if let Some(kind) = &self.kind {
            known_kind(kind)?;
        }
        let told = told(self.lon, self.lat, self.datum)?;
        let position = told.map(|told| told.position()).transpose()?;
        tx.run(
            "UPDATE trace_place SET name = coalesce($2, name), kind = coalesce($3, kind), lon = coalesce($4, lon), \
             lat = coalesce($5, lat), told_datum = coalesce($6, told_datum), indoors = coalesce($7, indoors), changed = $8 \
             WHERE id = $1",
            params![
                self.place,
                self.name.as_deref().map(str::trim),
                self.kind.as_deref(),
                position.map(|at| at.lon),
                position.map(|at| at.lat),
                told.map(|told| told.datum.word()),
                self.indoors.map(i64::from),
                tx.at
            ],
        )?;
        Ok(())
    }
}
