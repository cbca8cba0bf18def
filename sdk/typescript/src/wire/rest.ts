// Made by `cargo xtask codegen` from docs/api/openapi.json. Do not edit.

/** An account that is asked for, as it came. */
export type AccountBody = {
  email?: string | null;
  /** What people call them; the username if absent. */
  name?: string | null;
  /** At least 8 characters. */
  password: string;
  /** `admin`, `operator` or `viewer`; `viewer` if absent. */
  role?: string | null;
  /** 3 to 50 letters, digits, `_` and `-`; made from the address or the name if absent. */
  username?: string | null;
};

/** What a session said. */
export type ActivityBody = {
  /** Whose session; an agent that reports for itself may leave it out. */
  agentId?: string | null;
  /** What it said; the last visible line of it is told. */
  message?: string | null;
  /** Which session, as the program calls it. */
  sessionId?: string | null;
};

export type ActivityPatterns = {
  askingPatterns: Array<string>;
};

/** An agent, with all that is known of it. */
export type Agent = {
  /** What of it waits for a person, the longest waiting first. */
  attention: Array<WaitingItem>;
  budget?: (BudgetBody | null);
  /** What it can do: `commands`, `terminals`. */
  capabilities: Array<string>;
  /** When its present or last link began. */
  connectedAt: string;
  currentCommand?: (CurrentCommand | null);
  hold?: (AgentHold | null);
  /** Its machine's name. */
  host?: string | null;
  id: string;
  lastActivity: string;
  lastHour: LastHour;
  /** The last visible line that any of its commands or sessions printed. */
  lastLine?: string | null;
  /** What its gateway says of it, if one reports it. */
  metadata?: Record<string, unknown> | null;
  name: string;
  /** Operating system and processor of its machine. */
  platform?: string | null;
  /** The next to run first. */
  queue: Array<QueuedCommand>;
  /** How many commands wait. */
  queueLength: number;
  /** Who tells how it is: `link` for its own link; else who reports it: `api`, `gateway` or `demo`. */
  reported: string;
  resources?: (AgentResources | null);
  /** `online`, `busy`, `offline` or `error`. */
  status: string;
  /** What is wrong with it, in words. */
  trouble?: string | null;
  /** What kind it says it is, such as `shell` or `claude`. */
  type: string;
  /** The agent program's version. */
  version?: string | null;
};

/** Why nothing of an agent's queue is started. */
export type AgentHold = {
  /** Who ordered it, if somebody did. */
  by?: string | null;
  /** `paused`, `stopped`, `emergency-stopped` or `over-budget`. */
  cause: string;
  /** In words. */
  reason: string;
  since: string;
  /** When it ends by itself, as far as that is known. */
  until?: string | null;
};

/** One key, without the key itself. */
export type AgentKey = {
  agentId?: string | null;
  createdAt: string;
  /** The id of whoever made it. */
  createdBy: string;
  expiresAt?: string | null;
  id: string;
  /** To the minute. */
  lastUsedAt?: string | null;
  name: string;
  /** `made` by a person, or `enrolled`: the agent made it and presents it. */
  origin: string;
  /** Of an enrolled one: the key that its agent enrolled through. With that it ends. */
  parentId?: string | null;
  revokedAt?: string | null;
  /** `active`, `revoked` or `expired`. */
  status: string;
};

/** A kind of command line agent to be added. */
export type AgentKindBody = {
  activityPatterns?: (PatternsBody | null);
  /** The line that begins a conversation, with a place for the prompt. */
  commandTemplate: string;
  /** The line that goes on with the last conversation, without one. */
  continueTemplate?: string | null;
  description?: string | null;
  /** The line that answers once and ends, with a place for the prompt. */
  headlessTemplate?: string | null;
  /** What sessions are to name it by; made out of its name if absent. */
  id?: string | null;
  name: string;
};

/** What of a kind of command line agent is to change. What is absent stays; null takes away what may be absent. */
export type AgentKindChange = {
  activityPatterns?: (PatternsBody | null);
  commandTemplate?: string | null;
  continueTemplate?: string | null;
  description?: string | null;
  headlessTemplate?: string | null;
  name?: string | null;
};

export type AgentKindReply = {
  agentType: AgentKindShape;
};

/** A kind of command line agent. */
export type AgentKindShape = {
  activityPatterns: ActivityPatterns;
  capabilities: Capabilities;
  commandTemplate: string;
  continueTemplate?: string | null;
  description?: string | null;
  headlessTemplate?: string | null;
  id: string;
  isBuiltIn: boolean;
  name: string;
  registeredAt: string;
};

export type AgentKindsReply = {
  agentTypes: Array<AgentKindShape>;
};

/** How an agent stands. */
export type AgentReply = {
  agentId: string;
  /** Whether pictures of that session flow. */
  browserReady: boolean;
  /** What it does now. */
  currentTask?: string | null;
  isActive: boolean;
  name: string;
  /** How many tasks wait. */
  queued: number;
  /** Its newest session. */
  sessionId?: string | null;
  /** `online`, `busy`, `offline` or `error`. */
  status: string;
  timestamp: string;
  workerReady: boolean;
};

/** How an agent's machine was when the agent told it last. What the machine does not tell is absent. */
export type AgentResources = {
  /** When it was told, by the server's clock. */
  at: string;
  /** How many commands ran. */
  commands: number;
  /** How much of all processors is in use, in per cent. */
  cpu?: number | null;
  disk?: (ResourceRoom | null);
  /** How many processes wanted to run, on average over 1, 5 and 15 minutes. */
  load?: Array<number> | null;
  memory?: (ResourceRoom | null);
  /** What ran, and what it took; the largest first, of the newest report only, and not in lists of agents. */
  processes?: Array<ProcessResources>;
  processors?: number | null;
  /** For how many seconds the agent had run. */
  uptime: number;
  /** How many workers ran. */
  workers: number;
};

/** A run in the words of these front ends. */
export type AgentRun = {
  commands?: Array<Record<string, unknown>> | null;
  completed_at?: string | null;
  id: string;
  run_objective: string;
  started_at: string;
  /** `PENDING`, `INPROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`. */
  status: string;
  steps?: (AgentSteps | null);
  user_id: string;
};

export type AgentRuns = {
  /** The newest first. */
  agentRuns: Array<AgentRun>;
};

export type AgentStep = {
  /** In words, or its type. */
  action: string;
  explanation: string;
  number: number;
};

export type AgentSteps = {
  /** What the run found out, or why it failed. */
  finalAnswer?: string | null;
  steps: Array<AgentStep>;
};

/** Agents, by id. */
export type AgentsReply = {
  agents: Array<Agent>;
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
};

export type AllRuns = {
  data: AgentRuns;
  /** How many there are here. */
  results: number;
  /** Always `success`. */
  status: string;
};

/** One key, without the key itself. */
export type ApiKey = {
  agentId?: string | null;
  createdAt: string;
  /** The id of whoever made it. */
  createdBy: string;
  expiresAt?: string | null;
  id: string;
  /** Whether it counts. */
  isActive: boolean;
  lastUsedAt?: string | null;
  name: string;
  revokedAt?: string | null;
  /** `active`, `revoked` or `expired`. */
  status: string;
};

/** The key to be. */
export type ApiKeyBody = {
  /** The agent it is bound to. */
  agentId?: string | null;
  /** For how many days it counts, 1 to 365; until it is revoked if absent. */
  expiresInDays?: number | null;
  /** For people; 3 to 100 characters. */
  name: string;
};

export type ApiKeys = {
  count: number;
  /** Oldest first. */
  keys: Array<ApiKey>;
};

export type AttentionReply = {
  /** The longest waiting first. */
  items: Array<WaitingItem>;
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
};

export type AuditLogs = {
  data: EntriesPage;
  success: boolean;
};

export type AuditReply = {
  /** What `before` has to be for the next page, if there may be one. */
  next?: number | null;
  /** Newest first. */
  records: Array<AuditShape>;
};

/** Who did what, when, from where, with which result. */
export type AuditShape = {
  action: string;
  address: string;
  agentId?: string | null;
  agentName?: string | null;
  at: string;
  /** The action in words for people, with what it was asked of. */
  description: string;
  /** Further words, such as a command line without its secrets. */
  detail?: string | null;
  id: string;
  /** The program it was asked with, if that says its name. */
  program?: string | null;
  /** Why it was not done. */
  refusal?: string | null;
  /** `success`, `failure` or `denied`. */
  result: string;
  /** What it was asked of. */
  subject: string;
  userId: string;
  userName: string;
};

export type AuditStats = {
  data: Stats;
  success: boolean;
};

export type AuditedAgents = {
  /** The ids of all agents that an entry concerns. */
  agents: Array<string>;
};

/** What a program shows, and what it asks with. */
export type Authorization = {
  device_code: string;
  /** In seconds. */
  expires_in: number;
  /** How often to ask, in seconds. */
  interval: number;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
};

/** What is to be done, under whichever of its three names. */
export type AutomationBody = {
  command?: string | null;
  message?: string | null;
  taskDescription?: string | null;
};

/** The same under the names of the automation's page. */
export type AutomationReply = {
  expiresAt?: string | null;
  paymentVerified: boolean;
  sessionId: string;
  status: string;
  timestamp: string;
  /** For `/ws` and `/ws/view/{session}`; for operators, and for whoever has it already. */
  websocketToken?: string | null;
};

/** Which branch was taken in place of a better name. */
export type BranchNameFallback = {
  reason: string;
  usedBranch: string;
};

/** The branches of a repository. */
export type Branches = {
  /** The one that others begin from, if that can be told. */
  defaultBranch?: string | null;
  local: Array<string>;
  remote: Array<string>;
};

export type BrowserReply = {
  browser: BrowserShape;
};

