//! Exact sets of numbers as sorted, disjoint, non-adjacent closed intervals.
//!
//! In: single intervals. Out: [`IntervalSet`] with the operations of sets, each linear in the number of intervals.
//!
//! Invariant: two sets with the same elements are equal, because the representation is unique.

use std::fmt::Debug;

/// A type whose values are consecutive, such as `u16` or `u128`.
pub trait Step: Copy + Ord + Debug {
    /// The least value.
    const MIN: Self;
    /// The greatest value.
    const MAX: Self;
    /// The next value; none after the greatest.
    fn next(self) -> Option<Self>;
    /// The previous value; none before the least.
    fn previous(self) -> Option<Self>;
}

macro_rules! step {
    ($($ty:ty),*) => {$(
        impl Step for $ty {
            const MIN: Self = <$ty>::MIN;
            const MAX: Self = <$ty>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}
step!(u8, u16, u32, u128);

/// A set of numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalSet<T> {
    /// First and last element of each interval, in order.
    intervals: Vec<(T, T)>,
}

impl<T> Default for IntervalSet<T> {
    fn default() -> Self {
        Self { intervals: Vec::new() }
    }
}

impl<T: Step> IntervalSet<T> {
    /// The empty set.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every number.
    #[must_use]
    pub fn all() -> Self {
        Self { intervals: vec![(T::MIN, T::MAX)] }
    }

    /// The numbers from `first` to `last`; none where `first` is greater.
    #[must_use]
    pub fn range(first: T, last: T) -> Self {
        Self { intervals: if first <= last { vec![(first, last)] } else { Vec::new() } }
    }

    /// The union of intervals in any order, which may overlap.
    #[must_use]
    pub fn of(intervals: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut sorted: Vec<(T, T)> = intervals.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut joined: Vec<(T, T)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match joined.last_mut() {
                Some((_, end)) if end.next().is_none_or(|next| first <= next) => *end = (*end).max(last),
                _ => joined.push((first, last)),
            }
        }
        Self { intervals: joined }
    }

    /// The intervals, in order.
    #[must_use]
    pub fn intervals(&self) -> &[(T, T)] {
        &self.intervals
    }

    /// Whether it has no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether it has every element.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.intervals == [(T::MIN, T::MAX)]
    }

    /// Whether the number is in it.
    #[must_use]
    pub fn contains(&self, number: T) -> bool {
        let at = self.intervals.partition_point(|(_, last)| *last < number);
        self.intervals.get(at).is_some_and(|(first, _)| *first <= number)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_all() {
            return other.clone();
        }
        if other.is_empty() || self.is_all() {
            return self.clone();
        }
        Self::of(self.intervals.iter().chain(&other.intervals).copied())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.intervals.iter().copied().peekable(), other.intervals.iter().copied().peekable());
        let mut common = Vec::new();
        while let (Some((a_first, a_last)), Some((b_first, b_last))) = (a.peek().copied(), b.peek().copied()) {
            let (first, last) = (a_first.max(b_first), a_last.min(b_last));
            if first <= last {
                common.push((first, last));
            }
            if a_last <= b_last {
                a.next();
            } else {
                b.next();
            }
        }
        Self { intervals: common }
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.intervals.len() + 1);
        let mut from = Some(T::MIN);
        for (first, last) in &self.intervals {
            if let (Some(start), Some(end)) = (from, first.previous())
                && start <= end
            {
                gaps.push((start, end));
            }
            from = last.next();
        }
        gaps.extend(from.map(|start| (start, T::MAX)));
        Self { intervals: gaps }
    }

    /// What is in it and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if other.is_empty() { self.clone() } else { self.intersection(&other.complement()) }
    }

    /// Whether they have an element in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let (mut a, mut b) = (0, 0);
        while let (Some((a_first, a_last)), Some((b_first, b_last))) = (self.intervals.get(a), other.intervals.get(b)) {
            if a_first.max(b_first) <= a_last.min(b_last) {
                return true;
            }
            if a_last <= b_last {
                a += 1;
            } else {
                b += 1;
            }
        }
        false
    }

    /// Whether every element of the other is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.intervals.iter().all(|(first, last)| {
            let at = self.intervals.partition_point(|(_, end)| end < first);
            self.intervals.get(at).is_some_and(|(start, end)| start <= first && last <= end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sets() -> impl Strategy<Value = IntervalSet<u8>> {
        proptest::collection::vec((any::<u8>(), any::<u8>()), 0..6).prop_map(IntervalSet::of)
    }

    #[test]
    fn touching_intervals_are_one() {
        let set = IntervalSet::<u16>::of([(5, 9), (1, 3), (4, 4), (20, 10)]);
        assert_eq!(set.intervals(), [(1, 9)]);
        assert_eq!(IntervalSet::<u16>::of([(0, 7), (8, u16::MAX)]), IntervalSet::all());
        assert!(IntervalSet::<u16>::all().complement().is_empty());
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in sets(), b in sets(), n in any::<u8>()) {
            let (x, y) = (a.contains(n), b.contains(n));
            prop_assert_eq!(a.union(&b).contains(n), x || y);
            prop_assert_eq!(a.intersection(&b).contains(n), x && y);
            prop_assert_eq!(a.difference(&b).contains(n), x && !y);
            prop_assert_eq!(a.complement().contains(n), !x);
        }

        #[test]
        fn equal_elements_are_equal_sets(a in sets(), b in sets()) {
            let same = (0..=u8::MAX).all(|n| a.contains(n) == b.contains(n));
            prop_assert_eq!(a == b, same);
            prop_assert_eq!(a.complement().complement(), a.clone());
            prop_assert_eq!(a.intersects(&b), !a.intersection(&b).is_empty());
            prop_assert_eq!(a.covers(&b), b.difference(&a).is_empty());
        }
    }
}
