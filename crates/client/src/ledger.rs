//! What was told to this dashboard, so that over all connections nothing is told twice and nothing is
//! left out unsaid. Pure: messages in, events and questions out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    Event, Follow, OutputGap,
    catching::Catching,
    messages::{
        AgentList, CommandQueue, CommandState, CommandStatus, OutputPage, OutputResume,
        ServerMessage, TerminalOutput,
    },
};

/// How many ended commands are remembered, so that their end is told once.
const REMEMBERED: usize = 256;
/// A number beyond all records: asks only how a command ended.
const BEYOND_ALL: u64 = (1 << 53) - 1;

/// One live command.
#[derive(Debug, Default)]
pub(crate) struct Tracked {
    agent_id: String,
    /// What was told last.
    state: Option<CommandState>,
    /// The number of the next record; absent until one was seen if the beginning was missed.
    next: Option<u64>,
    is_followed: bool,
    /// Set while missed output is being fetched.
    catching: Option<Catching>,
}

/// What a snapshot has told so far.
#[derive(Debug, Default)]
struct Snapshot {
    commands: BTreeSet<String>,
    queues: BTreeSet<String>,
}

/// The whole of it. What it holds is bounded by the server's live commands; what it wants to tell, by
/// the rule that nothing is taken in before everything was told.
#[derive(Debug)]
pub(crate) struct Ledger {
    follow: Follow,
    can_resume: bool,
    agents: Option<AgentList>,
    /// Those that have somebody waiting, or are held.
    queues: BTreeMap<String, CommandQueue>,
    commands: BTreeMap<String, Tracked>,
    ended: VecDeque<String>,
    /// Set while a connection tells its snapshot.
    snapshot: Option<Snapshot>,
    is_first: bool,
    /// Commands to be asked for, in order.
    questions: VecDeque<String>,
    out: VecDeque<Event>,
}

impl Ledger {
    pub(crate) fn new(follow: Follow) -> Self {
        Self {
            follow,
            can_resume: false,
            agents: None,
            queues: BTreeMap::new(),
            commands: BTreeMap::new(),
            ended: VecDeque::new(),
            snapshot: None,
            is_first: true,
            questions: VecDeque::new(),
            out: VecDeque::new(),
        }
    }