/** A browser. */
export type BrowserShape = {
  agentId: string;
  control: ControlShape;
  /** What happened to it last that people should know. */
  incident?: string | null;
  /** Whether pictures of it come. */
  live: boolean;
  /** The run that is done in it; `null` if none is. */
  runId: string | null;
  /** The run's id, if it is a run's own browser. */
  sessionId: string;
  /** Since when it is in this state, in milliseconds since 1970. */
  since: number;
  /** `opening`, `open` or `failed`. */
  state: string;
  /** Its pages, oldest first. */
  tabs: Array<TabShape>;
  /** That page's title. */
  title: string;
  /** The address of the page in front. */
  url: string;
  viewport: ViewportShape;
  /** How many connections watch it. */
  watchers: number;
};

/** Browsers, by their sessions. */
export type BrowsersReply = {
  browsers: Array<BrowserShape>;
};

/** A limit on the last hour, whichever hour that is. */
export type BudgetBody = {
  /** How many commands may be started, at most 4096. */
  commandsPerHour?: number | null;
  /** What becomes of further commands: `hold` has them wait in the queue, `refuse` does not take them. */
  excess?: ExcessName;
  /** How many seconds commands may run, all together, at most 3600. */
  secondsPerHour?: number | null;
};

/** A budget and what counts for it. */
export type BudgetReply = {
  budget?: (BudgetBody | null);
  /** How many commands were started in the last hour. */
  commands: number;
  /** How many seconds commands ran in the last hour. */
  seconds: number;
};

/** Why a run is cancelled. */
export type CancelBody = {
  /** Why, for the audit. */
  reason?: string | null;
};

export type Capabilities = {
  supportsActivityDetection: boolean;
  supportsContinue: boolean;
  supportsHeadlessMode: boolean;
};

/** What of a session is to change. */
export type ChangeBody = {
  /** The new name of the branch in its worktree. */
  branch?: string | null;
  title?: string | null;
};

export type ChangeReply = {
  branch?: string | null;
  success: boolean;
  title?: string | null;
};

export type CodeBody = {
  code?: string | null;
};

/** A command. */
export type Command = {
  agentId: string;
  /** The command line. */
  command: string;
  /** The directory it runs in; the agent's own if absent. */
  directory?: string | null;
  endedAt?: string | null;
  /** Extra variables, if there are any. Of a variable that is given several times, the last counts. */
  environment?: Record<string, string>;
  /** Why it failed, in words. */
  error?: string | null;
  /** How long its process lived, in milliseconds. */
  executionTime?: number | null;
  exitCode?: number | null;
  id: string;
  priority: Priority;
  /** Of one that waits: 1 is the next to run. */
  queuePosition?: number | null;
  /** What the requester calls it. */
  requestId?: string | null;
  requestedAt: string;
  /** The name of whoever asked for it. */
  requestedBy: string;
  /** The signal that ended it, such as `SIGSEGV`. */
  signal?: string | null;
  startedAt?: string | null;
  /** `queued`, `running`, `completed`, `failed` or `interrupted`. */
  status: string;
  /** Its time limit in milliseconds. */
  timeout: number;
};

/** A command to be queued: an agent and a line, or a preset. */
export type CommandBody = {
  /** Where it is to run. Needed unless a preset says it. */
  agentId?: string | null;
  /** The command line, as `/bin/sh -c` takes it, at most 64 KiB. */
  command?: string | null;
  /** The directory to run in; the agent's own if absent. */
  directory?: string | null;
  /** Extra variables, at most 256. */
  environment?: Record<string, string>;
  /** A preset's id, instead of a command line. What else is said here counts more than what the preset says. */
  preset?: string | null;
  priority?: (Priority | null);
  /** Its time limit in milliseconds; the configured one if absent, which is also the longest. */
  timeout?: number | null;
};

/** Commands, the newest first. */
export type CommandsReply = {
  commands: Array<Command>;
  /** What `before` has to be for the next page, if there is one. */
  next?: string | null;
};

export type ConfigReply = {
  /** The home of the agent's user; empty if there is not exactly one agent to ask. */
  homeDir: string;
};

export type ConfirmBody = {
  user_code?: string | null;
};

/** That it was done. */
export type ControlReply = {
  /** What was done. */
  action: string;
  agentId: string;
};

/** Who steers a browser. */
export type ControlShape = {
  /** Counts the changes of who steers; 0 if nobody ever did. */
  epoch: number;
  holder: (HolderShape | null);
  /** When it ends at the latest, ISO 8601; `null` if nobody steers. */
  until: string | null;
};

export type CreatedId = {
  id: string;
};

/** A token against forged requests. */
export type CsrfReply = {
  /** Nobody checks it: no cookie changes anything here, so that there is nothing to forge. */
  csrfToken: string;
};

export type CurrentCommand = {
  command: string;
  id: string;
  requestedBy: string;
  startedAt?: string | null;
};

export type DayStats = {
  byAction: Record<string, number>;
  byResult: Record<string, number>;
  total: number;
};

/** What is decided about something that a run wants to send. */
export type DecisionBody = {
  /** Whether the same holds for all that the run sends to that host from now on. */
  always?: boolean;
  /** Whether it may be sent. */
  granted: boolean;
  /** Why, for the run and the audit. */
  reason?: string | null;
  /** About which of its requests: the id in `waiting`. */
  waitId: string;
};

export type DeliveriesReply = {
  /** The newest first: what waits, and the last hundred that have ended. */
  deliveries: Array<WebhookDelivery>;
  /** What `before` has to be for the next page, if there is one. */
  next?: string | null;
};

/** A refusal as it is sent. */
export type Denial = {
  error: DenialWords;
  success: boolean;
};

export type DenialWords = {
  /** For programs. */
  code: string;
  details?: Array<WrongField>;
  /** What is the matter, and what to do about it. */
  message: string;
};

/** What became of a key. */
export type EndedApiKey = {
  id: string;
  message: string;
};

export type EntriesPage = {
  /** How many are in this page. */
  count: number;
  hasMore: boolean;
  /** Newest first. */
  logs: Array<Entry>;
  /** How many there are in all. */
  total: number;
};

/** A record as this protocol's front ends show it, on sockets and by REST. */
export type Entry = {
  /** A word such as `agent.stop`. */
  action: string;
  /** Which agent it concerns, if one. */
  agentId?: string | null;
  /** What that agent was called. */
  agentName: string;
  /** The action in words for people, with what it was asked of. */
  description: string;
  /** Further words, such as a command line without its secrets. */
  details?: string | null;
  /** Unique over all servers. */
  id: string;
  /** The address it was asked from. */
  ipAddress: string;
  /** What the entry is about, and what went wrong. */
  metadata: Metadata;
  /** What it was asked of. */
  resource: string;
  /** `success`, `failure` or `denied`. */
  result: string;
  /** ISO 8601. */
  timestamp: string;
  /** The program it was asked with, if that says its name. */
  userAgent?: string | null;
  /** The user's or the agent's id. */
  userId: string;
  /** The same. */
  userName: string;
  /** What the user is called. */
  username: string;
};

/** What a client is told. */
export type Error = {
  /** What is the matter, and what to do about it. */
  error: string;
};

export type ExcessName = "hold" | "refuse";

/** What is to be done. */
export type ExecuteBody = {
  /** A command line for the session's agent. */
  taskDescription?: string | null;
};

/** It will be done. */
export type ExecuteReply = {
  action: string;
  agentId: string;
  sessionId: string;
  /** `PENDING`, or how far it has come meanwhile. */
  status: string;
  success: boolean;
  /** What is to be done. */
  task: string;
  /** Look for it at `/api/task/{task}`. */
  taskId: string;
  timestamp: string;
};

/** A piece of output that has all words. */
export type FoundOutput = {
  agentId?: string | null;
  at: string;
  commandId?: string | null;
  /** Which life of the worker. */
  epoch: number;
  /** The text around the first word. */
  excerpt: string;
  /** How many bytes of the log come before the piece. */
  position: number;
  sessionId?: string | null;
  workerId?: string | null;
};

/** Where to: an address, or a way. */
export type GoBody = {
  /** `back`, `forward`, `reload` or `stop`, in place of an address. */
  action?: string | null;
  /** The address. */
  url?: string | null;
};

/** Whoever steers a browser. */
export type HolderShape = {
  /** What to show to people. */
  name: string;
  /** The user's id. */
  user: string;
};

/** Why a command is ended. */
export type InterruptBody = {
  /** Why, for the audit. */
  reason?: string | null;
};

/** One thing that is wrong. */
export type Issue = {
  message: string;
  /** `directory_not_found`, `not_git_repository` or `branch_not_found`. */
  type: string;
};

/** One picture of a recording. */
export type KeptPicture = {
  /** How long after the recording's beginning it was shown, in milliseconds. */
  atMs: number;
  bytes: number;
  /** The same of its height. */
  height?: number | null;
  metadata?: (Metadata | null);
  mime: string;
  /** Its place, from 0. */
  n: number;
  /** When it was taken, in seconds since 1970, if its producer said so. */
  timestamp?: number | null;
  /** The width of the page, in CSS pixels, if its producer said so. */
  width?: number | null;
};

/** The key to be. */
export type KeyDraftBody = {
  /** The agent it is bound to. Without one it opens the links of agents that are new, or enrolled through it. */
  agentId?: string | null;
  /** For how long it counts, such as `90d`; until it is revoked if absent. */
  expiresIn?: string | null;
  /** For people; 1 to 100 bytes. */
  name: string;
};

export type KeyEnded = {
  /** How many sockets were closed. */
  closed: number;
};

export type KeysReply = {
  /** Oldest first. */
  keys: Array<AgentKey>;
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
};

/** What an agent did in the last hour. */
export type LastHour = {
  /** How many commands were started. */
  commands: number;
  /** How many seconds commands ran. */
  seconds: number;
};

/** Somebody who wants in. */
export type LoginBody = {
  /** The same. */
  email?: string | null;
  password?: string | null;
  /** A username, or an address. */
  username?: string | null;
};

/** A key that was just made. */
export type MadeApiKey = {
  /** The key itself. It is shown here and never again. */
  apiKey: string;
  createdAt: string;
  expiresAt?: string | null;
  id: string;
  message: string;
  name: string;
};

