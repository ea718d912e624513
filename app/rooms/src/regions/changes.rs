//! A department lays its own regions over the pack's, and takes them away again.

use crate::regions::geojson::Stated;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, Value, params};

#[derive(Debug, Serialize, Deserialize)]
pub struct ImportRegions {
    pub id: Id<Sent>,
    pub name: String,
    pub regions: Vec<Region>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Region {
    pub path: Territory,
    pub zh: String,
    pub en: String,
    pub population: Option<i64>,
    pub centre: Option<(f64, f64)>,
    pub shape: Option<String>,
}

impl From<Stated> for Region {
    fn from(stated: Stated) -> Region {
        Region {
            path: stated.path,
            zh: stated.zh,
            en: stated.en,
            population: stated.population,
            centre: stated.centre,
            shape: stated.shape,
        }
    }
}

impl Change for ImportRegions {
    const NAME: &'static str = "import regions";
    const NEEDS: Permission = Permission::RegionsWrite;
    const BASIS: Basis = Basis::Reference;
    type Out = usize;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<usize> {
        for region in &self.regions {
            tx.actor.scope.demand_territory(&region.path)?;
            tx.run("DELETE FROM regions_own WHERE path = $1", params![&region.path])?;
        }
        let rows: Vec<Vec<Value>> = self
            .regions
            .iter()
            .enumerate()
            .map(|(seq, region)| {
                vec![
                    (&region.path).into(),
                    (&region.zh).into(),
                    (&region.en).into(),
                    region.population.into(),
                    region.centre.map(|(lon, _)| lon).into(),
                    region.centre.map(|(_, lat)| lat).into(),
                    region.shape.as_deref().into(),
                    seq.into(),
                ]
            })
            .collect();
        tx.insert_many(
            "INSERT INTO regions_own (path, zh, en, population, lon, lat, shape, seq)",
            8,
            &rows,
            "ON CONFLICT (path) DO UPDATE SET shape = excluded.shape",
        )?;
        Ok(rows.len())
    }
}

/// The department's own regions are taken away; the pack's stand again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetRegions {
    pub id: Id<Sent>,
}

impl Change for ForgetRegions {
    const NAME: &'static str = "forget regions";
    const NEEDS: Permission = Permission::RegionsWrite;
    const BASIS: Basis = Basis::Reference;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (first, past) = tx.actor.scope.territory.range();
        tx.run("DELETE FROM regions_own WHERE path >= $1 AND path < $2", params![first, past])?;
        Ok(())
    }
}
