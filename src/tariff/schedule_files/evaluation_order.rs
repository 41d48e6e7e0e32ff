//! The order in which measures are evaluated: what may switch a measure off
//! comes before it.

use std::collections::BTreeSet;

/// Orders measures so that every edge `(source, target)` runs forward, ties by
/// rank (Kahn's algorithm with a sorted front, so that the order depends on the
/// content of a schedule alone).
///
/// # Errors
/// Some members of a circle, where there is one.
pub(super) fn evaluation_order<R: Ord + Copy>(
    ranks: &[R],
    edges: &BTreeSet<(usize, usize)>,
) -> Result<Vec<usize>, Vec<usize>> {
    let mut waiting_for = vec![0usize; ranks.len()];
    for (_, target) in edges {
        waiting_for[*target] += 1;
    }
    let mut front: BTreeSet<(R, usize)> = (0..ranks.len())
        .filter(|index| waiting_for[*index] == 0)
        .map(|index| (ranks[index], index))
        .collect();
    let mut order = Vec::with_capacity(ranks.len());
    while let Some((_, next)) = front.pop_first() {
        order.push(next);
        for (_, target) in edges.range((next, 0)..=(next, usize::MAX)) {
            waiting_for[*target] -= 1;
            if waiting_for[*target] == 0 {
                front.insert((ranks[*target], *target));
            }
        }
    }
    if order.len() == ranks.len() {
        return Ok(order);
    }
    Err((0..ranks.len()).filter(|index| waiting_for[*index] > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_switches_off_comes_first_and_circles_are_named() {
        let edges = BTreeSet::from([(2, 0), (1, 2)]);
        assert_eq!(evaluation_order(&[1, 5, 9, 0], &edges), Ok(vec![3, 1, 2, 0]));
        let circle = BTreeSet::from([(0, 1), (1, 0)]);
        assert_eq!(evaluation_order(&[0, 0, 0], &circle), Err(vec![0, 1]));
    }
}
