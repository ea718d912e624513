//! A Merkle tree over the journal's rows, beside their chain. The chain shows that no row was touched to somebody who reads
//! all of them; the tree shows to somebody who holds two signed roots and a few hashes that the later journal only adds to
//! the earlier one.
//!
//! # Source
//! RFC 9162, section 2.1: the same prefixes and the same proofs, so that other programs can check them.

use sha2::{Digest, Sha256};

pub type Node = [u8; 32];

/// A row enters by its hash as it is written in the table.
pub fn leaf(hash: &str) -> Node {
    Sha256::new().chain_update([0]).chain_update(hash).finalize().into()
}

fn join(left: &Node, right: &Node) -> Node {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The roots of the full trees that make it up, the largest first: what a million rows need to grow is twenty hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    full: Vec<Node>,
}

impl Tree {
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn push(&mut self, leaf: Node) {
        self.size += 1;
        self.full.push(leaf);
        for _ in 0..self.size.trailing_zeros() {
            let right = self.full.pop().expect("two trees of one size");
            let left = self.full.pop().expect("two trees of one size");
            self.full.push(join(&left, &right));
        }
    }

    pub fn root(&self) -> Node {
        let mut smallest_first = self.full.iter().rev();
        let Some(last) = smallest_first.next() else { return Sha256::digest([]).into() };
        smallest_first.fold(*last, |root, left| join(left, &root))
    }
}

fn root_of(leaves: &[Node]) -> Node {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// What somebody who knows the root of the first `known` leaves needs to see that all of `leaves` only add to them.
pub fn consistency(known: usize, leaves: &[Node]) -> Vec<Node> {
    let mut proof = Vec::new();
    if 0 < known && known < leaves.len() {
        descend(known, leaves, true, &mut proof);
    }
    proof
}

fn descend(known: usize, leaves: &[Node], whole: bool, proof: &mut Vec<Node>) {
    if known == leaves.len() {
        if !whole {
            proof.push(root_of(leaves));
        }
        return;
    }
    let left = leaves.len().next_power_of_two() / 2;
    if known <= left {
        descend(known, &leaves[..left], whole, proof);
        proof.push(root_of(&leaves[left..]));
    } else {
        descend(known - left, &leaves[left..], false, proof);
        proof.push(root_of(&leaves[..left]));
    }
}

/// Whether the tree of `size` leaves under `root` begins with the `known_size` leaves under `known_root`.
pub fn is_consistent(known_size: u64, known_root: &Node, size: u64, root: &Node, proof: &[Node]) -> bool {
    if known_size == 0 || known_size >= size {
        return proof.is_empty() && (known_size == 0 || (known_size == size && known_root == root));
    }
    let own = known_size.is_power_of_two().then_some(known_root);
    let mut path = own.into_iter().chain(proof);
    let Some(first) = path.next() else { return false };
    let (mut at, mut end) = (known_size - 1, size - 1);
    let skip = at.trailing_ones();
    (at, end) = (at >> skip, end >> skip);
    let (mut known, mut all) = (*first, *first);
    for node in path {
        if end == 0 {
            return false;
        }
        if at & 1 == 1 || at == end {
            known = join(node, &known);
            all = join(node, &all);
            while at & 1 == 0 && at != 0 {
                (at, end) = (at >> 1, end >> 1);
            }
        } else {
            all = join(&all, node);
        }
        (at, end) = (at >> 1, end >> 1);
    }
    end == 0 && known == *known_root && all == *root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(node: &Node) -> String {
        node.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The inputs and roots every implementation of the tree is tried with (Google's certificate-transparency, `merkle_tree_test`).
    const INPUTS: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaf_of(bytes: &[u8]) -> Node {
        Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
    }

    #[test]
    fn the_roots_are_those_of_the_standard() {
        let mut tree = Tree::default();
        assert_eq!(hex(&tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (input, root) in INPUTS.iter().zip(ROOTS) {
            tree.push(leaf_of(input));
            assert_eq!(hex(&tree.root()), root, "{} leaves", tree.size());
        }
    }

    #[test]
    fn a_known_proof_is_made_as_the_standard_says() {
        let leaves: Vec<Node> = INPUTS.iter().map(|input| leaf_of(input)).collect();
        let proof: Vec<String> = consistency(6, &leaves).iter().map(hex).collect();
        assert_eq!(
            proof,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }

    #[test]
    fn every_prefix_proves_itself_and_no_other_does() {
        let leaves: Vec<Node> = (0..67_u32).map(|at| leaf(&format!("row {at}"))).collect();
        let mut forked = leaves.clone();
        for size in 1..=leaves.len() {
            let root = root_of(&leaves[..size]);
            for known in 1..=size {
                let proof = consistency(known, &leaves[..size]);
                let (small, large) = (known as u64, size as u64);
                let known_root = root_of(&leaves[..known]);
                assert!(is_consistent(small, &known_root, large, &root, &proof), "{known} in {size}");
                // The same journal with one early row rewritten has other roots, and no proof leads to them.
                forked[known / 2] = leaf("another row");
                let other = root_of(&forked[..known]);
                assert!(!is_consistent(small, &other, large, &root, &proof), "a fork of {known} in {size}");
                let rewritten = consistency(known, &forked[..size]);
                let other = root_of(&forked[..size]);
                assert!(!is_consistent(small, &known_root, large, &other, &rewritten));
                forked[known / 2] = leaves[known / 2];
            }
        }
    }
}
