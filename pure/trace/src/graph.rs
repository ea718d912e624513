//! The graph of who is said to have infected (or met) whom.
//!
//! It does not judge a link; whoever builds it chooses which links count.

use std::collections::BTreeMap;

/// Nodes and links as arrays: node `i` is `keys()[i]`. Nodes are the cases of the list first, in its order,
/// then everybody whom only a link names. `K` is whatever names a case: a number in a list, an id in the
/// database.
#[derive(Debug, Clone)]
pub struct ContactGraph<K> {
    keys: Vec<K>,
    listed: usize,
    /// Links as (infector, infectee), in the order given, repetitions kept.
    links: Vec<(usize, usize)>,
    infectees: Neighbours,
    infectors: Neighbours,
}

/// For every node, its neighbours in one direction: `of[starts[i]..starts[i + 1]]`.
#[derive(Debug, Clone)]
struct Neighbours {
    starts: Vec<usize>,
    of: Vec<usize>,
}

/// How many links away from a case without a named infector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Generation {
    /// 0 for a case whose infector nobody named. With several named infectors, one more than the nearest to a
    /// start.
    Number(u32),
    /// Everybody before this case stands in a ring: no first case, so no generation.
    AfterRing,
}

impl<K: Ord + Clone> ContactGraph<K> {
    /// `cases` are those on the list (a repeated one counts once); `links` go from infector to infectee.
    pub fn new(
        cases: impl IntoIterator<Item = K>,
        links: impl IntoIterator<Item = (K, K)>,
    ) -> ContactGraph<K> {
        let mut keys = Vec::new();
        let mut places: BTreeMap<K, usize> = BTreeMap::new();
        let mut place_of = |key: K, keys: &mut Vec<K>| {
            *places.entry(key).or_insert_with_key(|key| {
                keys.push(key.clone());
                keys.len() - 1
            })
        };
        for case in cases {
            place_of(case, &mut keys);
        }
        let listed = keys.len();
        let links: Vec<(usize, usize)> = links
            .into_iter()
            .map(|(from, to)| (place_of(from, &mut keys), place_of(to, &mut keys)))
            .collect();
        let infectees = Neighbours::of(keys.len(), links.iter().copied());
        let infectors = Neighbours::of(keys.len(), links.iter().map(|&(from, to)| (to, from)));
        ContactGraph { keys, listed, links, infectees, infectors }
    }
}

impl<K> ContactGraph<K> {
    pub fn keys(&self) -> &[K] {
        &self.keys
    }

    pub fn links(&self) -> &[(usize, usize)] {
        &self.links
    }

    /// Whether the node is a case of the list, not only a name in a link.
    pub fn is_listed(&self, node: usize) -> bool {
        node < self.listed
    }

    pub fn infectees(&self, node: usize) -> &[usize] {
        self.infectees.at(node)
    }

    pub fn infectors(&self, node: usize) -> &[usize] {
        self.infectors.at(node)
    }

    /// Links that end here. Repeated links count each time, as records of contacts do.
    pub fn in_degree(&self, node: usize) -> usize {
        self.infectors.at(node).len()
    }

    /// Links that start here, counted in the same way.
    pub fn out_degree(&self, node: usize) -> usize {
        self.infectees.at(node).len()
    }

    /// Different people each listed case infected: the counts an offspring distribution is made of.
    pub fn offspring(&self) -> Vec<u32> {
        (0..self.listed)
            .map(|node| {
                let mut others: Vec<usize> =
                    self.infectees(node).iter().copied().filter(|other| *other != node).collect();
                others.sort_unstable();
                others.dedup();
                u32::try_from(others.len()).unwrap_or(u32::MAX)
            })
            .collect()
    }

    /// Listed cases for whom no infector is named: where the search for the source must go on.
    pub fn open_ends(&self) -> Vec<usize> {
        (0..self.listed).filter(|node| self.in_degree(*node) == 0).collect()
    }

    /// Links, by their place in [`ContactGraph::links`], of which an end is not on the list.
    pub fn dangling(&self) -> Vec<usize> {
        self.links
            .iter()
            .enumerate()
            .filter(|(_, (from, to))| *from >= self.listed || *to >= self.listed)
            .map(|(place, _)| place)
            .collect()
    }

    /// For every node the number of its cluster: all that hang together, whatever the direction of the links.
    /// Clusters are numbered in the order of their first node.
    pub fn clusters(&self) -> Vec<usize> {
        let mut parent: Vec<usize> = (0..self.keys.len()).collect();
        for &(from, to) in &self.links {
            let (a, b) = (root(&mut parent, from), root(&mut parent, to));
            // The earlier node stays the root, so that the numbering below follows the list.
            parent[a.max(b)] = a.min(b);
        }
        let mut number = vec![usize::MAX; parent.len()];
        let mut clusters = Vec::with_capacity(parent.len());
        let mut next = 0;
        for node in 0..parent.len() {
            let top = root(&mut parent, node);
            if number[top] == usize::MAX {
                number[top] = next;
                next += 1;
            }
            clusters.push(number[top]);
        }
        clusters
    }

