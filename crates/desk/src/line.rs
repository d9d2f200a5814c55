//! A waiting line: an ordered set that knows ranks. No rules about who stands where; the key says that.
//!
//! A treap in one vector. Priorities come from a counter through a hash, not from randomness, so the same calls give the
//! same line and the same cost; a caller who picks keys cannot pick priorities. Every step is O(log n) expected.

use std::cmp::Ordering;
use std::fmt;

/// No node.
const NIL: u32 = u32::MAX;

/// An ordered set in which the rank of a key, and the key at a rank, are found in O(log n).
///
/// Two lines are equal when they hold the same keys, however they came about. At most `u32::MAX - 1` keys.
#[derive(Clone)]
pub struct Line<K> {
    nodes: Vec<Node<K>>,
    root: u32,
    /// Head of the chain of free slots, linked through `left`. A free slot keeps its last key until it is used again.
    free: u32,
    /// Insertions so far: where priorities come from.
    inserted: u64,
}

#[derive(Clone)]
struct Node<K> {
    key: K,
    left: u32,
    right: u32,
    /// Keys in this subtree, this one included.
    size: u32,
    priority: u32,
}

impl<K: Ord + Clone> Line<K> {
    /// An empty line; takes no memory yet.
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), root: NIL, free: NIL, inserted: 0 }
    }

    /// How many stand in the line.
    pub fn len(&self) -> usize {
        self.size(self.root) as usize
    }

    /// Nobody stands in the line.
    pub fn is_empty(&self) -> bool {
        self.root == NIL
    }

    /// Puts a key in its place. False if it stood there already; then nothing changed.
    pub fn insert(&mut self, key: K) -> bool {
        if self.contains(&key) {
            return false;
        }
        let new = self.take_slot(key);
        let (mut at, mut parent) = (self.root, None);
        while at != NIL && self.node(at).priority >= self.node(new).priority {
            let goes_left = self.node(new).key < self.node(at).key;
            self.node_mut(at).size += 1;
            parent = Some((at, goes_left));
            at = if goes_left { self.node(at).left } else { self.node(at).right };
        }
        let (left, right) = self.split(at, new);
        let node = self.node_mut(new);
        (node.left, node.right) = (left, right);
        self.measure(new);
        self.link(parent, new);
        true
    }

    /// Takes a key out. False if it did not stand there.
    pub fn remove(&mut self, key: &K) -> bool {
        if !self.contains(key) {
            return false;
        }
        let (mut at, mut parent) = (self.root, None);
        loop {
            let goes_left = match key.cmp(&self.node(at).key) {
                Ordering::Equal => break,
                Ordering::Less => true,
                Ordering::Greater => false,
            };
            self.node_mut(at).size -= 1;
            parent = Some((at, goes_left));
            at = if goes_left { self.node(at).left } else { self.node(at).right };
        }
        let joined = self.join(self.node(at).left, self.node(at).right);
        self.link(parent, joined);
        if self.root == NIL {
            self.clear();
        } else {
            self.node_mut(at).left = self.free;
            self.free = at;
        }
        true
    }

    /// Empties the line and gives its memory back. Priorities go on from where they were.
    pub fn clear(&mut self) {
        *self = Self { inserted: self.inserted, ..Self::new() };
    }

    /// Whether this key stands in the line.
    pub fn contains(&self, key: &K) -> bool {
        self.rank(key).is_some()
    }

    /// How many stand before this key; 0 is the head. None if it does not stand in the line.
    pub fn rank(&self, key: &K) -> Option<usize> {
        let (before, found) = self.locate(key);
        found.then_some(before)
    }

    /// How many keys are smaller than this one, whether it stands in the line or not: the rank it would get.
    pub fn count_before(&self, key: &K) -> usize {
        self.locate(key).0
    }

    /// The head of the line.
    pub fn first(&self) -> Option<&K> {
        self.get(0)
    }

    /// The key at a rank.
    pub fn get(&self, rank: usize) -> Option<&K> {
        let (mut at, mut rank) = (self.root, rank);
        while at != NIL {
            let node = self.node(at);
            let left = self.size(node.left) as usize;
            match rank.cmp(&left) {
                Ordering::Less => at = node.left,
                Ordering::Equal => return Some(&node.key),
                Ordering::Greater => {
                    rank -= left + 1;
                    at = node.right;
                }
            }
        }
        None
    }

    /// The keys in order, from the head.
    pub fn iter(&self) -> Iter<'_, K> {
        let mut iter = Iter { line: self, path: Vec::new(), left: self.len() };
        iter.descend(self.root);
        iter
    }

    fn node(&self, at: u32) -> &Node<K> {
        &self.nodes[at as usize]
    }

    fn node_mut(&mut self, at: u32) -> &mut Node<K> {
        &mut self.nodes[at as usize]
    }

    fn size(&self, at: u32) -> u32 {
        if at == NIL { 0 } else { self.node(at).size }
    }

    /// Keys smaller than `key`, and whether it is there.
    fn locate(&self, key: &K) -> (usize, bool) {
        let (mut at, mut before) = (self.root, 0);
        while at != NIL {
            let node = self.node(at);
            match key.cmp(&node.key) {
                Ordering::Less => at = node.left,
                Ordering::Equal => return (before + self.size(node.left) as usize, true),
                Ordering::Greater => {
                    before += self.size(node.left) as usize + 1;
                    at = node.right;
                }
            }
        }
        (before, false)
    }

    fn take_slot(&mut self, key: K) -> u32 {
        self.inserted = self.inserted.wrapping_add(1);
        let node = Node { key, left: NIL, right: NIL, size: 1, priority: priority(self.inserted) };
        if self.free == NIL {
            self.nodes.push(node);
            return u32::try_from(self.nodes.len() - 1).unwrap_or(NIL);
        }
        let at = self.free;
        self.free = self.node(at).left;
        *self.node_mut(at) = node;
        at
    }

    fn measure(&mut self, at: u32) {
        let (left, right) = (self.node(at).left, self.node(at).right);
        self.node_mut(at).size = 1 + self.size(left) + self.size(right);
    }

    fn link(&mut self, parent: Option<(u32, bool)>, child: u32) {
        match parent {
            None => self.root = child,
            Some((parent, true)) => self.node_mut(parent).left = child,
            Some((parent, false)) => self.node_mut(parent).right = child,
        }
    }

    /// Splits the subtree at `at` into what is smaller than the key of `pivot`, and the rest.
    fn split(&mut self, at: u32, pivot: u32) -> (u32, u32) {
        if at == NIL {
            return (NIL, NIL);
        }
        if self.node(at).key < self.node(pivot).key {
            let (left, right) = self.split(self.node(at).right, pivot);
            self.node_mut(at).right = left;
            self.measure(at);
            (at, right)
        } else {
            let (left, right) = self.split(self.node(at).left, pivot);
            self.node_mut(at).left = right;
            self.measure(at);
            (left, at)
        }
    }

    /// Joins two subtrees, every key of `left` being smaller than every key of `right`.
    fn join(&mut self, left: u32, right: u32) -> u32 {
        if left == NIL {
            return right;
        }
        if right == NIL {
            return left;
        }
        if self.node(left).priority >= self.node(right).priority {
            let joined = self.join(self.node(left).right, right);
            self.node_mut(left).right = joined;
            self.measure(left);
            left
        } else {
            let joined = self.join(left, self.node(right).left);
            self.node_mut(right).left = joined;
            self.measure(right);
            right
        }
    }
}

