//! Circles of places: around every place, growing.
//!
//! Deliberately absent: circles around points that are no place; a grid finer than the places finds few circles more.

use super::Place;
use std::collections::BTreeSet;

/// The places around one, the nearest first (itself foremost), and after how many of them a circle may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centre {
    pub place: usize,
    pub order: Vec<u32>,
    /// Ascending; the circle that ends at `e` holds `order[..e]`.
    pub ends: Vec<usize>,
}

/// How far circles grow.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// While they hold at most so much of the sum of `measure` (people, or expected cases); usually half of it. Places equally
    /// far from the centre enter together.
    Share { measure: Vec<f64>, share: f64 },
    /// So many places, the centre among them; of places equally far the one listed first enters first.
    Nearest(usize),
    /// One zone with every place in it.
    Everywhere,
}

/// Rounding in a sum of shares must not forbid the circle that holds exactly half.
const ROUNDING: f64 = 1e-12;

pub fn zones_around(places: &[Place], reach: &Reach) -> Vec<Centre> {
    if let Reach::Everywhere = reach {
        let order: Vec<u32> = (0..places.len() as u32).collect();
        return vec![Centre { place: 0, ends: vec![order.len()], order }];
    }
    (0..places.len()).map(|place| around(places, place, reach)).collect()
}

fn around(places: &[Place], centre: usize, reach: &Reach) -> Centre {
    let mut by_distance: Vec<(f64, bool, u32)> = places
        .iter()
        .enumerate()
        .map(|(i, place)| (places[centre].distance(place), i != centre, i as u32))
        .collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut ends = Vec::new();
    match reach {
        Reach::Nearest(k) => ends.extend(1..=(*k).min(places.len())),
        Reach::Share { measure, share } => {
            let most = measure.iter().sum::<f64>() * share * (1.0 + ROUNDING);
            let mut held = 0.0;
            for (i, (distance, _, place)) in by_distance.iter().enumerate() {
                held += measure[*place as usize];
                if held > most {
                    break;
                }
                if by_distance.get(i + 1).is_none_or(|next| next.0 > *distance) {
                    ends.push(i + 1);
                }
            }
        }
        Reach::Everywhere => ends.push(places.len()),
    }
    let reached = ends.last().copied().unwrap_or(0);
    let order = by_distance[..reached].iter().map(|(_, _, place)| *place).collect();
    Centre { place: centre, order, ends }
}

/// The different sets of places among the circles, in the order in which they first appear; each sorted.
pub fn distinct_zones(centres: &[Centre]) -> Vec<Vec<usize>> {
    let mut seen = BTreeSet::new();
    let mut zones = Vec::new();
    for centre in centres {
        for end in &centre.ends {
            let mut zone: Vec<usize> = centre.order[..*end].iter().map(|place| *place as usize).collect();
            zone.sort_unstable();
            if seen.insert(zone.clone()) {
                zones.push(zone);
            }
        }
    }
    zones
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(xs: &[f64]) -> Vec<Place> {
        xs.iter().map(|x| Place::Plane { x: *x, y: 0.0 }).collect()
    }

    #[test]
    fn circles_stop_at_half_of_the_people_and_places_equally_far_enter_together() {
        let reach = Reach::Share { measure: vec![1.0, 1.0, 1.0, 3.0], share: 0.5 };
        let centres = zones_around(&line(&[0.0, 1.0, 2.0, 9.0]), &reach);
        assert_eq!(
            (centres[0].order.as_slice(), centres[0].ends.as_slice()),
            (&[0, 1, 2][..], &[1, 2, 3][..])
        );
        assert_eq!((centres[1].order.as_slice(), centres[1].ends.as_slice()), (&[1, 0, 2][..], &[1, 3][..]));
        assert_eq!(centres[3].ends, [1]);
    }

    #[test]
    fn the_same_circle_from_two_centres_is_one_zone() {
        let centres = zones_around(&line(&[0.0, 1.0, 5.0]), &Reach::Nearest(2));
        assert_eq!(distinct_zones(&centres), [vec![0], vec![0, 1], vec![1], vec![2], vec![1, 2]]);
    }
}