/** A code that opens the page once. */
export type MadeCode = {
  code: string;
  /** Such as `1h`. */
  expiresIn: string;
};

/** The delivery that was made. */
export type MadeDelivery = {
  id: string;
};

/** A key that was just made. */
export type MadeKey = {
  createdAt: string;
  expiresAt?: string | null;
  id: string;
  /** The key itself. It is shown here and never again. */
  key: string;
};

/** A webhook that was just made. */
export type MadeWebhook = (Webhook & {
  /** What signs what it is told. It is shown here and never again. */
  secret: string;
});

/** A sentence. */
export type Message = {
  message: string;
};

export type MessageBody = {
  /** What to type, byte for byte; Enter follows it. */
  message: string;
  /** In which session; needed only where several could be meant. */
  sessionId?: string | null;
  /** Into which worker; likewise. */
  workerId?: string | null;
};

/** It was told. */
export type MessageReply = {
  action: string;
  agentId: string;
  /** What the gateway answered. */
  result: Record<string, unknown>;
  sessionId: string;
  timestamp: string;
};

/** What a picture shows of its page; lengths in CSS pixels. */
export type Metadata = {
  /** How high it was. */
  deviceHeight?: number | null;
  /** How wide the page's viewport was. */
  deviceWidth?: number | null;
  /** Counts the sizes that the page has had. */
  layout?: number | null;
  /** How far the page began below the picture's upper edge. */
  offsetTop?: number | null;
  /** How far the page was pinched open. */
  pageScaleFactor?: number | null;
  /** How far the page was scrolled to the right. */
  scrollOffsetX?: number | null;
  /** How far the page was scrolled down. */
  scrollOffsetY?: number | null;
};

/** One agent. */
export type MissionAgent = {
  /** What it does, in at most 60 characters. */
  current_task?: string | null;
  id: string;
  last_activity: string;
  /** Where it runs, who reports it, and what its gateway says of it. */
  metadata: Record<string, unknown>;
  name: string;
  /** The session that was active last; empty if there is none. */
  session_id: string;
  started_at: string;
  /** `online`, `busy`, `offline` or `error`. */
  status: string;
  task_started_at?: string | null;
  /** How long its present link has lasted; 0 if it is away. */
  uptime_seconds: number;
};

/** What was done. */
export type MissionControlReply = {
  action: string;
  agentId: string;
  /** Whether the agent confirmed it. */
  confirmed: boolean;
  /** In words. */
  message: string;
  timestamp: string;
};

/** All agents. */
export type MissionFleet = {
  /** By id, offline ones included. */
  agents: Array<MissionAgent>;
  count: number;
  /** In ISO 8601. */
  timestamp: string;
};

/** What an agent is to be told. */
export type MissionMessageBody = {
  /** It arrives byte for byte. */
  message?: string | null;
  /** In which session of a linked agent; needed only where several could be meant. */
  sessionId?: string | null;
  /** Into which worker; likewise. */
  workerId?: string | null;
};

/** Where in its class a command is to wait. */
export type MoveBody = {
  /** Right before this command, which has to wait in the same queue and class. */
  before?: string | null;
  /** At this place in its class: 1 is the first of it; beyond the end means last. */
  position?: number | null;
};

/** A refusal in the words of OAuth. */
export type OAuthError = {
  error: string;
  error_description: string;
};

/** The run to be. */
export type ObjectiveBody = {
  /** What is to be done, in words. */
  runObjective?: string | null;
};

/** One person, inside `user` and beside it. */
export type OneUser = (User & {
  user: User;
});

export type OpenBody = {
  /** How high; 720 if absent. */
  height?: number | null;
  /** What to show first; an empty page if absent. */
  url?: string | null;
  /** How wide its pages are to be, in CSS pixels; 1280 if absent. */
  width?: number | null;
};

/** A piece of output. */
export type OutputPiece = {
  /** When it was stored. */
  at: string;
  /** How many bytes of the whole output come before it. */
  position: number;
  /** `stdout`, `stderr`, or `terminal`, where both are one. */
  stream: string;
  /** What was written; bytes that are no UTF-8 are shown as U+FFFD. */
  text: string;
};

/** A page of output. */
export type OutputReply = {
  /** Whether this is the end: nothing follows, now or later. */
  end: boolean;
  /** Where the next page begins: what `from` has to be for it. */
  next: number;
  /** In the order in which it was written. */
  output: Array<OutputPiece>;
  /** How many of the first bytes are kept no longer. */
  pruned: number;
};

/** Sessions, the oldest first. */
export type OwnSessionsReply = {
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
  sessions: Array<Session>;
};

/** Workers, the oldest first. */
export type OwnWorkersReply = {
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
  workers: Array<Worker>;
};

/** A password to be replaced. */
export type PasswordBody = {
  /** The present one; only for one's own. */
  currentPassword?: string | null;
  /** At least 8 characters. */
  newPassword: string;
};

/** By what it is told that an agent asks something. */
export type PatternsBody = {
  askingPatterns?: Array<string> | null;
};

/** What a preset is made of. */
export type PresetBody = {
  /** On which agent it is meant to run; on any if absent. */
  agentId?: string | null;
  /** The command line. */
  command: string;
  /** The directory to run in; the agent's own if absent. */
  directory?: string | null;
  name: string;
  priority?: Priority;
  /** Its time limit in milliseconds; the configured one if absent. */
  timeout?: number | null;
};

/** A command line under a name. */
export type PresetShape = {
  /** On which agent it is meant to run; on any if absent. */
  agentId?: string | null;
  /** When it was made or last changed. */
  changedAt: string;
  /** The command line. */
  command: string;
  /** The directory to run in; the agent's own if absent. */
  directory?: string | null;
  id: string;
  /** Who made it. */
  madeBy: string;
  name: string;
  priority: Priority;
  /** Its time limit in milliseconds; the configured one if absent. */
  timeout?: number | null;
};

export type PresetsReply = {
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
  /** The oldest first. */
  presets: Array<PresetShape>;
};

/** Which of the waiting commands goes first. Inside one class it is first come, first served. */
export type Priority = "high" | "normal" | "low";

/** A refusal, as RFC 9457 has it. */
export type Problem = {
  /** What is the matter, and what to do about it. */
  detail: string;
  status: number;
  title: string;
  /** Always `about:blank`: the status says all. */
  type: string;
};

/** What all processes of one command or worker take together. */
export type ProcessResources = {
  /** The command, if it is one. */
  commandId?: string | null;
  /** Of all processors, in per cent; absent until it was seen for a while. */
  cpu?: number | null;
  /** In bytes. What several processes share counts for each. */
  memory: number;
  /** The worker, if it is one. */
  workerId?: string | null;
};

export type QueuedCommand = {
  id: string;
  /** 1 is the next to run. */
  position: number;
  /** `high`, `normal` or `low`. */
  priority: string;
};

/** Whether pictures flow. */
export type ReadyReply = {
  browserReady: boolean;
  ready: boolean;
  /** `ready` while pictures flow, `ended` when they did, `queued` before that, `not_found`. */
  status: string;
  timestamp: string;
  workerReady: boolean;
};

export type RecordingReply = {
  recording: RecordingShape;
};

/** A recording of a session's pictures. */
export type RecordingShape = {
  /** Who began it. */
  by: string;
  /** What it takes on disk. */
  bytes: number;
  /** From its beginning to its last picture, in milliseconds. */
  durationMs: number;
  /** Why it ended. */
  endReason?: string | null;
  /** Nothing while it goes on. */
  endedAt?: string | null;
  id: string;
  /** Pictures that were left out since the disk was too slow. */
  lost: number;
  /** How many pictures it has. */
  pictures: number;
  sessionId: string;
  startedAt: string;
};

/** A recording, and what pictures it has. */
export type RecordingWithPictures = {
  /** In the order in which they were shown. */
  pictures: Array<KeptPicture>;
  recording: RecordingShape;
};

export type RecordingsReply = {
  /** The oldest first. */
  recordings: Array<RecordingShape>;
};

export type RefreshBody = {
  refreshToken?: string | null;
};

/** What a question of a run is answered with. */
export type ReplyBody = {
  /** The answer, at most 16 KiB. */
  text: string;
  /** Which of its questions: the id in `waiting`. */
  waitId: string;
};

/** A report was taken in. */
export type Reported = {
  agentId: string;
  timestamp: string;
};

export type RepositoriesReply = {
  repositories: Array<Repository>;
};

/** A git repository on an agent. */
export type Repository = {
  /** The id of the agent on whose machine it is. */
  agent: string;
  id: string;
  name: string;
  path: string;
  registeredAt: string;
};

/** A repository to be registered. */
export type RepositoryBody = {
  /** On which agent; the only one that is connected if absent. */
  agentId?: string | null;
  /** Any directory in it. */
  path: string;
};

export type RepositoryReply = {
  repository: Repository;
};

export type ResizeBody = {
  height: number;
  width: number;
};

/** How much of something there is, in bytes. */
export type ResourceRoom = {
  total: number;
  used: number;
};

export type ResourcesReply = {
  /** Oldest first; at most 60. */
  resources: Array<AgentResources>;
};

export type RestartBody = {
  /** Whether an agent goes on with its last conversation. */
  continueConversation?: boolean | null;
};

/** What somebody may do from now on. */
export type RoleBody = {
  /** `admin`, `operator` or `viewer`. */
  role: string;
};

/** A secret that was just made. */
export type RotatedSecret = {
  /** Until when the one before signs as well. */
  oldSecretUntil?: string | null;
  /** It is shown here and never again. */
  secret: string;
};

