// How states, times and durations are put into words and signs. A sign always goes with a word: nothing is told by colour alone.

export const agentStates = {
  online: { sign: "●", word: "online" },
  busy: { sign: "◐", word: "busy" },
  offline: { sign: "○", word: "offline" },
  error: { sign: "▲", word: "error" },
};

export const commandStates = {
  sending: { sign: "…", word: "sending" },
  queued: { sign: "◷", word: "queued" },
  running: { sign: "▶", word: "running" },
  completed: { sign: "✓", word: "completed" },
  failed: { sign: "✕", word: "failed" },
  interrupted: { sign: "■", word: "interrupted" },
  refused: { sign: "✕", word: "refused" },
  unseen: { sign: "?", word: "ended while this page was not connected" },
};

const priorities = { high: "▲ high", normal: "normal", low: "▼ low" };

/** A class of priority with its sign. */
export function priorityWords(priority) {
  return priorities[priority] ?? String(priority ?? "normal");
}

/** `40 ms`, `12.3 s`, `4 min 05 s`, `3 h 12 min`, `2 d 4 h`. */
export function duration(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return wholeDuration(ms);
}

/** The same without tenths, for durations that are still growing. */
export function wholeDuration(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The age in its largest unit only: `40 s`, `12 min`, `3 h`, `2 d`. */
export function age(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** The time of day, with the date when it is another day. */
export function clockTime(ms) {
  const then = new Date(ms);
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (then.toDateString() === new Date().toDateString()) return time;
  return `${then.toLocaleDateString([], { month: "short", day: "numeric" })} ${time}`;
}

/** How a command ended or stands, in one line. */
export function commandFacts(command, now) {
  const facts = [commandStates[command.status].word];
  if (command.status === "queued" && command.position) facts.push(`position ${command.position}`);
  if (command.signal !== undefined) facts.push(command.signal);
  if (command.exitCode !== undefined) facts.push(`exit code ${command.exitCode}`);
  if (command.status === "running" && command.startedAt) facts.push(wholeDuration(now - command.startedAt));
  else if (command.executionTime !== undefined) facts.push(duration(command.executionTime));
  return facts.join(" · ");
}