    /// How many nodes each cluster has, by cluster number.
    pub fn cluster_sizes(&self) -> Vec<usize> {
        let clusters = self.clusters();
        let mut sizes = vec![0; clusters.iter().max().map_or(0, |last| last + 1)];
        for cluster in clusters {
            sizes[cluster] += 1;
        }
        sizes
    }

    /// Breadth first from everybody without a named infector; a node's generation is the shortest way to it.
    pub fn generations(&self) -> Vec<Generation> {
        let mut generations = vec![Generation::AfterRing; self.keys.len()];
        let mut wave: Vec<usize> = (0..self.keys.len()).filter(|node| self.in_degree(*node) == 0).collect();
        let mut number = 0;
        while !wave.is_empty() {
            for &node in &wave {
                generations[node] = Generation::Number(number);
            }
            let mut next: Vec<usize> = wave
                .iter()
                .flat_map(|node| self.infectees(*node))
                .copied()
                .filter(|node| generations[*node] == Generation::AfterRing)
                .collect();
            next.sort_unstable();
            next.dedup();
            wave = next;
            number += 1;
        }
        generations
    }

    /// Nodes from which the links lead back to themselves (a case named as its own infector included), each
    /// ring as its nodes in ascending order. A ring of infection is impossible: one of its links is wrong,
    /// and a person must say which.
    ///
    /// # Source
    /// Strongly connected components: Tarjan 1972, SIAM J Comput 1:146-160, doi:10.1137/0201010; without
    /// recursion, so that a chain of 50,000 does not exhaust the stack.
    pub fn rings(&self) -> Vec<Vec<usize>> {
        let mut search = RingSearch::over(self.keys.len());
        for node in 0..self.keys.len() {
            if search.order[node] == UNSEEN {
                search.walk_from(node, &self.infectees);
            }
        }
        let mut rings: Vec<Vec<usize>> = search
            .components
            .into_iter()
            .filter(|ring| ring.len() > 1 || self.infectees(ring[0]).contains(&ring[0]))
            .collect();
        for ring in &mut rings {
            ring.sort_unstable();
        }
        rings.sort_unstable();
        rings
    }
}

