//! Presets: command lines that people keep under a name, to be run again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    Asked, Caller, Core, CoreError, Event as Fact, Reply,
    commands::{LARGEST_LINE, Priority},
    ids::{AgentId, PresetId},
    ports::Write,
    time::{Moment, Timestamp},
};

/// How many presets there may be.
const MOST_PRESETS: usize = 1_000;
/// The longest name or directory, in bytes.
const LONGEST_TEXT: usize = 4096;

/// A command line under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its id.
    pub id: PresetId,
    /// What people call it.
    pub name: Arc<str>,
    /// The command line.
    pub line: Arc<str>,
    /// On which agent it is meant to run; on any if absent.
    pub agent: Option<AgentId>,
    /// The directory to run in; the agent's own if absent.
    pub directory: Option<Arc<str>>,
    /// Its class.
    pub priority: Priority,
    /// Its time limit; the configured one if absent.
    pub timeout: Option<Duration>,
    /// Who made it.
    pub made_by: Arc<str>,
    /// When it was made or last changed.
    pub changed_at: Timestamp,
}

/// What a preset is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What people are to call it.
    pub name: Arc<str>,
    /// The command line.
    pub line: Arc<str>,
    /// On which agent it is meant to run; on any if absent.
    pub agent: Option<AgentId>,
    /// The directory to run in; the agent's own if absent.
    pub directory: Option<Arc<str>>,
    /// Its class.
    pub priority: Priority,
    /// Its time limit; the configured one if absent.
    pub timeout: Option<Duration>,
}

/// What can be asked about presets.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Make one. Answered with its id.
    Add(Draft),
    /// Put something else in its place.
    Change {
        /// Which one.
        preset: PresetId,
        /// What it is from now on.
        draft: Draft,
    },
    /// Forget one.
    Remove(PresetId),
}

/// What viewers learn about presets.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// All of them, oldest first.
    All(Arc<[Arc<Preset>]>),
}

/// All presets.
#[derive(Debug, Default)]
pub(crate) struct Presets(BTreeMap<PresetId, Arc<Preset>>);

impl Core {
    /// Takes presets over from storage.
    pub(crate) fn restore_presets(&mut self, presets: Vec<Preset>, now: Moment) {
        if presets.is_empty() {
            return;
        }
        self.presets
            .0
            .extend(presets.into_iter().map(|preset| (preset.id.clone(), Arc::new(preset))));
        self.tell_presets(now);
    }

    pub(crate) fn ask_presets(&mut self, caller: &Caller, request: Request, now: Moment) -> Asked {
        if self.outbox.is_degraded() {
            return Asked::Answered(Err(CoreError::StorageUnavailable));
        }
        let done = match request {
            Request::Add(draft) => self.add_preset(caller, draft, now),
            Request::Change { preset, draft } => self.change_preset(&preset, draft, now),
            Request::Remove(preset) => match self.presets.0.remove(&preset) {
                Some(_) => {
                    self.outbox.write(Write::PresetGone(preset));
                    Ok(Reply::Done)
                }
                None => Err(CoreError::PresetNotFound(preset)),
            },
        };
        if done.is_ok() {
            self.tell_presets(now);
        }
        self.answer_after_commit(caller, done)
    }

    fn add_preset(
        &mut self,
        caller: &Caller,
        draft: Draft,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        if self.presets.0.len() >= MOST_PRESETS {
            return Err(CoreError::LimitReached("there are 1000 presets; remove some first"));
        }
        let id = self.naming.preset(now.wall);
        self.put_preset(id.clone(), draft, caller.name.clone(), now)?;
        Ok(Reply::PresetAdded(id))
    }

    fn change_preset(
        &mut self,
        id: &PresetId,
        draft: Draft,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let known = self.presets.0.get(id);
        let known = known.ok_or_else(|| CoreError::PresetNotFound(id.clone()))?;
        let made_by = known.made_by.clone();
        self.put_preset(id.clone(), draft, made_by, now)?;
        Ok(Reply::Done)
    }

    fn put_preset(
        &mut self,
        id: PresetId,
        draft: Draft,
        made_by: Arc<str>,
        now: Moment,
    ) -> Result<(), CoreError> {
        self.check_draft(&id, &draft)?;
        let Draft { name, line, agent, directory, priority, timeout } = draft;
        let changed_at = now.wall;
        let preset =
            Preset { id, name, line, agent, directory, priority, timeout, made_by, changed_at };
        let preset = Arc::new(preset);
        self.presets.0.insert(preset.id.clone(), preset.clone());
        self.outbox.write(Write::Preset(preset));
        Ok(())
    }

    fn check_draft(&self, id: &PresetId, draft: &Draft) -> Result<(), CoreError> {
        let texts = [Some(&draft.name), Some(&draft.line), draft.directory.as_ref()];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(CoreError::Invalid("a preset cannot contain the character NUL"));
        }
        if draft.name.trim().is_empty() || draft.line.trim().is_empty() {
            return Err(CoreError::Invalid("a preset has a name and a command line"));
        }
        if draft.line.len() > LARGEST_LINE {
            return Err(CoreError::Invalid("the command is longer than 64 KB"));
        }
        let short = [Some(&draft.name), draft.directory.as_ref()];
        if short.into_iter().flatten().any(|text| text.len() > LONGEST_TEXT) {
            return Err(CoreError::Invalid("names and directories have at most 4096 bytes"));
        }
        let same = |other: &&Arc<Preset>| {
            other.id != *id && other.name == draft.name && other.agent == draft.agent
        };
        if self.presets.0.values().any(|other| same(&other)) {
            return Err(CoreError::Invalid("there is a preset of that name; choose another"));
        }
        Ok(())
    }

    fn tell_presets(&mut self, now: Moment) {
        let all = self.presets.0.values().cloned().collect();
        self.show_committed(Fact::Presets(Event::All(all)), now);
    }
}
