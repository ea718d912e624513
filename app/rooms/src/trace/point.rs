//! Coordinates as somebody tells them, in one of three systems of maps, brought to WGS84 or refused in a sentence.

use crate::refuse::invalid;
use serde::{Deserialize, Serialize};
use store::Result;
use trace::overlap::{Datum, Position, ToldPosition, sound_positions};

/// Degrees as told. Nothing is assumed silently: the system is WGS84 unless it is stated, and is kept with the place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Told {
    pub lon: f64,
    pub lat: f64,
    pub datum: System,
}

/// A datum, as it comes with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum System {
    #[default]
    Wgs84,
    Gcj02,
    Bd09,
}

impl System {
    fn datum(self) -> Datum {
        match self {
            System::Wgs84 => Datum::Wgs84,
            System::Gcj02 => Datum::Gcj02,
            System::Bd09 => Datum::Bd09,
        }
    }

    pub fn word(self) -> &'static str {
        self.datum().word()
    }
}

/// The point a request tells of, when it tells of one.
pub(crate) fn told(lon: Option<f64>, lat: Option<f64>, datum: Option<System>) -> Result<Option<Told>> {
    match (lon, lat) {
        (Some(lon), Some(lat)) => Ok(Some(Told { lon, lat, datum: datum.unwrap_or_default() })),
        (None, None) => Ok(None),
        _ => Err(invalid(
            "trace.half_a_point",
            "lon",
            "a point has a longitude and a latitude; give both or neither",
            "坐标须同时给出经度和纬度；请补全或都留空",
        )),
    }
}

impl Told {
    /// In WGS84.
    pub fn position(self) -> Result<Position> {
        let told = Position { lat: self.lat, lon: self.lon };
        let (sound, notes) = sound_positions(&[ToldPosition { row: 1, named_place: None, told }]);
        if !sound.is_empty() {
            return Ok(self.datum.datum().to_wgs84(told));
        }
        let (en, zh) = if notes.has("zero_zero") {
            (
                "0, 0 is what devices write when they do not know; look the place up or leave it empty",
                "坐标 (0, 0) 是设备未定位时的写法；请重新查找或留空",
            )
        } else if notes.has("swapped") {
            ("latitude and longitude are exchanged; exchange the two", "经纬度写反了；请对调")
        } else {
            (
                "there is no such place on the globe; write degrees with a point, such as 112.5513 and 37.4237",
                "坐标超出地球范围；请以度为单位填写，如 112.5513、37.4237",
            )
        };
        Err(invalid("trace.point", "lon", en, zh))
    }
}
