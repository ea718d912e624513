//! A polygon drawn on a map as units: the places whose point lies in it.

use crate::refuse::invalid;
use crate::regions::Atlas;
use control::Unit;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Result, Scope};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolygonAsked {
    /// Corners as longitude and latitude (WGS 84), in order; the last joins the first.
    pub corners: Vec<(f64, f64)>,
}

const MOST_CORNERS: usize = 1_000;

/// Townships where they have points, otherwise counties. How many places have none is told: they cannot be found so.
pub fn units_in(scope: &Scope, atlas: &Atlas, asked: &PolygonAsked) -> Result<Json> {
    scope.demand(Permission::ControlRead)?;
    let sound = (3..=MOST_CORNERS).contains(&asked.corners.len())
        && asked.corners.iter().all(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0);
    if !sound {
        return Err(invalid(
            "control.polygon",
            "corners",
            "a polygon has 3 to 1,000 corners of longitude and latitude in degrees; draw it again",
            "多边形须有 3 至 1000 个顶点（经度、纬度，单位为度）；请重新绘制",
        ));
    }
    let own = || atlas.iter().filter(|place| scope.reaches(&place.path));
    let townships: Vec<_> = own().filter(|place| place.level == 4).collect();
    let without = townships.iter().filter(|place| place.lon.is_none() || place.lat.is_none()).count();
    let by_township = without < townships.len();
    let wanted = if by_township { 4 } else { 3 };
    let units: Vec<Unit> = own()
        .filter(|place| place.level == wanted)
        .filter(|place| place.lon.zip(place.lat).is_some_and(|point| holds(&asked.corners, point)))
        .map(|place| Unit::whole(place.path.clone()))
        .collect();
    let by = if by_township { "township" } else { "county" };
    Ok(
        json!({ "units": units, "by": by, "without_point": if by_township { without } else { townships.len() } }),
    )
}

/// # Source
/// Even-odd rule: Shimrat 1962, Algorithm 112, Communications of the ACM 5(8), doi:10.1145/368637.368653.
fn holds(corners: &[(f64, f64)], (lon, lat): (f64, f64)) -> bool {
    let ends = corners.iter().skip(1).chain(corners.first());
    corners.iter().zip(ends).fold(false, |inside, (a, b)| {
        let crosses = (a.1 > lat) != (b.1 > lat) && lon < (b.0 - a.0) * (lat - a.1) / (b.1 - a.1) + a.0;
        inside != crosses
    })
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_point_in_the_notch_of_a_polygon_is_outside() {
        let notched = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)];
        assert!(holds(&notched, (1.0, 1.0)) && holds(&notched, (3.5, 3.0)));
        assert!(!holds(&notched, (2.0, 3.0)) && !holds(&notched, (5.0, 1.0)));
    }
}
