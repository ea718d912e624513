//! Records put together by a number, in one pass over them and one over the groups.

/// `members(g)` are the places of the records whose number is `g`, in their order.
pub(crate) struct Grouped {
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Grouped {
    pub(crate) fn by(groups: u32, numbers: impl Iterator<Item = u32> + Clone) -> Grouped {
        let mut starts = vec![0_u32; groups as usize + 1];
        for number in numbers.clone() {
            starts[number as usize + 1] += 1;
        }
        for group in 0..groups as usize {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut places = vec![0_u32; starts[groups as usize] as usize];
        for (place, number) in numbers.enumerate() {
            places[next[number as usize] as usize] = place as u32;
            next[number as usize] += 1;
        }
        Grouped { starts, places }
    }

    pub(crate) fn members(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.places[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}
