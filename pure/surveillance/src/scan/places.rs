//! Where places lie and how far they are from each other.
//!
//! Deliberately absent: roads. A circle drawn on the map ignores the river between two villages.

/// The radius with which SaTScan turns degrees into kilometres; the same here, so that radii can be laid side by side.
const EARTH_RADIUS_KM: f64 = 6367.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// On a plane, in the unit of the map.
    Plane { x: f64, y: f64 },
    /// On the globe, in degrees; distances are kilometres.
    Globe { latitude: f64, longitude: f64 },
}

/// How far a set of places reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// From the centre to the farthest place.
    pub radius: f64,
    /// Between the two places farthest apart.
    pub across: f64,
}

impl Place {
    /// Great-circle distance in km between two places on the globe; straight-line distance in the plane.
    ///
    /// # Source
    /// Haversine formula: Sinnott 1984, Virtues of the haversine, Sky and Telescope 68:159. (It keeps its precision at short
    /// distances, where the cosine formula loses it.)
    pub fn distance(&self, other: &Place) -> f64 {
        match (self, other) {
            (Place::Plane { x, y }, Place::Plane { x: u, y: v }) => (x - u).hypot(y - v),
            (Place::Globe { latitude: a, longitude: b }, Place::Globe { latitude: c, longitude: d }) => {
                let (a, c) = (a.to_radians(), c.to_radians());
                let half_chord = ((c - a) / 2.0).sin().powi(2)
                    + a.cos() * c.cos() * ((d - b).to_radians() / 2.0).sin().powi(2);
                2.0 * EARTH_RADIUS_KM * half_chord.sqrt().min(1.0).asin()
            }
            // A list is read with one kind of coordinates; two kinds are infinitely far apart.
            _ => f64::INFINITY,
        }
    }
}

impl Span {
    /// `members` begins with the centre.
    pub fn of(places: &[Place], members: &[usize]) -> Span {
        let mut span = Span { radius: 0.0, across: 0.0 };
        for (i, one) in members.iter().enumerate() {
            for other in &members[i + 1..] {
                let apart = places[*one].distance(&places[*other]);
                span.across = span.across.max(apart);
                if i == 0 {
                    span.radius = span.radius.max(apart);
                }
            }
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_equator_and_three_four_five() {
        let at = |latitude, longitude| Place::Globe { latitude, longitude };
        let quarter = std::f64::consts::FRAC_PI_2 * EARTH_RADIUS_KM;
        assert!((at(0.0, 0.0).distance(&at(0.0, 90.0)) - quarter).abs() < 1e-9);
        assert!((at(0.0, 179.0).distance(&at(0.0, -179.0)) - quarter / 45.0).abs() < 1e-9);
        let plane = [(0.0, 0.0), (3.0, 0.0), (0.0, 4.0)].map(|(x, y)| Place::Plane { x, y });
        assert_eq!(Span::of(&plane, &[0, 1, 2]), Span { radius: 4.0, across: 5.0 });
    }
}
