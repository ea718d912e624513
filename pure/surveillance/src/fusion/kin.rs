//! Neighbours and levels of places: who makes whom look closer.
//!
//! Deliberately absent: alarms by hearsay. A loud neighbour lowers the bar; the place itself must still step over it.

use base::Territory;
use std::collections::BTreeMap;

/// Which places touch, as pairs; the order within a pair does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Neighbours(BTreeMap<Territory, Vec<Territory>>);

impl Neighbours {
    pub fn of(pairs: impl IntoIterator<Item = (Territory, Territory)>) -> Neighbours {
        let mut all: BTreeMap<Territory, Vec<Territory>> = BTreeMap::new();
        for (one, other) in pairs {
            if one != other {
                all.entry(one.clone()).or_default().push(other.clone());
                all.entry(other).or_default().push(one);
            }
        }
        for touching in all.values_mut() {
            touching.sort();
            touching.dedup();
        }
        Neighbours(all)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each place: the places in `places` that it learns from. Neighbours when they are listed, otherwise its siblings
    /// in the same upper place.
    pub fn kin(&self, places: &[(String, Territory)]) -> Vec<Vec<usize>> {
        let at: BTreeMap<(&str, &Territory), usize> =
            places.iter().enumerate().map(|(i, (group, place))| ((group.as_str(), place), i)).collect();
        let mut below: BTreeMap<(&str, Territory), Vec<usize>> = BTreeMap::new();
        for (i, (group, place)) in places.iter().enumerate() {
            if place.depth() > 0 {
                below.entry((group, place.at_depth(place.depth() - 1))).or_default().push(i);
            }
        }
        places
            .iter()
            .enumerate()
            .map(|(i, (group, place))| {
                let mut kin: Vec<usize> = match self.0.get(place) {
                    Some(touching) => touching
                        .iter()
                        .filter_map(|other| at.get(&(group.as_str(), other)).copied())
                        .collect(),
                    None if place.depth() > 0 => below
                        .get(&(group.as_str(), place.at_depth(place.depth() - 1)))
                        .map(|siblings| siblings.iter().copied().filter(|s| *s != i).collect())
                        .unwrap_or_default(),
                    None => Vec::new(),
                };
                kin.sort_unstable();
                kin.dedup();
                kin
            })
            .collect()
    }
}

/// How sure a p-value can make us that something is there, at most, when before it something was there with the chance
/// `prior`.
///
/// # Source
/// Sellke, Bayarri, Berger 2001, Am Stat 55:62, doi:10.1198/000313001300339950: −e p ln p bounds the Bayes factor of the
/// null for p < 1/e.
pub fn sureness(p: f64, prior: f64) -> f64 {
    let p = p.max(1e-300);
    let for_null = if p < (-1.0_f64).exp() { -std::f64::consts::E * p * p.ln() } else { 1.0 };
    let odds = prior / (1.0 - prior) / for_null;
    odds / (1.0 + odds)
}

/// Weights of mean one: `strength` times closer where all kin are surely loud. They are made of the kin's p-values alone,
/// so under the null they do not depend on the p-value they weigh.
///
/// # Source
/// Genovese, Roeder, Wasserman 2006, Biometrika 93:509, doi:10.1093/biomet/93.3.509.
pub fn kin_weights(kin: &[Vec<usize>], p: &[Option<f64>], strength: f64) -> Vec<f64> {
    const PRIOR: f64 = 0.05;
    let sure: Vec<f64> = p.iter().map(|p| p.map_or(PRIOR, |p| sureness(p, PRIOR))).collect();
    let mut weights: Vec<f64> = kin
        .iter()
        .map(|kin| {
            // Two loud kin of many are enough; the mean would drown them.
            let mut loudest = [0.0_f64; 2];
            for other in kin {
                let own = sure[*other];
                if own > loudest[0] {
                    loudest = [own, loudest[0]];
                } else if own > loudest[1] {
                    loudest[1] = own;
                }
            }
            1.0 + strength * (loudest[0] + loudest[1]) / 2.0
        })
        .collect();
    let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    weights.iter_mut().for_each(|weight| *weight /= mean);
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loud_neighbour_makes_us_look_closer_and_a_stranger_does_not() {
        let place = |path: &str| ("fever".to_owned(), path.parse::<Territory>().unwrap());
        let places = [place("14/1407/140703"), place("14/1407/140726"), place("11/1101/110106")];
        let kin = Neighbours::default().kin(&places);
        assert_eq!(kin, [vec![1], vec![0], vec![]]);
        let listed = Neighbours::of([(places[0].1.clone(), places[2].1.clone())]).kin(&places);
        assert_eq!(listed, [vec![2], vec![0], vec![0]]);
        let weights = kin_weights(&kin, &[Some(1e-6), Some(0.02), Some(0.02)], 3.0);
        assert!(weights[1] > 1.5 * weights[2], "{weights:?}");
    }
}
