//! The line against a sorted vector, its shape, and its memory.

use proptest::prelude::*;

use super::*;

/// Depth of the tree, and checks of its order, sizes and heap property on the way.
fn depth(line: &Line<u64>, at: u32) -> usize {
    if at == NIL {
        return 0;
    }
    let node = line.node(at);
    for child in [node.left, node.right] {
        assert!(child == NIL || line.node(child).priority <= node.priority, "heap order");
    }
    assert_eq!(node.size, 1 + line.size(node.left) + line.size(node.right), "subtree size");
    1 + depth(line, node.left).max(depth(line, node.right))
}

fn agrees(line: &Line<u64>, model: &[u64]) {
    depth(line, line.root);
    assert_eq!(line.len(), model.len());
    assert_eq!(line.is_empty(), model.is_empty());
    assert_eq!(line.first(), model.first());
    assert!(line.iter().eq(model));
    assert_eq!(line.iter().len(), model.len());
    for (rank, key) in model.iter().enumerate() {
        assert_eq!(line.rank(key), Some(rank));
        assert_eq!(line.get(rank), Some(key));
    }
    assert_eq!(line.get(model.len()), None);
}

proptest! {
    #[test]
    fn behaves_like_a_sorted_vector(steps in prop::collection::vec((any::<bool>(), 0_u64..60), 0..300)) {
        let (mut line, mut model) = (Line::new(), Vec::new());
        for (insert, key) in steps {
            match (insert, model.binary_search(&key)) {
                (true, Ok(_)) => prop_assert!(!line.insert(key)),
                (true, Err(at)) => {
                    prop_assert!(line.insert(key));
                    model.insert(at, key);
                }
                (false, Ok(at)) => {
                    prop_assert!(line.remove(&key));
                    model.remove(at);
                }
                (false, Err(_)) => prop_assert!(!line.remove(&key)),
            }
            prop_assert_eq!(line.contains(&key), insert);
            prop_assert_eq!(line.count_before(&key), model.partition_point(|k| *k < key));
            agrees(&line, &model);
        }
    }

    #[test]
    fn equal_however_it_came_about(keys in prop::collection::btree_set(any::<u64>(), 0..100), extra: u64) {
        let forward: Line<u64> = keys.iter().copied().collect();
        let mut backward: Line<u64> = keys.iter().rev().copied().collect();
        if backward.insert(extra) {
            prop_assert_ne!(&forward, &backward);
            backward.remove(&extra);
        }
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(format!("{forward:?}"), format!("{keys:?}").replace('{', "[").replace('}', "]"));
    }
}

#[test]
fn stays_shallow_for_the_orders_that_occur() {
    const COUNT: u64 = 100_000;
    let arrivals: Line<u64> = (0..COUNT).collect();
    let reversed: Line<u64> = (0..COUNT).rev().collect();
    let zigzag: Line<u64> = (0..COUNT).map(|i| if i % 2 == 0 { i } else { COUNT * 2 - i }).collect();
    for line in [&arrivals, &reversed, &zigzag] {
        let depth = depth(line, line.root);
        assert!(depth < 60, "depth {depth} for {COUNT} keys");
    }
    // A line that moves: the head leaves, somebody joins at the end, for a long time.
    let mut moving = arrivals;
    for i in 0..COUNT {
        assert!(moving.remove(&i));
        assert!(moving.insert(COUNT + i));
        if i % 2 == 0 {
            assert_eq!(moving.rank(&(COUNT + i)), Some(COUNT as usize - 1));
        }
    }
    assert!(depth(&moving, moving.root) < 60);
    assert_eq!(moving.nodes.len(), COUNT as usize, "slots are used again");
}

#[test]
fn memory_is_compact_and_given_back() {
    assert!(size_of::<Node<(u8, i64, u64)>>() <= 40);
    let mut line: Line<u64> = (0..1000).collect();
    for key in 0..1000 {
        assert!(line.remove(&key));
    }
    assert_eq!(line.nodes.capacity(), 0);
    assert!(line.insert(7));
    assert_eq!(line.first(), Some(&7));
    line.clear();
    assert!(line.is_empty());
    assert_eq!(line, Line::default());
}

#[test]
fn the_same_calls_give_the_same_tree() {
    let build = || {
        let mut line: Line<u64> = (0..500).map(|i| i * 7919 % 1009).collect();
        line.remove(&0);
        line.nodes.iter().map(|n| (n.key, n.left, n.right, n.priority)).collect::<Vec<_>>()
    };
    assert_eq!(build(), build());
}