    /// What is to be told next.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    pub(crate) fn has_news(&self) -> bool {
        !self.out.is_empty()
    }

    /// Tells something about the connection. Of attempts to come back, only the newest is kept.
    pub(crate) fn tell(&mut self, event: Event) {
        if let (Event::Reconnecting(_), Some(Event::Reconnecting(_))) = (&event, self.out.back()) {
            self.out.pop_back();
        }
        self.out.push_back(event);
    }

    /// A connection begins: its snapshot comes, until [`Self::end_snapshot`].
    pub(crate) fn begin_snapshot(&mut self, connection_id: String, can_resume: bool) {
        self.can_resume = can_resume;
        self.snapshot = Some(Snapshot::default());
        self.questions.clear();
        self.tell(Event::Connected { connection_id });
        if !can_resume {
            // This server, perhaps an older one, cannot be asked: what waited is told as it is.
            let waiting = self.commands.iter().filter(|(_, tracked)| tracked.catching.is_some());
            for id in waiting.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                self.release(&id);
            }
            return;
        }
        for (id, tracked) in &mut self.commands {
            if tracked.catching.is_some() || (tracked.is_followed && tracked.next.is_some()) {
                tracked.catching.get_or_insert_default();
                self.questions.push_back(id.clone());
            }
        }
    }

    pub(crate) fn is_in_snapshot(&self) -> bool {
        self.snapshot.is_some()
    }

    /// The snapshot is over: what it did not name is not there any more.
    pub(crate) fn end_snapshot(&mut self) {
        let Some(snapshot) = self.snapshot.take() else { return };
        let gone = |agent: &&String| !snapshot.queues.contains(*agent);
        let emptied: Vec<_> = self.queues.keys().filter(gone).cloned().collect();
        for agent_id in emptied {
            self.queues.remove(&agent_id);
            let queue = CommandQueue { agent_id, queue: Vec::new(), held: None };
            self.out.push_back(Event::Message(ServerMessage::CommandQueue(queue)));
        }
        let ended = self.commands.iter_mut().filter(|(id, _)| !snapshot.commands.contains(*id));
        let mut forgotten = Vec::new();
        for (id, tracked) in ended {
            if !self.can_resume {
                forgotten.push(id.clone());
            } else if tracked.catching.is_none() {
                tracked.catching = Some(Catching::default());
                self.questions.push_back(id.clone());
            }
        }
        for id in forgotten {
            self.forget(&id);
        }
        self.is_first = false;
        self.tell(Event::Resynced);
    }

    /// From now on a command's output is complete, beginning with record `from` or, if absent, with its first one.
    pub(crate) fn follow(&mut self, id: &str, from: Option<u64>) {
        let tracked = self.commands.entry(id.to_owned()).or_default();
        tracked.is_followed = true;
        if let Some(from) = from.filter(|_| self.can_resume) {
            tracked.next = Some(from);
            self.catch_up(id, None);
        } else if tracked.next.is_none() {
            tracked.next = Some(1);
        }
    }

    pub(crate) fn has_questions(&self) -> bool {
        !self.questions.is_empty()
    }

    /// What to ask the server next.
    pub(crate) fn question(&mut self) -> Option<OutputResume> {
        let command_id = self.questions.pop_front()?;
        let tracked = self.commands.get(&command_id)?;
        let wanted = tracked.next.filter(|_| tracked.is_followed);
        let after_sequence = wanted.map_or(BEYOND_ALL, |next| next.saturating_sub(1));
        Some(OutputResume { command_id, after_sequence, request_id: None })
    }

    /// The same question once more, since it was not answered.
    pub(crate) fn ask_again(&mut self, command_id: &str) {
        if self.commands.contains_key(command_id) {
            self.questions.push_front(command_id.to_owned());
        }
    }

    /// Takes what the server says.
    pub(crate) fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::AgentList(list) => {
                let is_known = self.is_repeated() && self.agents.as_ref() == Some(&list);
                if !is_known {
                    self.say(ServerMessage::AgentList(list.clone()));
                }
                self.agents = Some(list);
            }
            ServerMessage::AgentStatus(agent) => {
                if let Some(known) = &mut self.agents
                    && let Some(old) =
                        known.agents.iter_mut().find(|old| old.agent_id == agent.agent_id)
                {
                    *old = agent.clone();
                }
                self.say(ServerMessage::AgentStatus(agent));
            }
            ServerMessage::CommandQueue(queue) => self.queue(queue),
            ServerMessage::CommandStatus(status) => self.status(status),
            ServerMessage::TerminalOutput(output) => self.output(output),
            ServerMessage::OutputPage(page) => self.page(page),
            other => self.say(other),
        }
    }

    fn is_repeated(&self) -> bool {
        self.snapshot.is_some() && !self.is_first
    }

    fn queue(&mut self, queue: CommandQueue) {
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.queues.insert(queue.agent_id.clone());
        }
        let known = self.queues.get(&queue.agent_id);
        let is_known = self.is_repeated() && known == Some(&queue);
        if queue.queue.is_empty() && queue.held.is_none() {
            self.queues.remove(&queue.agent_id);
        } else {
            self.queues.insert(queue.agent_id.clone(), queue.clone());
        }
        if !is_known {
            self.say(ServerMessage::CommandQueue(queue));
        }
    }

    fn status(&mut self, status: CommandStatus) {
        let id = &status.command_id;
        if self.ended.contains(id) {
            return;
        }
        let is_repeated = self.is_repeated();
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.commands.insert(id.clone());
        }
        let tracked = self.commands.entry(id.clone()).or_default();
        tracked.agent_id.clone_from(&status.agent_id);
        tracked.is_followed |= self.follow == Follow::All;
        // Whoever runs already and comes with its origin began before we looked.
        let is_late = status.status == CommandState::Running && status.origin.is_some();
        if tracked.next.is_none() && !is_late {
            tracked.next = Some(1);
        }
        if status.status.is_final() {
            match &mut tracked.catching {
                Some(catching) => catching.end(status),
                None => self.finish(status),
            }
        } else if !(is_repeated && tracked.state == Some(status.status)) {
            tracked.state = Some(status.status);
            self.say(ServerMessage::CommandStatus(status));
        }
    }

    fn finish(&mut self, status: CommandStatus) {
        self.remember_end(&status.command_id);
        self.say(ServerMessage::CommandStatus(status));
    }

    fn remember_end(&mut self, id: &str) {
        self.commands.remove(id);
        self.ended.push_back(id.to_owned());
        if self.ended.len() > REMEMBERED {
            self.ended.pop_front();
        }
    }

    /// The server knows nothing of a command.
    pub(crate) fn forget(&mut self, id: &str) {
        if self.commands.contains_key(id) {
            self.remember_end(id);
            self.tell(Event::Forgotten { command_id: id.to_owned() });
        }
    }

    fn output(&mut self, output: TerminalOutput) {
        let id = output.command_id.clone();
        if self.ended.contains(&id) {
            return;
        }
        let tracked = self.commands.entry(id.clone()).or_default();
        tracked.agent_id.clone_from(&output.agent_id);
        tracked.is_followed |= self.follow == Follow::All;
        let can_fetch = tracked.is_followed && self.can_resume;
        if let Some(catching) = &mut tracked.catching {
            return catching.hold(output);
        }
        match (output.gap, tracked.next) {
            // This connection was too slow: what it missed is stored. Otherwise it is gone for everybody.
            (Some(gap), _) if gap.from_position.is_none() && can_fetch => self.catch_up(&id, None),
            (Some(gap), Some(next)) if gap.next_sequence > next => {
                self.gap(&id, gap.next_sequence, output.data.trim().trim_matches(['[', ']']));
            }
            (Some(_), _) => {}
            (None, Some(next)) if output.sequence < next => {}
            (None, Some(next)) if output.sequence > next && can_fetch => {
                self.catch_up(&id, Some(output));
            }
            (None, _) => self.deliver(output),
        }
    }

    fn catch_up(&mut self, id: &str, held: Option<TerminalOutput>) {
        let Some(tracked) = self.commands.get_mut(id) else { return };
        if tracked.catching.is_none() {
            self.questions.push_back(id.to_owned());
        }
        let catching = tracked.catching.get_or_insert_default();
        if let Some(output) = held {
            catching.hold(output);
        }
    }

    /// Tells a record that is not older than what was told, and the hole before it if there is one.
    fn deliver(&mut self, output: TerminalOutput) {
        let next = self.commands.get(&output.command_id).and_then(|tracked| tracked.next);
        match next {
            Some(next) if output.sequence < next => return,
            Some(next) if output.sequence > next => {
                self.gap(&output.command_id, output.sequence, "it is not kept any more");
            }
            Some(_) | None => {}
        }
        if let Some(tracked) = self.commands.get_mut(&output.command_id) {
            tracked.next = Some(output.sequence + 1);
        }
        self.say(ServerMessage::TerminalOutput(output));
    }

    fn gap(&mut self, id: &str, next_sequence: u64, reason: &str) {
        let Some(tracked) = self.commands.get_mut(id) else { return };
        let from_sequence = tracked.next.replace(next_sequence).unwrap_or(next_sequence);
        self.out.push_back(Event::Gap(OutputGap {
            command_id: id.to_owned(),
            agent_id: tracked.agent_id.clone(),
            from_sequence,
            next_sequence,
            reason: reason.to_owned(),
        }));
    }

    fn page(&mut self, page: OutputPage) {
        let OutputPage { command_id, agent_id, records, is_last, .. } = page;
        let has_progress = !records.is_empty();
        for record in records {
            self.deliver(TerminalOutput {
                command_id: command_id.clone(),
                agent_id: agent_id.clone(),
                data: record.data,
                stream: record.stream,
                sequence: record.sequence,
                gap: None,
            });
        }
        if is_last {
            self.caught_up(&command_id, has_progress);
        } else {
            self.ask_again(&command_id);
        }
    }

    /// Storage has no more: what was held meanwhile follows, and the end if it has come.
    pub(crate) fn caught_up(&mut self, id: &str, has_progress: bool) {
        let Some(tracked) = self.commands.get_mut(id) else { return };
        let Some(catching) = &mut tracked.catching else { return };
        if catching.needs_more(tracked.next, has_progress) {
            return self.ask_again(id);
        }
        self.release(id);
    }

    /// What waited is told, with the holes in it.
    fn release(&mut self, id: &str) {
        let Some(tracked) = self.commands.get_mut(id) else { return };
        let (held, ending) = tracked.catching.take().unwrap_or_default().release();
        for output in held {
            self.deliver(output);
        }
        if let Some(status) = ending {
            self.finish(status);
        }
    }

    fn say(&mut self, message: ServerMessage) {
        self.out.push_back(Event::Message(message));
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