/** A run. */
export type Run = {
  agentId: string;
  /** Hosts that need none. */
  allowedHosts?: Array<string>;
  /** What it found out, in words. */
  answer?: string | null;
  /** Whether what its browser sends away needs somebody's leave. */
  approval: boolean;
  /** What its browser is called by routes and doors that are about the browsers of sessions: as its session, or as the run. */
  browserId: string;
  /** The commands that do the same again. */
  commands?: Array<Record<string, unknown>> | null;
  endedAt?: string | null;
  /** Why it failed. */
  error?: string | null;
  /** Whether what its script points at is looked for by role and name where it moved. */
  heals: boolean;
  id: string;
  /** How long it was paused or waited for people until it went on last, in milliseconds. `timeout` does not count this. */
  idleTime: number;
  /** How many it may take. */
  maxSteps: number;
  /** Whether it holds still until somebody resumes it. */
  paused: boolean;
  requestedAt: string;
  /** The name of whoever asked for it. */
  requestedBy: string;
  /** The actions to do, as whoever asked for the run wrote them. */
  script?: Array<Record<string, unknown>> | null;
  /** In which session's browser, if not in one of its own. */
  sessionId?: string | null;
  /** How its last step was explained. */
  stage?: string | null;
  startedAt?: string | null;
  /** `PENDING`, `INPROGRESS`, `COMPLETED`, `FAILED` or `CANCELLED`. */
  status: string;
  /** How many steps it has taken. */
  stepCount: number;
  /** What is to be done, in words. */
  task?: string | null;
  /** How long it may take, in milliseconds. */
  timeout: number;
  /** The id of whoever asked for it. */
  userId: string;
  waiting?: (RunWait | null);
};

/** The run to be: a task, a script, or both. */
export type RunBody = {
  /** Who is to do it; of the connected agents that can, the one with the fewest runs if absent. */
  agentId?: string | null;
  /** Hosts that need none: `shop.example`, or `*.shop.example` with all below. At most 100. */
  allowedHosts?: Array<string>;
  /**
   * Whether what its browser sends away needs somebody's leave: each request but GET, HEAD and OPTIONS, and each page of
   * a host that is not among `allowedHosts`.
   */
  approval?: boolean;
  /** How many steps it may take; the configured number if absent, which is also the most. */
  maxSteps?: number | null;
  /**
   * The id of an ended run whose commands are done again, in place of a script. What they point at is looked for by role
   * and name where the page has changed.
   */
  replay?: string | null;
  /** The actions to do, in order, at most 256 KiB of JSON. */
  script?: Array<Record<string, unknown>> | null;
  /** In which session's browser; one of the run's own if absent. */
  sessionId?: string | null;
  /** What is to be done, in words, at most 16 KiB. */
  task?: string | null;
  /**
   * How long it may take in milliseconds; the configured time if absent, which is also the longest. The time in which it
   * is paused or waits for a person does not count.
   */
  timeout?: number | null;
};

export type RunCreated = {
  data: CreatedId;
  /** Always `success`. */
  status: string;
};

/** A refusal as it is sent. */
export type RunFailure = {
  /** What is the matter, and what to do about it. */
  message: string;
  /** Always `error`. */
  status: string;
};

export type RunReply = {
  run: Run;
};

/** One step of a run. */
export type RunStep = {
  /** What was done; `type` says what the rest is. */
  action: Record<string, unknown>;
  at: string;
  /** Why. */
  explanation: string;
  /** Whether there is a picture of the page. Old ones go. */
  hasScreenshot: boolean;
  /** From 1 without holes. */
  number: number;
};

/** What a run waits for. */
export type RunWait = {
  /** What an answer has to name. */
  id: string;
  /** `question`, which takes a reply, or `approval`, which takes a decision. */
  kind: string;
  /** The method of the request that is held back. */
  method?: string | null;
  since: string;
  /** The question, or what is about to be sent. */
  text: string;
  /** When the run goes on without an answer. */
  until?: string | null;
  /** Where it would go. */
  url?: string | null;
};

export type RunsReply = {
  /** What `before` has to be for the next page, if there is one. */
  next?: string | null;
  /** The newest first. */
  runs: Array<Run>;
};

export type SearchReply = {
  /** Newest first. */
  hits: Array<FoundOutput>;
  /** Where the next page begins, if there may be one. */
  next?: number | null;
};

/** A working directory on an agent with its workers. */
export type Session = (SessionKind & {
  /** The id of the agent on whose machine it is. */
  agent: string;
  /** ISO 8601. */
  createdAt: string;
  /** Its id. */
  id: string;
  /** What its first agent worker was asked to do. */
  initialPrompt?: string | null;
  /** The directory. */
  locationPath: string;
  /** Whether its agent is there. */
  status: SessionStatus;
  /** What people call it. */
  title?: string | null;
  /** Oldest first. */
  workers: Array<Worker>;
});

/** A session to be made. */
export type SessionBody = {
  /** On which agent; the only one that is connected if absent. */
  agentId?: string | null;
  /** Which kind of command line agent to begin with. */
  agentType?: string | null;
  continueConversation?: boolean | null;
  /** What that agent is asked to do. */
  initialPrompt?: string | null;
  /** The directory, absolute or beginning with `~/`. */
  locationPath: string;
  /** Of a worktree: of which repository. */
  repositoryId?: string | null;
  title?: string | null;
  /** `quick` or `worktree`. */
  type: string;
  /** Of a worktree: its branch. */
  worktreeId?: string | null;
};

/** What a session was made for. */
export type SessionKind = ({
  type: "quick";
} | {
  /** Of which repository. */
  repositoryId: string;
  type: "worktree";
  /** The branch that is checked out there. */
  worktreeId: string;
});

export type SessionReply = {
  session: Session;
};

/** How a session stands. */
export type SessionState = {
  agentId: string;
  /** When the token ends. */
  expiresAt?: string | null;
  isActive: boolean;
  /** Always: nothing is to be paid. */
  paymentVerified: boolean;
  sessionId: string;
  /** `active` as long as there is the session. */
  status: string;
  /** How long that is, in full minutes. */
  timeRemaining?: number | null;
  timestamp: string;
  /** For `/ws` and `/ws/view/{session}`; for operators, and for whoever has it already. */
  token?: string | null;
};

/** Whether a session's workers can be reached. */
export type SessionStatus = "active" | "inactive";

/** What is wrong with a session, if anything. */
export type SessionValidation = {
  issues: Array<Issue>;
  session: ValidatedSession;
  sessionId: string;
  valid: boolean;
};

export type SessionsReply = {
  sessions: Array<Session>;
};

/** What an agent is set to, as far as this server knows. */
export type SettingsReply = {
  action: string;
  agentId: string;
  settings: Record<string, unknown>;
  timestamp: string;
};

/** Somebody, signed in on one device. */
export type SignIn = {
  /** From which address it began; empty if that is not known. */
  address: string;
  /** When it began. */
  begunAt: string;
  /** When it ends if it is not renewed. */
  expiresAt: string;
  id: string;
  /** Whether it is the one that asks. */
  isCurrent: boolean;
  /** With which program, as that says itself; likewise. */
  program: string;
};

/** Everywhere somebody is signed in. */
export type SignIns = {
  /** The oldest first; at most 100. */
  signIns: Array<SignIn>;
};

export type Stats = {
  last24Hours: DayStats;
};

/** How an agent is. */
export type StatusBody = {
  /** What it is called; its id if absent. */
  name?: string | null;
  /** `online`, `busy`, `offline` or `error`. */
  status?: string | null;
};

export type StepsReply = {
  run: Run;
  /** What it has done, in order, without the pictures. */
  steps: Array<RunStep>;
};

export type StopBody = {
  /** Why, for the audit and for whoever waits. */
  reason?: string | null;
};

/** What became of each agent. */
export type StopReply = {
  agents: Array<StoppedAgent>;
  /** Whether every agent confirmed that nothing of it runs any more. */
  confirmed: boolean;
};

/** What became of one agent. */
export type StoppedAgent = {
  agentId: string;
  /** How many commands were ended for it. */
  commands?: number | null;
  /** Why it did not stop. */
  reason?: string | null;
  /** `stopped`, `refused` or `unreachable`. */
  result: string;
  /** How many workers were ended for it. */
  workers?: number | null;
};

/** A refusal as it is sent. */
export type StreamRefusal = {
  /** What is the matter, and what to do about it. */
  error: string;
  /** Nothing is ready for somebody who is refused. */
  ready: boolean;
  /**
   * `invalid`, `unauthorized`, `forbidden`, `not_found`, `conflict`, `expired`, `too_large`, `rate_limited` or
   * `unavailable`.
   */
  status: string;
  success: boolean;
};

/** Done. */
export type Success = {
  success: boolean;
};

/** An answer. */
export type Success_RunReply = ({
  run: Run;
} & {
  data: {
    run: Run;
  };
  /** Always `success`. */
  status: string;
});

/** An answer. */
export type Success_RunsReply = ({
  /** What `before` has to be for the next page, if there is one. */
  next?: string | null;
  /** The newest first. */
  runs: Array<Run>;
} & {
  data: {
    /** What `before` has to be for the next page, if there is one. */
    next?: string | null;
    /** The newest first. */
    runs: Array<Run>;
  };
  /** Always `success`. */
  status: string;
});

/** An answer. */
export type Success_StepsReply = ({
  run: Run;
  /** What it has done, in order, without the pictures. */
  steps: Array<RunStep>;
} & {
  data: {
    run: Run;
    /** What it has done, in order, without the pictures. */
    steps: Array<RunStep>;
  };
  /** Always `success`. */
  status: string;
});

export type TabBody = {
  /** `select`, `close` or `new`. */
  action: string;
  /** Which tab; not needed for a new one. */
  tab?: string | null;
  /** What to show in a new one. */
  url?: string | null;
};

/** A page of a browser. */
export type TabShape = {
  /** Whether it is in front. */
  active: boolean;
  id: string;
  title: string;
  url: string;
};

/** One task: a command, or a run. */
export type Task = {
  agentId: string;
  completedAt?: string | null;
  createdAt: string;
  /** What went wrong. */
  error?: string | null;
  id: string;
  /** `LOW`, `MEDIUM` or `HIGH`. */
  priority: string;
  /** How far it is in percent: 100 once it is done. */
  progress: number;
  result?: (TaskResult | null);
  sessionId: string;
  startedAt?: string | null;
  /** `PENDING`, `PROCESSING`, `COMPLETED` or `FAILED`. */
  status: string;
  /** What is to be done. */
  taskDescription: string;
  /** What its front ends know is one kind. */
  taskType: string;
};