impl Neighbours {
    fn of(nodes: usize, links: impl Iterator<Item = (usize, usize)> + Clone) -> Neighbours {
        let mut starts = vec![0; nodes + 1];
        for (from, _) in links.clone() {
            starts[from + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut of = vec![0; starts[nodes]];
        let mut free = starts.clone();
        for (from, to) in links {
            of[free[from]] = to;
            free[from] += 1;
        }
        Neighbours { starts, of }
    }

    fn at(&self, node: usize) -> &[usize] {
        &self.of[self.starts[node]..self.starts[node + 1]]
    }
}

/// The root of a node, halving the path on the way so that later walks are short.
fn root(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

const UNSEEN: usize = usize::MAX;

struct RingSearch {
    /// When each node was first met.
    order: Vec<usize>,
    /// The earliest node each can get back to.
    back_to: Vec<usize>,
    open: Vec<usize>,
    is_open: Vec<bool>,
    met: usize,
    components: Vec<Vec<usize>>,
}

impl RingSearch {
    fn over(nodes: usize) -> RingSearch {
        RingSearch {
            order: vec![UNSEEN; nodes],
            back_to: vec![UNSEEN; nodes],
            open: Vec::new(),
            is_open: vec![false; nodes],
            met: 0,
            components: Vec::new(),
        }
    }

    fn walk_from(&mut self, start: usize, infectees: &Neighbours) {
        // Each step of the walk: a node, and which of its infectees comes next.
        let mut walk = vec![(start, 0)];
        self.meet(start);
        while let Some((node, next)) = walk.last_mut() {
            let node = *node;
            if let Some(&infectee) = infectees.at(node).get(*next) {
                *next += 1;
                if self.order[infectee] == UNSEEN {
                    self.meet(infectee);
                    walk.push((infectee, 0));
                } else if self.is_open[infectee] {
                    self.back_to[node] = self.back_to[node].min(self.order[infectee]);
                }
            } else {
                walk.pop();
                if let Some((before, _)) = walk.last() {
                    self.back_to[*before] = self.back_to[*before].min(self.back_to[node]);
                }
                if self.back_to[node] == self.order[node] {
                    self.close(node);
                }
            }
        }
    }

    fn meet(&mut self, node: usize) {
        self.order[node] = self.met;
        self.back_to[node] = self.met;
        self.met += 1;
        self.open.push(node);
        self.is_open[node] = true;
    }

    fn close(&mut self, first: usize) {
        let from = self.open.iter().rposition(|node| *node == first).unwrap_or(0);
        let component = self.open.split_off(from);
        for &node in &component {
            self.is_open[node] = false;
        }
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn graph(cases: &[&'static str], links: &[(&'static str, &'static str)]) -> ContactGraph<&'static str> {
        ContactGraph::new(cases.iter().copied(), links.iter().copied())
    }

    #[test]
    fn a_chain_has_an_open_end_and_a_generation_per_link() {
        let g = graph(&["a", "b", "c", "d"], &[("a", "b"), ("b", "c"), ("a", "c")]);
        let number = Generation::Number;
        assert_eq!(g.generations(), [number(0), number(1), number(1), number(0)]);
        assert_eq!(g.open_ends(), [0, 3]);
        assert_eq!(g.cluster_sizes(), [3, 1]);
        assert_eq!(g.offspring(), [2, 1, 0, 0]);
        assert_eq!(g.rings(), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn an_infector_who_is_not_on_the_list_dangles_and_closes_the_end() {
        let g = graph(&["a", "b"], &[("x", "a"), ("a", "b")]);
        assert_eq!((g.dangling(), g.open_ends(), g.is_listed(2)), (vec![0], vec![], false));
        assert_eq!(g.offspring(), [1, 0]);
    }

    #[test]
    fn cases_that_name_each_other_stand_in_a_ring_without_a_generation() {
        let g =
            graph(&["a", "b", "c", "d", "e"], &[("a", "b"), ("b", "a"), ("b", "c"), ("d", "d"), ("e", "c")]);
        assert_eq!(g.rings(), [vec![0, 1], vec![3]]);
        let ring = Generation::AfterRing;
        assert_eq!(g.generations(), [ring, ring, Generation::Number(1), ring, Generation::Number(0)]);
    }

    #[test]
    fn a_contact_recorded_twice_is_two_links_and_one_person_infected() {
        let g = graph(&["a", "b"], &[("a", "b"), ("a", "b")]);
        assert_eq!((g.out_degree(0), g.in_degree(1), g.offspring()), (2, 2, vec![1, 0]));
    }

    #[test]
    fn a_single_chain_of_fifty_thousand_is_walked_without_exhausting_the_stack() {
        let g = ContactGraph::new(0..50_000_u32, (1..50_000).map(|n| (n - 1, n)));
        assert_eq!(g.generations()[49_999], Generation::Number(49_999));
        assert_eq!(g.cluster_sizes(), [50_000]);
        assert!(g.rings().is_empty());
    }

    proptest! {
        #[test]
        fn clusters_part_the_nodes_and_no_link_leaves_its_cluster(
            links in proptest::collection::vec((0..40_u8, 0..40_u8), 0..60),
        ) {
            let g = ContactGraph::new(0..30, links);
            let clusters = g.clusters();
            prop_assert_eq!(g.cluster_sizes().iter().sum::<usize>(), g.keys().len());
            prop_assert!(g.cluster_sizes().iter().all(|size| *size > 0));
            for &(from, to) in g.links() {
                prop_assert_eq!(clusters[from], clusters[to]);
            }
            let degrees: usize = (0..g.keys().len()).map(|node| g.in_degree(node)).sum();
            prop_assert_eq!(degrees, g.links().len());
        }

        #[test]
        fn in_a_forest_every_infectee_is_one_generation_after_the_infector(
            before in proptest::collection::vec(proptest::option::of(0.0..1.0_f64), 1..80),
        ) {
            // Each case names nobody, or one case before it: a forest.
            let links = before.iter().enumerate().skip(1).filter_map(|(to, share)| {
                share.map(|share| (((to as f64) * share) as usize, to))
            });
            let g = ContactGraph::new(0..before.len(), links);
            let generations = g.generations();
            for &(from, to) in g.links() {
                let both = (generations[from], generations[to]);
                let (Generation::Number(a), Generation::Number(b)) = both else {
                    return Err(TestCaseError::fail("a forest has no ring"));
                };
                prop_assert_eq!(a + 1, b);
            }
            prop_assert!(g.rings().is_empty());
        }

        #[test]
        fn a_ring_leads_back_to_itself_and_nothing_else_does(
            links in proptest::collection::vec((0..12_usize, 0..12_usize), 0..24),
        ) {
            let g = ContactGraph::new(0..12, links);
            let ringed: Vec<usize> = g.rings().concat();
            for node in 0..12 {
                let mut reached = [false; 12];
                let mut next: Vec<usize> = g.infectees(node).to_vec();
                while let Some(other) = next.pop() {
                    if !std::mem::replace(&mut reached[other], true) {
                        next.extend(g.infectees(other));
                    }
                }
                prop_assert_eq!(ringed.contains(&node), reached[node]);
            }
        }
    }
}
