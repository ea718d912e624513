//! How many conversations there are, in all and with one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Conversations at once. Each holds some tens of kilobytes and a file descriptor.
const MOST: usize = 4_096;

/// With one address: an office behind one router, with three windows open each, stays below it.
const MOST_OF_ONE: usize = 512;

#[derive(Debug)]
pub struct Crowd {
    most: usize,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// A conversation's place; given back when it ends, however it ends.
pub struct Place {
    crowd: Arc<Crowd>,
    of: Option<IpAddr>,
}

impl Crowd {
    pub fn new() -> Arc<Crowd> {
        Arc::new(Crowd { most: MOST.min(files_left()), present: Mutex::default() })
    }

    /// `None`: too many are here. Addresses that stand for many people (a named proxy, this machine) have no bound of their own.
    pub fn enter(self: &Arc<Self>, of: Option<IpAddr>) -> Option<Place> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.all >= self.most {
            return None;
        }
        let of = of.map(neighbourhood);
        if let Some(of) = of {
            let count = present.of.entry(of).or_default();
            if *count >= MOST_OF_ONE {
                return None;
            }
            *count += 1;
        }
        present.all += 1;
        Some(Place { crowd: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.crowd.present.lock().unwrap_or_else(PoisonError::into_inner);
        present.all -= 1;
        if let Some(of) = self.of
            && let Some(count) = present.of.get_mut(&of)
        {
            *count -= 1;
            if *count == 0 {
                present.of.remove(&of);
            }
        }
    }
}

/// One household or office has a whole /64 of IPv6 and could come from any address in it.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        four => four,
    }
}

/// What the system lets this program open, less what the database and the pages need. Where it does not say, enough.
fn files_left() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    soft.map_or(MOST, |files| files.saturating_sub(128).max(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_every_place_and_leaving_gives_it_back() {
        let crowd = Arc::new(Crowd { most: MOST_OF_ONE + 2, present: Mutex::default() });
        let (greedy, other) = (IpAddr::from([198, 51, 100, 1]), IpAddr::from([198, 51, 100, 2]));
        let mut places: Vec<Place> = (0..MOST_OF_ONE).map(|_| crowd.enter(Some(greedy)).unwrap()).collect();
        assert!(crowd.enter(Some(greedy)).is_none());
        places.push(crowd.enter(Some(other)).unwrap());
        places.push(crowd.enter(None).unwrap());
        assert!(crowd.enter(Some(other)).is_none(), "the house is full");
        places.clear();
        assert!(crowd.enter(Some(greedy)).is_some());
        assert!(crowd.present.lock().unwrap().of.is_empty(), "whoever has left is forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let near = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(near("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(near("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
