// The `reload/*` messages, as src/lsp/protocol of the server documents them. Nothing else.

export const PROTOCOL = 1;

export type State =
  | "untrusted"
  | "misconfigured"
  | "paused"
  | "building"
  | "buildFailed"
  | "crashed"
  | "restarting"
  | "starting"
  | "ready"
  | "finished"
  | "stopped"
  | "idle";

export interface FirstError {
  uri: string | null;
  line: number;
  character: number;
  message: string;
}

export interface Build {
  generation: number;
  phase: "running" | "stopping" | "passed" | "unchanged" | "failed" | "stopped";
  startedAt: string;
  elapsedMs: number;
  errors: number;
  warnings: number;
  exitCode: number | null;
  notStarted?: string;
  first: FirstError[];
}

export interface LastExit {
  run: number;
  code: number | null;
  signal: number | null;
  notStarted: string | null;
  asked: boolean;
  at: string;
}

export interface Run {
  id: number;
  generation: number;
  phase: "starting" | "ready" | "stopping";
  pid: number | null;
  urls: string[];
  upMs: number;
  crashes: number;
  lastExit: LastExit | null;
}

export interface LastReload {
  generation: number;
  settleMs: number;
  buildMs: number;
  stopMs: number;
  startMs: number;
  readyMs: number;
  totalMs: number;
}

export interface Service {
  name: string;
  state: State;
  message: string;
  stale: boolean;
  pending: boolean;
  trigger: { origin: string; reason: string | null; files: string[]; count: number; at: string } | null;
  build: Build | null;
  tasks: { command: string; pending: boolean; last: Build | null }[];
  run: Run | null;
  crashes: number;
  lastExit: LastExit | null;
  waiting: { why: string; since: string; until: string | null } | null;
  lastReload: LastReload | null;
  suspended: string[];
}

export interface Snapshot {
  protocol: number;
  seq: number;
  root: string;
  state: State;
  message: string;
  trust: { state: "allowed" | "asking" | "denied"; plan: string | null; commands: string[]; before: string[] | null };
  errors: string[];
  services: Service[];
  watch: { mode: string; directories: number; polled: number; complete: boolean; degraded: string | null };
}

export interface Entry {
  n: number;
  at: string;
  service: string;
  from: "run" | "build" | "task" | "reload";
  task?: string;
  stream: "stdout" | "stderr";
  generation: number;
  text: string;
}

export interface Log {
  root: string;
  entries: Entry[];
  dropped: number;
}

export interface Lines extends Log {
  next: number;
}

/** Which service, and something in its root; without them all. */
export interface Target {
  service?: string;
  uri?: string;
}

export interface Explanation {
  text: string;
}

export const STATUS = "reload/status";
export const LOG = "reload/log";
export const GET_LOG = "reload/getLog";
export const EXPLAIN = "reload/explain";
export const HOLD = "reload/hold";
export const RELEASE = "reload/release";
/** Requests that take a target and are accepted at once. */
export const ACTIONS = ["build", "restart", "start", "stop", "pause", "resume"] as const;
export type Action = (typeof ACTIONS)[number];