/// The finaliser of SplitMix64, upper half.
fn priority(count: u64) -> u32 {
    let mut z = count.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 32) as u32
}

/// The keys of a line in order; made by [`Line::iter`].
pub struct Iter<'a, K> {
    line: &'a Line<K>,
    /// Nodes whose key and right side are still to come, the next one last.
    path: Vec<u32>,
    left: usize,
}

impl<K: Ord + Clone> Iter<'_, K> {
    fn descend(&mut self, mut at: u32) {
        while at != NIL {
            self.path.push(at);
            at = self.line.node(at).left;
        }
    }
}

impl<'a, K: Ord + Clone> Iterator for Iter<'a, K> {
    type Item = &'a K;

    fn next(&mut self) -> Option<&'a K> {
        let at = self.path.pop()?;
        let node = self.line.node(at);
        self.left -= 1;
        self.descend(node.right);
        Some(&node.key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K: Ord + Clone> ExactSizeIterator for Iter<'_, K> {}

impl<'a, K: Ord + Clone> IntoIterator for &'a Line<K> {
    type Item = &'a K;
    type IntoIter = Iter<'a, K>;

    fn into_iter(self) -> Iter<'a, K> {
        self.iter()
    }
}

impl<K: Ord + Clone> Default for Line<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone> PartialEq for Line<K> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Ord + Clone> Eq for Line<K> {}

impl<K: Ord + Clone> FromIterator<K> for Line<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut line = Self::new();
        for key in keys {
            line.insert(key);
        }
        line
    }
}

impl<K: Ord + Clone + fmt::Debug> fmt::Debug for Line<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