/** How a task ended. */
export type TaskResult = {
  /** What a run found out. */
  answer?: string | null;
  /** How long it took, in milliseconds. */
  durationMs: number;
  /** Of a command. */
  exitCode?: number | null;
};

/** As a form, or as JSON. */
export type TokenBody = {
  device_code?: string | null;
  grant_type?: string | null;
};

export type TokenReply = {
  access_token: string;
  /** In seconds. */
  expires_in: number;
  refresh_token?: string | null;
  scope: string;
  token_type: string;
};

/** An answer. */
export type Told_ApiKey = ({
  agentId?: string | null;
  createdAt: string;
  /** The id of whoever made it. */
  createdBy: string;
  expiresAt?: string | null;
  id: string;
  /** Whether it counts. */
  isActive: boolean;
  lastUsedAt?: string | null;
  name: string;
  revokedAt?: string | null;
  /** `active`, `revoked` or `expired`. */
  status: string;
} & {
  /** One key, without the key itself. */
  data: {
    agentId?: string | null;
    createdAt: string;
    /** The id of whoever made it. */
    createdBy: string;
    expiresAt?: string | null;
    id: string;
    /** Whether it counts. */
    isActive: boolean;
    lastUsedAt?: string | null;
    name: string;
    revokedAt?: string | null;
    /** `active`, `revoked` or `expired`. */
    status: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_ApiKeys = ({
  count: number;
  /** Oldest first. */
  keys: Array<ApiKey>;
} & {
  data: {
    count: number;
    /** Oldest first. */
    keys: Array<ApiKey>;
  };
  success: boolean;
});

/** An answer. */
export type Told_AuditedAgents = ({
  /** The ids of all agents that an entry concerns. */
  agents: Array<string>;
} & {
  data: {
    /** The ids of all agents that an entry concerns. */
    agents: Array<string>;
  };
  success: boolean;
});

/** An answer. */
export type Told_EndedApiKey = ({
  id: string;
  message: string;
} & {
  /** What became of a key. */
  data: {
    id: string;
    message: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_Entry = ({
  /** Such as `24h`. */
  expiresIn: string;
  /** Whether nobody has an account yet, so that one should be made. */
  isFirst?: boolean;
  /** Good for one more token, once; only for people with an account. */
  refreshToken?: string | null;
  token: string;
  user: User;
} & {
  /** A token, and whose it is. */
  data: {
    /** Such as `24h`. */
    expiresIn: string;
    /** Whether nobody has an account yet, so that one should be made. */
    isFirst?: boolean;
    /** Good for one more token, once; only for people with an account. */
    refreshToken?: string | null;
    token: string;
    user: User;
  };
  success: boolean;
});

/** An answer. */
export type Told_MadeApiKey = ({
  /** The key itself. It is shown here and never again. */
  apiKey: string;
  createdAt: string;
  expiresAt?: string | null;
  id: string;
  message: string;
  name: string;
} & {
  /** A key that was just made. */
  data: {
    /** The key itself. It is shown here and never again. */
    apiKey: string;
    createdAt: string;
    expiresAt?: string | null;
    id: string;
    message: string;
    name: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_MadeCode = ({
  code: string;
  /** Such as `1h`. */
  expiresIn: string;
} & {
  /** A code that opens the page once. */
  data: {
    code: string;
    /** Such as `1h`. */
    expiresIn: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_Message = ({
  message: string;
} & {
  /** A sentence. */
  data: {
    message: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_MessageReply = ({
  action: string;
  agentId: string;
  /** What the gateway answered. */
  result: Record<string, unknown>;
  sessionId: string;
  timestamp: string;
} & {
  /** It was told. */
  data: {
    action: string;
    agentId: string;
    /** What the gateway answered. */
    result: Record<string, unknown>;
    sessionId: string;
    timestamp: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_MissionAgent = ({
  /** What it does, in at most 60 characters. */
  current_task?: string | null;
  id: string;
  last_activity: string;
  /** Where it runs, who reports it, and what its gateway says of it. */
  metadata: Record<string, unknown>;
  name: string;
  /** The session that was active last; empty if there is none. */
  session_id: string;
  started_at: string;
  /** `online`, `busy`, `offline` or `error`. */
  status: string;
  task_started_at?: string | null;
  /** How long its present link has lasted; 0 if it is away. */
  uptime_seconds: number;
} & {
  /** One agent. */
  data: {
    /** What it does, in at most 60 characters. */
    current_task?: string | null;
    id: string;
    last_activity: string;
    /** Where it runs, who reports it, and what its gateway says of it. */
    metadata: Record<string, unknown>;
    name: string;
    /** The session that was active last; empty if there is none. */
    session_id: string;
    started_at: string;
    /** `online`, `busy`, `offline` or `error`. */
    status: string;
    task_started_at?: string | null;
    /** How long its present link has lasted; 0 if it is away. */
    uptime_seconds: number;
  };
  success: boolean;
});

/** An answer. */
export type Told_MissionControlReply = ({
  action: string;
  agentId: string;
  /** Whether the agent confirmed it. */
  confirmed: boolean;
  /** In words. */
  message: string;
  timestamp: string;
} & {
  /** What was done. */
  data: {
    action: string;
    agentId: string;
    /** Whether the agent confirmed it. */
    confirmed: boolean;
    /** In words. */
    message: string;
    timestamp: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_MissionFleet = ({
  /** By id, offline ones included. */
  agents: Array<MissionAgent>;
  count: number;
  /** In ISO 8601. */
  timestamp: string;
} & {
  /** All agents. */
  data: {
    /** By id, offline ones included. */
    agents: Array<MissionAgent>;
    count: number;
    /** In ISO 8601. */
    timestamp: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_OneUser = ((User & {
  user: User;
}) & {
  /** One person, inside `user` and beside it. */
  data: (User & {
    user: User;
  });
  success: boolean;
});

/** An answer. */
export type Told_Reported = ({
  agentId: string;
  timestamp: string;
} & {
  /** A report was taken in. */
  data: {
    agentId: string;
    timestamp: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_SettingsReply = ({
  action: string;
  agentId: string;
  settings: Record<string, unknown>;
  timestamp: string;
} & {
  /** What an agent is set to, as far as this server knows. */
  data: {
    action: string;
    agentId: string;
    settings: Record<string, unknown>;
    timestamp: string;
  };
  success: boolean;
});

/** An answer. */
export type Told_Users = ({
  count: number;
  users: Array<User>;
} & {
  /** Several people. */
  data: {
    count: number;
    users: Array<User>;
  };
  success: boolean;
});

/** Somebody. */
export type User = {
  /** Absent for those whose token needs no account. */
  createdAt?: string | null;
  email?: string | null;
  id: string;
  lastLogin?: string | null;
  name: string;
  /** `admin`, `operator` or `viewer`. */
  role: string;
  username: string;
};

/** Several people. */
export type Users = {
  count: number;
  users: Array<User>;
};

/** People, the oldest account first. */
export type UsersPage = {
  /** How many there are on all pages. */
  count: number;
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
  users: Array<User>;
};

export type ValidatedSession = {
  locationPath: string;
  title?: string | null;
  type: string;
  worktreeId?: string | null;
};

export type ValidationReply = {
  hasIssues: boolean;
  results: Array<SessionValidation>;
};

/** What a token is to be. */
export type ViewerTokenBody = {
  /**
   * For how long it counts, such as `15m`; an hour if absent, a day at most, and never longer than the token that
   * asks.
   */
  expires?: string | null;
};

/** A token that shows one session's pictures and nothing else. */
export type ViewerTokenReply = {
  expiresAt: string;
  token: string;
  /** Where it counts, with the token in it. */
  url: string;
};

/** How large pages are, in CSS pixels. */
export type ViewportShape = {
  height: number;
  width: number;
};

/** One thing that waits for a person. */
export type WaitingItem = {
  agentId: string;
  /** `dismiss`, or `type` into the terminal. */
  answer: string;
  /**
   * `commandFailed`, `agentLost`, `agentTrouble`, `workerAsks`, `workerFailed`, `runFailed`, `runAsks` or
   * `runWantsApproval`.
   */
  reason: string;
  /** Of a worker: its session. */
  sessionId?: string | null;
  since: string;
  subjectId: string;
  /** `agent`, `command`, `run` or `worker`. */
  subjectType: string;
  /** For people. */
  text: string;
};

/** An address that is told. */
export type Webhook = {
  /** The one agent it is told of; all if absent. */
  agentId?: string | null;
  /** What it is told of. */
  events: Array<string>;
  /** Since when nothing arrived there, if that is so. */
  failingSince?: string | null;
  id: string;
  isActive: boolean;
  madeAt: string;
  madeBy: string;
  name: string;
  /** Until when the secret before this one signs as well. */
  oldSecretUntil?: string | null;
  /** Why it was turned off, if nobody did it by hand. */
  turnedOff?: string | null;
  url: string;
};

/** What is to be other than it is; the rest stays. */
export type WebhookChange = {
  /** `null` for all agents. */
  agentId?: string | null;
  events?: Array<string> | null;
  isActive?: boolean | null;
  name?: string | null;
  url?: string | null;
};

/** One piece of news on its way to a webhook. */
export type WebhookDelivery = {
  agentId?: string | null;
  /** When it happened. */
  at: string;
  attempts: number;
  /** When it arrived, or was given up. */
  endedAt?: string | null;
  /** The `webhook-id` that its receiver sees, the same at every attempt. */
  eventId: string;
  id: string;
  /** What was wrong last. */
  lastError?: string | null;
  /** The status of the last answer. */
  lastStatus?: number | null;
  /** When it is tried next. */
  nextAt?: string | null;
  /** `pending`, `delivered` or `failed`. */
  state: string;
  text: string;
  /** Such as `command.failed`. */
  type: string;
};

/** The webhook to be. */
export type WebhookDraft = {
  /** The one agent it is to be told of; all if absent. */
  agentId?: string | null;
  /** What it is to be told of: some of `attention`, `failed`, `offline`, `completed`. */
  events: Array<string>;
  /** For people; 1 to 100 bytes. */
  name: string;
  /** Where it is: `http` or `https`, without a user. */
  url: string;
};

export type WebhooksReply = {
  /** What `after` has to be for the next page, if there is one. */
  next?: string | null;
  /** The oldest first. */
  webhooks: Array<Webhook>;
};

/** A process in a terminal. */
export type Worker = (WorkerKind & {
  /** ISO 8601. */
  createdAt: string;
  /** Which life of it; grows with every restart. */
  epoch: number;
  /** How it ended, if it did. */
  exitCode?: number | null;
  /** Its id. */
  id: string;
  /** What people call it. */
  name: string;
  /** Whether its process lives. */
  state: WorkerState;
});

/** A worker to be added. */
export type WorkerBody = {
  /** Which kind of command line agent; the default one if absent. */
  agentType?: string | null;
  continueConversation?: boolean | null;
  /** What the agent is asked to do. */
  initialPrompt?: string | null;
  name?: string | null;
  /** `terminal` or `agent`. */
  type: string;
};

/** What runs in a worker's terminal. */
export type WorkerKind = ({
  /** The id of its agent type, such as `claude`. */
  agentId: string;
  type: "agent";
} | {
  type: "terminal";
});

export type WorkerReply = {
  worker: Worker;
};

/** Whether a worker's process lives. */
export type WorkerState = "starting" | "running" | "ended";

export type WorkersReply = {
  workers: Array<Worker>;
};

/** A worktree to be made. */
export type WorktreeBody = {
  agentId?: string | null;
  agentType?: string | null;
  /** Whether a session is made in it. */
  autoStartSession?: boolean | null;
  /** Where a new branch begins; at the repository's HEAD if absent. */
  baseBranch?: string | null;
  branch?: string | null;
  initialPrompt?: string | null;
  /** `custom`: a new branch of that name; `existing`: a branch that is there; `prompt`: a new one, named for you. */
  mode: string;
  title?: string | null;
};

export type WorktreeMade = {
  branchNameFallback?: (BranchNameFallback | null);
  session?: (Session | null);
  worktree: WorktreeShape;
};

/** A worktree. */
export type WorktreeShape = {
  branch: string;
  index?: number | null;
  isMain: boolean;
  path: string;
  repositoryId: string;
};

export type WorktreesReply = {
  worktrees: Array<WorktreeShape>;
};

/** A field that cannot be accepted. */
export type WrongField = {
  field: string;
  message: string;
};

/** All routes: what they take and what they answer. */
export interface Routes {
  /** Say what a session of an agent said last. An agent that is not known yet becomes known as online. */
  "POST /api/activity": { body: ActivityBody; answer: Told_Reported };
  /** The keys of agents: for operators those that they made, for administrators all. */
  "GET /api/agent-keys": { answer: Told_ApiKeys };
  /** Makes a key for agents and shows it, once. */
  "POST /api/agent-keys": { body: ApiKeyBody; answer: Told_MadeApiKey };
  /** Revokes a key and forgets it. */
  "DELETE /api/agent-keys/{key}": { path: { key: string }; answer: Told_EndedApiKey };
  /** One key. */
  "GET /api/agent-keys/{key}": { path: { key: string }; answer: Told_ApiKey };
  /** Revokes a key: it counts no longer, nor do those that agents enrolled with through it, and their sockets end. */
  "POST /api/agent-keys/{key}/revoke": { path: { key: string }; answer: Told_EndedApiKey };
  /** The kinds of command line agents there are. */
  "GET /api/agent-types": { answer: AgentKindsReply };
  /** Add a kind of command line agent. */
  "POST /api/agent-types": { body: AgentKindBody; answer: AgentKindReply };
  /** Forget a kind of command line agent that no live worker uses. */
  "DELETE /api/agent-types/{agentType}": { path: { agentType: string }; answer: Success };
  /** One kind of command line agent. */
  "GET /api/agent-types/{agentType}": { path: { agentType: string }; answer: AgentKindReply };
  /** Change a kind of command line agent. Workers that run go on as they were started. */
  "PATCH /api/agent-types/{agentType}": { path: { agentType: string }; body: AgentKindChange; answer: AgentKindReply };
  /** The newest hundred runs with their steps. */
  "GET /api/agent/all-runs": { answer: AllRuns };
  /** Make a run of a task. */
  "POST /api/agent/create-run": { body: ObjectiveBody; answer: RunCreated };
  /** An agent, and whether its newest session's pictures flow. */
  "GET /api/agent/{agent}/status": { path: { agent: string }; answer: AgentReply };
  /** Every agent, offline ones included. */
  "GET /api/agents": { answer: Told_MissionFleet };
  /** One agent: by its id, by a session's id, or by a part of its name. */
  "GET /api/agents/{agent}": { path: { agent: string }; answer: Told_MissionAgent };
  /** Tell an agent something. */
  "POST /api/agents/{agent}/message": { path: { agent: string }; body: MissionMessageBody; answer: Told_MessageReply };
  /** Have an agent begin a new life. Answered when it is back. */
  "POST /api/agents/{agent}/restart": { path: { agent: string }; answer: Told_MissionControlReply };
  /** What an agent is set to, as far as this server knows. */
  "GET /api/agents/{agent}/settings": { path: { agent: string }; answer: Told_SettingsReply };
  /** Say how an agent without a link is. It counts for `agents.reported_for`; a link counts more. */
  "POST /api/agents/{agent}/status": { path: { agent: string }; body: StatusBody; answer: Told_Reported };
  /** End every process of an agent and start nothing more of it. */
  "POST /api/agents/{agent}/stop": { path: { agent: string }; answer: Told_MissionControlReply };
  /** Who did what, newest first, for mission control's front ends. */
  "GET /api/audit-logs": { query: { userId?: string; action?: string; agentId?: string; subject?: string; result?: string; q?: string; from?: string; to?: string; limit?: number; before?: number; offset?: number; page?: number; pageSize?: number }; answer: AuditLogs };
  /** The agents that there are entries of. */
  "GET /api/audit-logs/agents": { answer: Told_AuditedAgents };
  /** What was done in the last 24 hours, counted. */
  "GET /api/audit-logs/stats": { answer: AuditStats };
  /** Make a code that opens the page once, as an administrator. */
  "POST /api/auth/codes": { answer: Told_MadeCode };
  /** A program wants in: it shows the code and the address, and asks for its token until somebody types the code there. */
  "POST /api/auth/device/authorize": { answer: Authorization };
  /** Let the program in that shows this code, to act as oneself. */
  "POST /api/auth/device/confirm": { body: ConfirmBody; answer: Told_Message };
  /** A program asks whether it was let in, and gets its token if so. */
  "POST /api/auth/device/token": { body: TokenBody; answer: TokenReply };
  /** Get a token for the code of a link. */
  "POST /api/auth/exchange": { body: CodeBody; answer: Told_Entry };
  /** Sign in with a password. */
  "POST /api/auth/login": { body: LoginBody; answer: Told_Entry };
  /** End this token, the sign-in it belongs to, and the sockets of that. */
  "POST /api/auth/logout": { answer: Told_Message };
  /** Who one is, and what one may do now. */
  "GET /api/auth/me": { answer: Told_OneUser };
  /** Get the next token. Each refresh token is good once; showing it again ends the sign-in. */
  "POST /api/auth/refresh": { body: RefreshBody; answer: Told_Entry };
  /** Make an account for oneself, where `people.self_registration` allows it. It is a viewer's, whatever was asked for. */
  "POST /api/auth/register": { body: AccountBody; answer: Told_OneUser };
  /** Make a token for a session: it opens `/ws` for that agent and session, and that session's pictures. */
  "POST /api/auth/token": { body: TokenBody; answer: TokenReply };
  /** The same for the page of an automation. */
  "POST /api/automation/{session}/execute": { path: { session: string }; body: AutomationBody; answer: ExecuteReply };
  /** The same for the page of an automation. */
  "GET /api/automation/{session}/status": { path: { session: string }; answer: AutomationReply };
  /** What a page has to know before it draws anything. */
  "GET /api/config": { query: { agentId?: string }; answer: ConfigReply };
  /** A token for front ends that send one with each form. Nothing here needs it. */
  "GET /api/csrf-token": { answer: CsrfReply };
  /** The registered repositories. */
  "GET /api/repositories": { answer: RepositoriesReply };
  /** Register a git repository. */
  "POST /api/repositories": { body: RepositoryBody; answer: RepositoryReply };
  /** Forget a repository; nothing is deleted on its agent. */
  "DELETE /api/repositories/{repository}": { path: { repository: string }; answer: Success };
  /** The branches of a repository. */
  "GET /api/repositories/{repository}/branches": { path: { repository: string }; answer: Branches };
  /** The worktrees of a repository, the repository itself first. */
  "GET /api/repositories/{repository}/worktrees": { path: { repository: string }; answer: WorktreesReply };
  /** Make a worktree, and a session in it if asked for. */
  "POST /api/repositories/{repository}/worktrees": { path: { repository: string }; body: WorktreeBody; answer: WorktreeMade };
  /** Remove a worktree: its sessions' processes end, then the folder goes, then its sessions. */
  "DELETE /api/repositories/{repository}/worktrees/{path}": { path: { repository: string; path: string }; query: { force?: string }; answer: Success };
  /** Runs, the newest first. */
  "GET /api/runs": { query: { agentId?: string; userId?: string; status?: string; before?: string; limit?: number }; answer: Success_RunsReply };
  /** Make a run. */
  "POST /api/runs": { body: RunBody; answer: Success_RunReply };
  /** One run with its steps, live or ended. */
  "GET /api/runs/{run}": { path: { run: string }; query: { after?: number; limit?: number }; answer: Success_StepsReply };
  /** Cancel a run: one that waits at once, one that is under way as soon as its agent has ended it. */
  "POST /api/runs/{run}/cancel": { path: { run: string }; body: CancelBody; answer: Success_RunReply };
  /** Allow or refuse what a run wants to send. */
  "POST /api/runs/{run}/decision": { path: { run: string }; body: DecisionBody; answer: Success_RunReply };
  /** Have a run hold still, under way or waiting for its place. */
  "POST /api/runs/{run}/pause": { path: { run: string }; answer: Success_RunReply };
  /** Answer what a run asks. */
  "POST /api/runs/{run}/reply": { path: { run: string }; body: ReplyBody; answer: Success_RunReply };
  /** Have a paused run go on. */
  "POST /api/runs/{run}/resume": { path: { run: string }; answer: Success_RunReply };
  /** How the page looked at a step. */
  "GET /api/runs/{run}/steps/{step}/screenshot": { path: { run: string; step: string }; answer: Response };
  /** Whether a session's pictures flow. It tells nothing else, and takes no token. */
  "GET /api/session-status": { query: { session: string }; answer: ReadyReply };
  /** A session, by its own id or its agent's; with a token for its sockets for those who may have one. */
  "GET /api/session/{session}": { path: { session: string }; answer: SessionState };
  /** What was asked of a session's agent and what came of it, as a conversation, oldest first. */
  "GET /api/session/{session}/command-history": { path: { session: string }; answer: Array<Message> };
  /** Have a session's agent do something in the session's folder. */
  "POST /api/session/{session}/execute": { path: { session: string }; body: ExecuteBody; answer: ExecuteReply };
  /** The tasks of a session's agent, newest first, at most a hundred. */
  "GET /api/session/{session}/tasks": { path: { session: string }; answer: Array<Task> };
  /** Every session. */
  "GET /api/sessions": { answer: SessionsReply };
  /** Make a session. */
  "POST /api/sessions": { body: SessionBody; answer: SessionReply };
  /** Which sessions lost their directory, repository or branch. */
  "GET /api/sessions/validate": { answer: ValidationReply };
  /** End a session's workers and forget it. Its directory stays. */
  "DELETE /api/sessions/{session}": { path: { session: string }; answer: Success };
  /** One session. */
  "GET /api/sessions/{session}": { path: { session: string }; answer: SessionReply };
  /** Change a session's title, or rename the branch in its worktree. */
  "PATCH /api/sessions/{session}": { path: { session: string }; body: ChangeBody; answer: ChangeReply };
  /** The branches of the repository that a session is in. */
  "GET /api/sessions/{session}/branches": { path: { session: string }; answer: Branches };
  /** Forget a session that lost its place. */
  "DELETE /api/sessions/{session}/invalid": { path: { session: string }; answer: Success };
  /** The workers of a session. */
  "GET /api/sessions/{session}/workers": { path: { session: string }; answer: WorkersReply };
  /** Add a worker to a session and start it. */
  "POST /api/sessions/{session}/workers": { path: { session: string }; body: WorkerBody; answer: WorkerReply };
  /** End a worker and take it out of its session. */
  "DELETE /api/sessions/{session}/workers/{worker}": { path: { session: string; worker: string }; answer: Success };
  /** End a worker's process if it lives, and begin another one. */
  "POST /api/sessions/{session}/workers/{worker}/restart": { path: { session: string; worker: string }; body: RestartBody; answer: WorkerReply };
  /** One task. */
  "GET /api/task/{task}": { path: { task: string }; answer: Task };
  /** Everybody who has an account. `count` is how many there are in all. */
  "GET /api/users": { query: { limit?: number; offset?: number }; answer: Told_Users };
  /** Give somebody an account. */
  "POST /api/users": { body: AccountBody; answer: Told_OneUser };
  /** Take an account away, with its tokens and open sockets. */
  "DELETE /api/users/{user}": { path: { user: string }; answer: Told_Message };
  /** One account. */
  "GET /api/users/{user}": { path: { user: string }; answer: Told_OneUser };
  /** Replace a password; it ends every sign-in and token of that person. */
  "PUT /api/users/{user}/password": { path: { user: string }; body: PasswordBody; answer: Told_Message };
  /** The same. */
  "PATCH /api/users/{user}/role": { path: { user: string }; body: RoleBody; answer: Told_OneUser };
  /** Let somebody do more, or less. */
  "PUT /api/users/{user}/role": { path: { user: string }; body: RoleBody; answer: Told_OneUser };
  /** Every agent, offline ones included, by id. */
  "GET /api/v1/agents": { query: { status?: string; type?: string; q?: string; after?: string; limit?: number }; answer: AgentsReply };
  /** One agent. */
  "GET /api/v1/agents/{agent}": { path: { agent: string }; answer: Agent };
  /** End an agent's limit. */
  "DELETE /api/v1/agents/{agent}/budget": { path: { agent: string }; answer: undefined };
  /** What an agent may do in an hour, and what it did in the last one. */
  "GET /api/v1/agents/{agent}/budget": { path: { agent: string }; answer: BudgetReply };
  /** Limit what an agent may do in an hour. */
  "PUT /api/v1/agents/{agent}/budget": { path: { agent: string }; body: BudgetBody; answer: BudgetBody };
  /** Type a message into a worker, followed by Enter. For an agent without a link, whoever reports it passes it on. */
  "POST /api/v1/agents/{agent}/message": { path: { agent: string }; body: MessageBody; answer: ControlReply };
  /** Start nothing more of an agent's queue; what runs goes on. */
  "POST /api/v1/agents/{agent}/pause": { path: { agent: string }; answer: ControlReply };
  /** How an agent's machine was in the last while. */
  "GET /api/v1/agents/{agent}/resources": { path: { agent: string }; answer: ResourcesReply };
  /** Have an agent begin a new life. Answered when it is back. */
  "POST /api/v1/agents/{agent}/restart": { path: { agent: string }; answer: ControlReply };
  /** Let an agent go on that was paused or stopped. */
  "POST /api/v1/agents/{agent}/resume": { path: { agent: string }; answer: ControlReply };
  /** End every process of an agent and start nothing more. Answered when the agent confirmed it. */
  "POST /api/v1/agents/{agent}/stop": { path: { agent: string }; answer: StopReply };
  /** What waits for a person. */
  "GET /api/v1/attention": { query: { after?: string; limit?: number }; answer: AttentionReply };
  /** Say that something was seen; it waits no longer. */
  "DELETE /api/v1/attention/{subjectType}/{subjectId}": { path: { subjectType: string; subjectId: string }; answer: undefined };
  /** Who did what, newest first. */
  "GET /api/v1/audit": { query: { userId?: string; action?: string; agentId?: string; subject?: string; result?: string; q?: string; from?: string; to?: string; limit?: number; before?: number }; answer: AuditReply };
  /** Who did what, as a file, newest first. */
  "GET /api/v1/audit/export": { query: { format: string; userId?: string; action?: string; agentId?: string; subject?: string; result?: string; q?: string; from?: string; to?: string; limit?: number; before?: number }; answer: Response };
  /** Every browser. */
  "GET /api/v1/browsers": { answer: BrowsersReply };
  /** Commands, the newest first: live ones, and those that ended however long ago. */
  "GET /api/v1/commands": { query: { agentId?: string; status?: string; requestedBy?: string; from?: string; to?: string; q?: string; before?: string; limit?: number }; answer: CommandsReply };
  /** Queue a command on an agent. */
  "POST /api/v1/commands": { body: CommandBody; answer: Command };
  /** One command, live or ended. */
  "GET /api/v1/commands/{command}": { path: { command: string }; answer: Command };
  /** End a command: one that waits at once, one that runs as soon as its processes are gone. */
  "POST /api/v1/commands/{command}/interrupt": { path: { command: string }; body: InterruptBody; answer: Command };
  /** Move a command that waits, inside its class. */
  "POST /api/v1/commands/{command}/move": { path: { command: string }; body: MoveBody; answer: Command };
  /** What a command wrote, a page at a time. */
  "GET /api/v1/commands/{command}/output": { path: { command: string }; query: { from?: number; limit?: number; stream?: string; format?: string; wait?: string }; answer: OutputReply };
  /** End every process of all agents and start nothing more. Answered when each has confirmed it or cannot be reached. */
  "POST /api/v1/emergency-stop": { body: (StopBody | null); answer: StopReply };
  /** The keys of agents: for operators those that they made, for administrators all. */
  "GET /api/v1/keys": { query: { after?: string; limit?: number }; answer: KeysReply };
  /** Makes a key for agents and shows it, once. */
  "POST /api/v1/keys": { body: KeyDraftBody; answer: MadeKey };
  /** Revokes a key and forgets it. A forgotten key that an agent enrolled with frees the agent's id. */
  "DELETE /api/v1/keys/{key}": { path: { key: string }; answer: KeyEnded };
  /** One key. */
  "GET /api/v1/keys/{key}": { path: { key: string }; answer: AgentKey };
  /** Revokes a key: it counts no longer, nor do those that agents enrolled with through it, and their sockets end. */
  "POST /api/v1/keys/{key}/revoke": { path: { key: string }; answer: KeyEnded };
  /** Every preset. */
  "GET /api/v1/presets": { query: { after?: string; limit?: number }; answer: PresetsReply };
  /** Keep a command line under a name. */
  "POST /api/v1/presets": { body: PresetBody; answer: PresetShape };
  /** Forget a preset. */
  "DELETE /api/v1/presets/{preset}": { path: { preset: string }; answer: undefined };
  /** One preset. */
  "GET /api/v1/presets/{preset}": { path: { preset: string }; answer: PresetShape };
  /** Put another command line in a preset's place. */
  "PUT /api/v1/presets/{preset}": { path: { preset: string }; body: PresetBody; answer: PresetShape };
  /** Output by its words, newest first. */
  "GET /api/v1/search": { query: { q: string; sessionId?: string; workerId?: string; agentId?: string; before?: number; limit?: number }; answer: SearchReply };
  /** Sessions, the oldest first. */
  "GET /api/v1/sessions": { query: { agentId?: string; q?: string; after?: string; limit?: number }; answer: OwnSessionsReply };
  /** Make a session. */
  "POST /api/v1/sessions": { body: SessionBody; answer: Session };
  /** End a session's workers and forget it. Its directory stays. */
  "DELETE /api/v1/sessions/{session}": { path: { session: string }; answer: undefined };
  /** One session. */
  "GET /api/v1/sessions/{session}": { path: { session: string }; answer: Session };
  /** Change a session's title, or rename the branch in its worktree. */
  "PATCH /api/v1/sessions/{session}": { path: { session: string }; body: ChangeBody; answer: Session };
  /** Close a session's browser, with all that it knows. */
  "DELETE /api/v1/sessions/{session}/browser": { path: { session: string }; answer: undefined };
  /** A session's browser. */
  "GET /api/v1/sessions/{session}/browser": { path: { session: string }; answer: BrowserReply };
  /** Open a session's browser, or show an address in the one that is open. */
  "POST /api/v1/sessions/{session}/browser": { path: { session: string }; body: OpenBody; answer: BrowserReply };
  /** Show another page in a browser's active tab. */
  "POST /api/v1/sessions/{session}/browser/go": { path: { session: string }; body: GoBody; answer: BrowserReply };
  /** Have a browser's pages in another size. */
  "POST /api/v1/sessions/{session}/browser/resize": { path: { session: string }; body: ResizeBody; answer: BrowserReply };
  /** Do something with a browser's tabs. */
  "POST /api/v1/sessions/{session}/browser/tabs": { path: { session: string }; body: TabBody; answer: BrowserReply };
  /** Every recording of a session's pictures, the oldest first. */
  "GET /api/v1/sessions/{session}/recordings": { path: { session: string }; answer: RecordingsReply };
  /** Record a session's pictures from now on. */
  "POST /api/v1/sessions/{session}/recordings": { path: { session: string }; answer: RecordingReply };
  /** Throw a recording away. */
  "DELETE /api/v1/sessions/{session}/recordings/{recording}": { path: { session: string; recording: string }; answer: undefined };
  /** One recording, and what pictures it has. */
  "GET /api/v1/sessions/{session}/recordings/{recording}": { path: { session: string; recording: string }; answer: RecordingWithPictures };
  /** A recording as a tar archive: `index.json`, then each picture as a file. */
  "GET /api/v1/sessions/{session}/recordings/{recording}/export": { path: { session: string; recording: string }; answer: Response };
  /** One picture of a recording; the first is 0. */
  "GET /api/v1/sessions/{session}/recordings/{recording}/pictures/{picture}": { path: { session: string; recording: string; picture: string }; answer: Response };
  /** End a recording. What it has is kept. */
  "POST /api/v1/sessions/{session}/recordings/{recording}/stop": { path: { session: string; recording: string }; answer: RecordingReply };
  /** Make a token that shows a session's pictures, for somebody without an account. */
  "POST /api/v1/sessions/{session}/viewer-token": { path: { session: string }; body: ViewerTokenBody; answer: ViewerTokenReply };
  /** The workers of a session, the oldest first. */
  "GET /api/v1/sessions/{session}/workers": { path: { session: string }; query: { after?: string; limit?: number }; answer: OwnWorkersReply };
  /** Add a worker to a session and start it. */
  "POST /api/v1/sessions/{session}/workers": { path: { session: string }; body: WorkerBody; answer: Worker };
  /** End a worker and take it out of its session. */
  "DELETE /api/v1/sessions/{session}/workers/{worker}": { path: { session: string; worker: string }; answer: undefined };
  /** One worker. */
  "GET /api/v1/sessions/{session}/workers/{worker}": { path: { session: string; worker: string }; answer: Worker };
  /** What a worker's terminal printed, a page at a time, by positions in its log. */
  "GET /api/v1/sessions/{session}/workers/{worker}/output": { path: { session: string; worker: string }; query: { from?: number; limit?: number; epoch?: number; format?: string }; answer: OutputReply };
  /** The recording of a worker's present life, in asciicast v3. */
  "GET /api/v1/sessions/{session}/workers/{worker}/recording": { path: { session: string; worker: string }; answer: Response };
  /** End a worker's process if it lives, and begin another one. */
  "POST /api/v1/sessions/{session}/workers/{worker}/restart": { path: { session: string; worker: string }; body: RestartBody; answer: Worker };
  /** Everybody who has an account. */
  "GET /api/v1/users": { query: { after?: string; limit?: number }; answer: UsersPage };
  /** Give somebody an account. */
  "POST /api/v1/users": { body: AccountBody; answer: User };
  /** Take an account away, with its tokens and open sockets. */
  "DELETE /api/v1/users/{user}": { path: { user: string }; answer: undefined };
  /** One account. */
  "GET /api/v1/users/{user}": { path: { user: string }; answer: User };
  /** Replace a password; it ends every sign-in and token of that person. */
  "PUT /api/v1/users/{user}/password": { path: { user: string }; body: PasswordBody; answer: undefined };
  /** Let somebody do more, or less. */
  "PUT /api/v1/users/{user}/role": { path: { user: string }; body: RoleBody; answer: User };
  /** Sign somebody out everywhere; `me` is oneself. Their open sockets of these sign-ins end at once. */
  "DELETE /api/v1/users/{user}/sign-ins": { path: { user: string }; answer: undefined };
  /** Where somebody is signed in; `me` is oneself. Others' sign-ins take an administrator. */
  "GET /api/v1/users/{user}/sign-ins": { path: { user: string }; answer: SignIns };
  /** Sign somebody out on one device; `me` is oneself. Their open sockets of this sign-in end at once. */
  "DELETE /api/v1/users/{user}/sign-ins/{signIn}": { path: { user: string; signIn: string }; answer: undefined };
  /** Every webhook. */
  "GET /api/v1/webhooks": { query: { after?: string; limit?: number }; answer: WebhooksReply };
  /** Make a webhook. The answer has the secret that signs what it is told, here and never again. */
  "POST /api/v1/webhooks": { body: WebhookDraft; answer: MadeWebhook };
  /** Forget a webhook, and what waits for it. */
  "DELETE /api/v1/webhooks/{webhook}": { path: { webhook: string }; answer: undefined };
  /** One webhook. */
  "GET /api/v1/webhooks/{webhook}": { path: { webhook: string }; answer: Webhook };
  /** Change some of a webhook. Turning it off gives up what waits for it. */
  "PATCH /api/v1/webhooks/{webhook}": { path: { webhook: string }; body: WebhookChange; answer: Webhook };
  /** What a webhook is to be told and was told last, newest first. */
  "GET /api/v1/webhooks/{webhook}/deliveries": { path: { webhook: string }; query: { limit?: number; before?: string }; answer: DeliveriesReply };
  /** Send something that has ended once more, under the same id. */
  "POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver": { path: { webhook: string; delivery: string }; answer: MadeDelivery };
  /** Sign with a new secret from now on. For a day, what is sent carries the signature of the old one as well. */
  "POST /api/v1/webhooks/{webhook}/rotate": { path: { webhook: string }; answer: RotatedSecret };
  /** Send something that says that it is a test. */
  "POST /api/v1/webhooks/{webhook}/test": { path: { webhook: string }; answer: MadeDelivery };
}

/** Routes that answer in pages, and the field of the query that takes `next`. */
export const PAGED_ROUTES = {
  "GET /api/audit-logs": "before",
  "GET /api/runs": "before",
  "GET /api/runs/{run}": "after",
  "GET /api/v1/agents": "after",
  "GET /api/v1/attention": "after",
  "GET /api/v1/audit": "before",
  "GET /api/v1/commands": "before",
  "GET /api/v1/keys": "after",
  "GET /api/v1/presets": "after",
  "GET /api/v1/search": "before",
  "GET /api/v1/sessions": "after",
  "GET /api/v1/sessions/{session}/workers": "after",
  "GET /api/v1/users": "after",
  "GET /api/v1/webhooks": "after",
  "GET /api/v1/webhooks/{webhook}/deliveries": "before",
} as const;

/** Routes that do a request once, however often it comes under the same key. */
export const KEYED_ROUTES = {
  "POST /api/v1/agents/{agent}/message": true,
  "POST /api/v1/agents/{agent}/pause": true,
  "POST /api/v1/agents/{agent}/restart": true,
  "POST /api/v1/agents/{agent}/resume": true,
  "POST /api/v1/agents/{agent}/stop": true,
  "POST /api/v1/commands": true,
  "POST /api/v1/commands/{command}/interrupt": true,
  "POST /api/v1/commands/{command}/move": true,
  "POST /api/v1/emergency-stop": true,
  "POST /api/v1/keys": true,
  "POST /api/v1/keys/{key}/revoke": true,
  "POST /api/v1/presets": true,
  "POST /api/v1/sessions": true,
  "POST /api/v1/sessions/{session}/browser": true,
  "POST /api/v1/sessions/{session}/browser/go": true,
  "POST /api/v1/sessions/{session}/browser/resize": true,
  "POST /api/v1/sessions/{session}/browser/tabs": true,
  "POST /api/v1/sessions/{session}/recordings": true,
  "POST /api/v1/sessions/{session}/recordings/{recording}/stop": true,
  "POST /api/v1/sessions/{session}/viewer-token": true,
  "POST /api/v1/sessions/{session}/workers": true,
  "POST /api/v1/sessions/{session}/workers/{worker}/restart": true,
  "POST /api/v1/users": true,
  "POST /api/v1/webhooks": true,
  "POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver": true,
  "POST /api/v1/webhooks/{webhook}/rotate": true,
  "POST /api/v1/webhooks/{webhook}/test": true,
} as const;

/** Routes whose answer is a file. */
export const STREAMED_ROUTES = {
  "GET /api/runs/{run}/steps/{step}/screenshot": true,
  "GET /api/v1/audit/export": true,
  "GET /api/v1/sessions/{session}/recordings/{recording}/export": true,
  "GET /api/v1/sessions/{session}/recordings/{recording}/pictures/{picture}": true,
  "GET /api/v1/sessions/{session}/workers/{worker}/recording": true,
} as const;
