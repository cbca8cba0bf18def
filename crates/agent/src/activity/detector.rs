//! From screens, keys and moments to a state that does not flap.

use pilothouse_core::{
    sessions::Activity,
    time::{Moment, Steady},
};

use super::{
    Change,
    difference::Difference,
    pace::Pace,
    patterns::Patterns,
    question::Question,
    screen::Screen,
    typing::{Keys, Typing},
};

/// Watches one agent. See the [module](super) for what it promises.
///
/// It needs [`output`](Self::output) at most every 100 ms while there is output, with the screen after it: the
/// first piece at once or up to 100 ms later, the last one always. More often does no harm, less often makes a
/// quick spinner look slow. [`tick`](Self::tick) is due at [`next_due`](Self::next_due), not before.
#[derive(Debug)]
pub struct Detector {
    patterns: Patterns,
    screen: Screen,
    pace: Pace,
    typing: Typing,
    question: Question,
    /// When the screen last changed in any way.
    changed: Steady,
    state: Activity,
    since: Moment,
    /// The question that was reported, and since when it stands.
    reported: Option<(Moment, String)>,
}

impl Detector {
    /// A detector of an agent that has shown nothing yet.
    pub fn new(patterns: &Patterns) -> Self {
        Self {
            patterns: patterns.clone(),
            screen: Screen::default(),
            pace: Pace::default(),
            typing: Typing::default(),
            question: Question::default(),
            changed: Steady(0),
            state: Activity::Unknown,
            since: Moment::default(),
            reported: None,
        }
    }

    /// The agent wrote `bytes`, and now `screen` is what can be seen, line by line from the top.
    ///
    /// With no bytes the screen is only taken note of, as after its size changed.
    pub fn output(&mut self, bytes: usize, screen: &[String], now: Moment) -> Option<Change> {
        if let Some(difference) = self.screen.show(screen) {
            if bytes > 0 {
                self.count(&difference, now);
            }
            self.changed = now.steady;
            self.question.look(&self.patterns, self.screen.tail(), now);
        }
        self.decide(now)
    }

    /// Somebody typed `text`, or their terminal sent it.
    pub fn typed(&mut self, text: &str, now: Moment) {
        match self.typing.typed(text, now.steady) {
            Keys::Submit | Keys::Cancel => self.question.answer(now.steady),
            Keys::Text | Keys::Nobody => {}
        }
    }

    /// The terminal has another size; what the agent draws now is due to that.
    pub fn resized(&mut self, now: Moment) {
        self.typing.resized(now.steady);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Moment) -> Option<Change> {
        self.decide(now)
    }

    /// When `tick` has to be called if nothing happens before.
    pub fn next_due(&self) -> Option<Steady> {
        let question = match (self.state, self.question.counts_at(self.changed)) {
            (Activity::Asking, Some(counts)) if self.has_another_question() => Some(counts),
            (Activity::Asking, _) | (_, None) => self.question.settles_at(),
            (_, counts) => counts,
        };
        let quiet = match self.state {
            Activity::Active => Some(self.pace.quiet_at()),
            Activity::Asking | Activity::Idle | Activity::Unknown => None,
        };
        [question, quiet].into_iter().flatten().min()
    }

    /// What the agent is doing.
    pub fn state(&self) -> Activity {
        self.state
    }

    fn count(&mut self, difference: &Difference, now: Moment) {
        let is_persons = self.typing.may_show(now.steady)
            && (self.state != Activity::Active || self.typing.explains(difference));
        if difference.new_parts().next().is_none() || is_persons {
            return;
        }
        if difference.is_gauge() {
            self.pace.digits(now);
        } else {
            self.pace.change(now);
        }
    }

    fn decide(&mut self, now: Moment) -> Option<Change> {
        self.question.settle(now.steady);
        let counts = self.question.counts_at(self.changed).is_some_and(|at| at <= now.steady);
        match self.state {
            Activity::Unknown if self.screen.is_blank() => None,
            Activity::Unknown => {
                self.pace.change(now);
                self.enter(Activity::Active, now)
            }
            Activity::Asking if self.question.asked().is_none() => self.leave_question(now),
            Activity::Asking if counts && self.has_another_question() => self.ask(),
            Activity::Active | Activity::Idle if counts => self.ask(),
            Activity::Active if self.pace.quiet_at() <= now.steady => {
                let last = self.pace.last().unwrap_or(now);
                self.pace.forget();
                self.enter(Activity::Idle, last)
            }
            Activity::Idle => {
                let began = self.pace.began()?;
                self.enter(Activity::Active, began)
            }
            Activity::Active | Activity::Asking => None,
        }
    }

    fn has_another_question(&self) -> bool {
        match (self.question.asked(), &self.reported) {
            (Some((appeared, text)), Some((before, reported))) => {
                appeared != *before && text != reported
            }
            (asked, reported) => asked.is_some() && reported.is_none(),
        }
    }

    fn ask(&mut self) -> Option<Change> {
        let (appeared, text) = self.question.asked()?;
        self.reported = Some((appeared, text.to_owned()));
        self.enter(Activity::Asking, appeared)
    }

    /// The question is gone: whoever answered it set the agent to work, unless they stopped it.
    fn leave_question(&mut self, now: Moment) -> Option<Change> {
        self.reported = None;
        self.pace.forget();
        if self.typing.has_cancelled() {
            return self.enter(Activity::Idle, now);
        }
        self.pace.change(now);
        self.enter(Activity::Active, now)
    }

    #[expect(clippy::unnecessary_wraps, reason = "every caller returns a change or none")]
    fn enter(&mut self, state: Activity, since: Moment) -> Option<Change> {
        self.state = state;
        self.since = if since.steady < self.since.steady { self.since } else { since };
        let reported = self.reported.as_ref().filter(|_| state == Activity::Asking);
        let question = reported.map(|(_, text)| text.clone());
        Some(Change { state, since: self.since, question })
    }
}
