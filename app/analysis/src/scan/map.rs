//! Places and clusters on a map without roads: where to look, at a glance and in print.
//!
//! Deliberately absent: borders and rivers, which the files of a scan do not hold.

use super::input::Ground;
use crate::chart::{INK, WIDTH, escaped, opening, text};
use crate::language::Language;
use std::fmt::Write;
use surveillance::scan::{Cluster, Place, Span};

const HEIGHT: f64 = 720.0;
const TOP: f64 = 64.0;
const EDGE: f64 = 48.0;
/// Width of a letter of a label, about.
const LETTER: f64 = 7.0;
/// Circles around one place have no radius of their own.
const LEAST_RADIUS: f64 = 9.0;
/// Okabe and Ito's vermilion for clusters that chance hardly explains, grey for others: told apart with any colour vision, and
/// in print by the thickness of the line.
const LOUD: &str = "#d55e00";
const QUIET: &str = "#777777";
/// What chance hardly explains.
const UNLIKELY: f64 = 0.05;

/// The plane onto which places are drawn: degrees of longitude are shortened as in the middle of the map.
struct Plane {
    left: f64,
    top: f64,
    scale: f64,
    points: Vec<(f64, f64)>,
}

impl Plane {
    fn of(places: &[Place]) -> Plane {
        let latitudes: Vec<f64> = places
            .iter()
            .filter_map(
                |place| if let Place::Globe { latitude, .. } = place { Some(*latitude) } else { None },
            )
            .collect();
        let middle = latitudes.iter().sum::<f64>() / latitudes.len().max(1) as f64;
        // In kilometres, as radii are.
        let degree = Place::Globe { latitude: 0.0, longitude: 0.0 }
            .distance(&Place::Globe { latitude: 1.0, longitude: 0.0 });
        let flat = |place: &Place| match *place {
            Place::Plane { x, y } => (x, y),
            Place::Globe { latitude, longitude } => {
                (longitude * middle.to_radians().cos() * degree, latitude * degree)
            }
        };
        let points: Vec<(f64, f64)> = places.iter().map(flat).collect();
        let ends = |of: fn(&(f64, f64)) -> f64| {
            points.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
        };
        let ((left, right), (bottom, top)) = (ends(|point| point.0), ends(|point| point.1));
        let across =
            ((WIDTH - 2.0 * EDGE) / (right - left)).min((HEIGHT - TOP - 2.0 * EDGE) / (top - bottom));
        // One place, or all in a row, still need a scale.
        let scale = if across.is_finite() { across } else { 1.0 };
        Plane { left, top, scale, points }
    }

    /// North is up.
    fn at(&self, place: usize) -> (f64, f64) {
        let (x, y) = self.points[place];
        (EDGE + (x - self.left) * self.scale, TOP + EDGE + (self.top - y) * self.scale)
    }
}

pub fn svg(ground: &Ground, clusters: &[&Cluster], language: Language) -> String {
    let plane = Plane::of(&ground.places);
    let title = language.pick("时空聚集", "Clusters in space and time");
    let description = described(ground, clusters, language);
    let mut svg = opening(language, HEIGHT, title, &description);
    for (place, name) in ground.names.iter().enumerate() {
        let (x, y) = plane.at(place);
        dot(&mut svg, (x, y), name);
    }
    for (number, cluster) in clusters.iter().enumerate() {
        let (x, y) = plane.at(cluster.places[0]);
        let radius = (Span::of(&ground.places, &cluster.places).radius * plane.scale).max(LEAST_RADIUS);
        let loud = cluster.p_value.is_some_and(|p| p <= UNLIKELY);
        let (colour, thick) = if loud { (LOUD, 3) } else { (QUIET, 1) };
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" fill-opacity=\"0.08\" stroke=\"{colour}\" \
             stroke-width=\"{thick}\"><title>{}</title></circle>",
            escaped(&told(ground, number + 1, cluster))
        );
        let words = told(ground, number + 1, cluster);
        // Kept inside the map, also when its place lies at the edge.
        let half = words.chars().count() as f64 * LETTER / 2.0;
        let x = x.max(half).min(WIDTH - half);
        text(&mut svg, x, y - radius - 5.0, "middle", &words);
    }
    svg.push_str("</svg>\n");
    svg
}

fn dot(svg: &mut String, (x, y): (f64, f64), name: &str) {
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{INK}\"><title>{}</title></circle>",
        escaped(name)
    );
}

/// `1: 2022-03-13 – 2022-03-14, 12 / 3.1, p 0.001`
fn told(ground: &Ground, number: usize, cluster: &Cluster) -> String {
    let (first, last) =
        (ground.axis.first_of(cluster.stretch.from), ground.axis.last_of(cluster.stretch.to - 1));
    let when = if first == last { first } else { format!("{first} – {last}") };
    let p = cluster.p_value.map_or_else(String::new, |p| format!(", p {p:.3}"));
    format!("{number}: {when}, {} / {:.1}{p}", cluster.cases, cluster.expected)
}

fn described(ground: &Ground, clusters: &[&Cluster], language: Language) -> String {
    let each: Vec<String> = clusters
        .iter()
        .enumerate()
        .map(|(i, cluster)| {
            let names: Vec<&str> = cluster.places.iter().map(|place| ground.names[*place].as_str()).collect();
            format!("{} ({})", told(ground, i + 1, cluster), names.join(", "))
        })
        .collect();
    match language {
        Language::Zh => {
            format!("{} 个地点，{} 个聚集。{}", ground.names.len(), clusters.len(), each.join("；"))
        }
        Language::En => {
            format!("{} places, {} clusters. {}", ground.names.len(), clusters.len(), each.join("; "))
        }
    }
}
