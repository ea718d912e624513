//! Coordinates: three systems that Chinese maps use, told apart and brought to one.
//!
//! GCJ-02 (Amap, Tencent) lies 300 to 700 m beside WGS84 (satellite receivers), BD-09 (Baidu) some hundreds of metres beside that.
//! Deliberately absent: other countries' datums.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Degrees in WGS84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Position {
    /// Latitude, −90 to 90.
    pub lat: f64,
    /// Longitude, −180 to 180.
    pub lon: f64,
}

/// In which system degrees are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    pub const ALL: [Datum; 3] = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];

    /// The closed word for files.
    pub fn word(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
            Datum::Bd09 => "bd09",
        }
    }

    /// Degrees told in this system, in WGS84. Right to a centimetre for what lies in China; outside, GCJ-02 is WGS84.
    ///
    /// # Source
    /// The forward formula has no inverse in closed form. We take its shift off again and again until it stays, as eviltransform's
    /// `gcj2wgs_exact` and geoChina's `gcj2wgs` do (docs/sources.md#eviltransform).
    pub fn to_wgs84(self, told: Position) -> Position {
        match self {
            Datum::Wgs84 => told,
            Datum::Gcj02 => undone(told, gcj02),
            Datum::Bd09 => undone(undone(told, bd09_of_gcj02), gcj02),
        }
    }

    /// A WGS84 position as this system tells it.
    pub fn from_wgs84(self, position: Position) -> Position {
        match self {
            Datum::Wgs84 => position,
            Datum::Gcj02 => gcj02(position),
            Datum::Bd09 => bd09_of_gcj02(gcj02(position)),
        }
    }
}

/// The rectangle in which maps shift; beyond the border it takes in neighbours, as the maps do.
pub fn shifted_on_maps(position: Position) -> bool {
    (0.8293..=55.8271).contains(&position.lat) && (72.004..=137.8347).contains(&position.lon)
}

/// # Source
/// Krasovsky 1940 ellipsoid and the sums of sines as published in eviltransform (docs/sources.md#eviltransform).
fn gcj02(wgs84: Position) -> Position {
    const SEMI_MAJOR_METRES: f64 = 6_378_245.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
    if !shifted_on_maps(wgs84) {
        return wgs84;
    }
    let (x, y) = (wgs84.lon - 105.0, wgs84.lat - 35.0);
    let waves = |at: f64, heights: [(f64, f64); 2]| {
        heights.iter().map(|(height, times)| height * (at * times * PI).sin()).sum::<f64>() * 2.0 / 3.0
    };
    let shared = waves(x, [(20.0, 6.0), (20.0, 2.0)]);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + shared
        + waves(y, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + waves(y, [(160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0)]);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + shared
        + waves(x, [(20.0, 1.0), (40.0, 1.0 / 3.0)])
        + waves(x, [(150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0)]);
    let lat = wgs84.lat.to_radians();
    let bulge = 1.0 - ECCENTRICITY_SQUARED * lat.sin() * lat.sin();
    let meridian = SEMI_MAJOR_METRES * (1.0 - ECCENTRICITY_SQUARED) / (bulge * bulge.sqrt());
    let parallel = SEMI_MAJOR_METRES / bulge.sqrt() * lat.cos();
    Position {
        lat: wgs84.lat + (north / meridian).to_degrees(),
        lon: wgs84.lon + (east / parallel).to_degrees(),
    }
}

/// # Source
/// Baidu's turn and stretch as published in many places, such as coordtransform (docs/sources.md#coordtransform).
fn bd09_of_gcj02(gcj02: Position) -> Position {
    const TURN: f64 = PI * 3_000.0 / 180.0;
    if !shifted_on_maps(gcj02) {
        return gcj02;
    }
    let (x, y) = (gcj02.lon, gcj02.lat);
    let far = x.hypot(y) + 0.000_02 * (y * TURN).sin();
    let turned = y.atan2(x) + 0.000_003 * (x * TURN).cos();
    Position { lat: far * turned.sin() + 0.006, lon: far * turned.cos() + 0.0065 }
}

/// The position that `shift` brings to `told`.
fn undone(told: Position, shift: fn(Position) -> Position) -> Position {
    /// A hundredth of a millimetre.
    const CLOSE_DEGREES: f64 = 1e-10;
    if !shifted_on_maps(told) {
        return told;
    }
    let mut guess = told;
    for _ in 0..30 {
        let shifted = shift(guess);
        let (lat, lon) = (shifted.lat - told.lat, shifted.lon - told.lon);
        guess = Position { lat: guess.lat - lat, lon: guess.lon - lon };
        if lat.abs() < CLOSE_DEGREES && lon.abs() < CLOSE_DEGREES {
            break;
        }
    }
    guess
}

/// Metres along the globe, taken as a ball: within 0.6 % of the true distance.
///
/// # Source
/// Haversine formula: Sinnott 1984, Virtues of the haversine, Sky and Telescope 68:159.
pub fn metres_between(a: Position, b: Position) -> f64 {
    const EARTH_RADIUS_METRES: f64 = 6_371_008.8;
    let (lat, lon) = ((b.lat - a.lat).to_radians(), (b.lon - a.lon).to_radians());
    let haversine = (lat / 2.0).sin().powi(2)
        + a.lat.to_radians().cos() * b.lat.to_radians().cos() * (lon / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS_METRES * haversine.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lat: f64, lon: f64) -> Position {
        Position { lat, lon }
    }

    /// The example of geoChina's manual (to five decimals, one metre), and those of eviltransform's own tests.
    #[test]
    fn known_places_lie_where_others_say() {
        for (wgs84, gcj02, metres) in [
            (at(39.90105, 116.42079), at(39.90245, 116.42703), 2.0),
            (at(31.177_427_6, 121.527_210_6), at(31.175_303_983_645_97, 121.531_541_859_215), 0.01),
            (at(22.543_847, 113.912_316), at(22.540_796_131_694_766, 113.917_176_480_836_3), 0.01),
            (at(39.911_954, 116.377_817), at(39.913_345_455_360_69, 116.384_047_224_556_57), 0.01),
        ] {
            assert!(metres_between(Datum::Gcj02.from_wgs84(wgs84), gcj02) < metres);
            assert!(metres_between(Datum::Gcj02.to_wgs84(gcj02), wgs84) < metres);
        }
    }

    /// The example of coordtransform, computed by Hutool's tests. (eviltransform leaves the factor 3000/180 out and lies up to 40 m
    /// off.)
    #[test]
    fn baidu_lies_where_others_say() {
        let bd09 = at(39.921_336_993_510_22, 116.410_369_493_710_29);
        assert!(metres_between(bd09_of_gcj02(at(39.915, 116.404)), bd09) < 0.001);
        assert!(metres_between(undone(bd09, bd09_of_gcj02), at(39.915, 116.404)) < 0.001);
    }

    #[test]
    fn outside_china_nothing_is_shifted() {
        let seoul_is_inside_the_rectangle = at(37.5665, 126.978);
        assert!(shifted_on_maps(seoul_is_inside_the_rectangle));
        let geneva = at(46.2, 6.15);
        assert_eq!(Datum::ALL.map(|datum| datum.to_wgs84(geneva)), [geneva; 3]);
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_place(lat in 4.0..53.0_f64, lon in 74.0..134.0_f64) {
            for datum in Datum::ALL {
                let back = datum.to_wgs84(datum.from_wgs84(at(lat, lon)));
                prop_assert!(metres_between(back, at(lat, lon)) < 0.01, "{datum:?}: {back:?}");
            }
        }
    }
}
