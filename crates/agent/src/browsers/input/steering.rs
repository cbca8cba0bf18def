//! Inputs of one turn at a time: which of them are made now, and how many may be under way.
//!
//! Pure: whoever has the browser makes the calls. They are made in order, and none waits for the answer to the one
//! before; only of moves there is one under way, since a page takes as long for each as it takes to paint.

use pilothouse_protocols::agent_link::browsers::BrowserInput;

use super::{Call, Hand, Queue, Sight, Wish, queue::is_move};

/// How many inputs may be under way. Overflow rule: further ones wait in the queue, which is bounded itself.
const MOST_UNDER_WAY: usize = 16;

/// What is to be done now.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    /// What has to be called, in order.
    pub(crate) calls: Vec<Call>,
    /// What else is wanted.
    pub(crate) wish: Option<Wish>,
    /// What has to be said with [`Steering::did`] when the last call is answered.
    pub(crate) under_way: UnderWay,
}

/// An input whose calls were made and not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnderWay {
    /// In which turn.
    pub(crate) turn: u64,
    /// For how many inputs of the server it stands.
    pub(crate) count: usize,
    is_move: bool,
    is_copy: bool,
}

/// Who steers a browser, as far as its agent knows: a turn, and what is done in it.
#[derive(Debug, Default)]
pub(crate) struct Steering {
    turn: u64,
    is_held: bool,
    hand: Hand,
    queue: Queue,
    under_way: usize,
    moves_under_way: usize,
    is_copying: bool,
}

impl Steering {
    /// A turn begins, or the server says again which one it is. Gives what lets go of everything that is held down.
    pub(crate) fn begin(&mut self, turn: u64, is_held: bool) -> Vec<Call> {
        (self.turn, self.is_held) = (turn, is_held);
        self.queue.clear();
        self.let_go()
    }

    /// Another page is in front: what is held down there does not stay so.
    pub(crate) fn let_go(&mut self) -> Vec<Call> {
        let mut calls = Vec::new();
        self.hand.let_go(&mut calls);
        calls
    }

    /// Takes inputs in. Says how many of them have no effect, because somebody else steers now or there are too many.
    pub(crate) fn take(&mut self, turn: u64, inputs: Vec<BrowserInput>) -> usize {
        if turn == self.turn && self.is_held { self.queue.push(inputs) } else { inputs.len() }
    }

    /// The next input, if there is one that may be made now. `picture` tells what a picture showed, `now` is what is
    /// there.
    pub(crate) fn step(
        &mut self,
        picture: impl Fn(Option<u64>) -> Option<Sight>,
        now: &Sight,
    ) -> Option<Step> {
        let is_crowded = self.moves_under_way > 0 && self.queue.begins_with_move();
        // What is selected is read by another way than inputs go: not before them, and not after later ones.
        let must_wait = self.is_copying || self.under_way > 0 && self.queue.begins_with_copy();
        if self.under_way >= MOST_UNDER_WAY || is_crowded || must_wait {
            return None;
        }
        let (input, count) = self.queue.pop()?;
        let seen = Hand::picture_of(&input).and_then(picture);
        let mut calls = Vec::new();
        let wish = self.hand.does(&input, seen.as_ref(), now, &mut calls);
        let (is_move, is_copy) = (is_move(&input), wish == Some(Wish::Copy));
        self.is_copying = is_copy;
        self.under_way += 1;
        self.moves_under_way += usize::from(is_move);
        Some(Step { calls, wish, under_way: UnderWay { turn: self.turn, count, is_move, is_copy } })
    }

    /// An input's calls were answered, or will not be.
    pub(crate) fn did(&mut self, under_way: UnderWay) {
        self.under_way = self.under_way.saturating_sub(1);
        self.is_copying &= !under_way.is_copy;
        self.moves_under_way = self.moves_under_way.saturating_sub(usize::from(under_way.is_move));
    }
}
