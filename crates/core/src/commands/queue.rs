//! One agent's queue: by class, then rank. Overflow rule: a full queue refuses.

use std::collections::BTreeMap;

use super::Priority;
use crate::ids::CommandId;

/// The distance between two commands that were queued one after the other, so that others can be moved between.
const SPACING: i64 = 1 << 20;

/// Who waits on one agent.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: BTreeMap<(Priority, i64), CommandId>,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Appends to a class and returns the rank.
    pub(crate) fn push(&mut self, priority: Priority, command: CommandId) -> i64 {
        let last = self.class(priority).next_back().map(|(rank, _)| rank);
        let rank = last.map_or(0, |rank| rank + SPACING);
        self.waiting.insert((priority, rank), command);
        rank
    }

    /// Puts a stored command back to its place; the rank it got, which differs only if the place was taken.
    pub(crate) fn restore(&mut self, priority: Priority, rank: i64, command: CommandId) -> i64 {
        let mut rank = rank;
        while self.waiting.contains_key(&(priority, rank)) {
            rank += 1;
        }
        self.waiting.insert((priority, rank), command);
        rank
    }

    pub(crate) fn remove(&mut self, command: &CommandId) -> bool {
        let key = self.waiting.iter().find(|(_, id)| *id == command).map(|(key, _)| *key);
        key.is_some_and(|key| self.waiting.remove(&key).is_some())
    }

    /// The next to run first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CommandId> {
        self.waiting.values()
    }

    pub(crate) fn first(&self) -> Option<&CommandId> {
        self.waiting.values().next()
    }

    /// Moves a command inside its class. Returns every command whose rank changed.
    pub(crate) fn reorder(&mut self, command: &CommandId, place: usize) -> Vec<(CommandId, i64)> {
        let Some((priority, old)) =
            self.waiting.iter().find(|(_, id)| *id == command).map(|(key, _)| *key)
        else {
            return Vec::new();
        };
        self.waiting.remove(&(priority, old));
        let class: Vec<i64> = self.class(priority).map(|(rank, _)| rank).collect();
        let place = place.min(class.len());
        let before = place.checked_sub(1).map(|place| class[place]);
        let rank = match (before, class.get(place)) {
            (None, None) => 0,
            (None, Some(after)) => after - SPACING,
            (Some(before), None) => before + SPACING,
            (Some(before), Some(after)) if after - before > 1 => before + (after - before) / 2,
            (Some(_), Some(_)) => return self.renumber(priority, command, place),
        };
        self.waiting.insert((priority, rank), command.clone());
        vec![(command.clone(), rank)]
    }

    fn renumber(
        &mut self,
        priority: Priority,
        command: &CommandId,
        place: usize,
    ) -> Vec<(CommandId, i64)> {
        let mut order: Vec<_> = self.class(priority).map(|(_, id)| id.clone()).collect();
        order.insert(place, command.clone());
        self.waiting.retain(|(class, _), _| *class != priority);
        let ranks = (0..).step_by(1 << 20).map(|rank: i64| rank);
        let ranked: Vec<_> = order.into_iter().zip(ranks).collect();
        for (id, rank) in &ranked {
            self.waiting.insert((priority, *rank), id.clone());
        }
        ranked
    }

    fn class(&self, priority: Priority) -> impl DoubleEndedIterator<Item = (i64, &CommandId)> {
        self.waiting
            .range((priority, i64::MIN)..=(priority, i64::MAX))
            .map(|((_, rank), id)| (*rank, id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> CommandId {
        CommandId::new(&format!("cmd-{number}")).unwrap()
    }

    fn order(queue: &Queue) -> Vec<String> {
        queue.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn classes_overtake_and_inside_a_class_the_first_comes_first() {
        let mut queue = Queue::default();
        let classes =
            [Priority::Low, Priority::Normal, Priority::High, Priority::Normal, Priority::High];
        for (number, class) in classes.into_iter().enumerate() {
            queue.push(class, id(number));
        }
        assert_eq!(order(&queue), ["cmd-2", "cmd-4", "cmd-1", "cmd-3", "cmd-0"]);
    }

    proptest! {
        #[test]
        fn moving_acts_like_moving_in_a_list(
            count in 1usize..8, moves in proptest::collection::vec((0usize..8, 0usize..10), 0..120),
        ) {
            let mut queue = Queue::default();
            let mut list: Vec<String> = (0..count).map(|n| id(n).to_string()).collect();
            for number in 0..count {
                queue.push(Priority::Normal, id(number));
            }
            for (which, place) in moves {
                let which = which % count;
                queue.reorder(&id(which), place);
                let name = id(which).to_string();
                list.retain(|other| *other != name);
                list.insert(place.min(list.len()), name);
                prop_assert_eq!(order(&queue), list.clone());
            }
        }
    }
}
