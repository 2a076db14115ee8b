import type { z } from 'zod';
import type { Confirmation, ConfirmationWord } from '../domain/injection/confirmation.ts';
import type { Operation } from '../domain/injection/state.ts';
import type { JsonObject } from '../domain/json.ts';
import type { AgentKind, ByHand, TargetKind, TargetRef } from '../domain/plan/plan.ts';
import type { ApiNeed, ClusterTools } from './cluster-tools.ts';
import type { NodeTools } from './node-tools.ts';

export type EffectClass = 'held' | 'event' | 'pulsed';
export type Lifetime = 'process' | 'netns' | 'boot' | 'persistent';

/** What an agent lends to a fault. The fault itself opens nothing else. */
export interface FaultContext {
  /** Aborted when the injection must stop where it is: revert follows. */
  readonly signal: AbortSignal;
  readonly injectionId: string;
  readonly log: (message: string, data?: JsonObject) => void;
  /** Stores a further piece of undo, durably, before the change it undoes is made (pulses, partial progress). */
  readonly journal: (delta: JsonObject) => Promise<void>;
  /** What a person has said of this injection; null: nobody has yet. Errors: `record/corrupt`, `upstream/unreachable`. */
  readonly confirmation: (word: ConfirmationWord) => Promise<Confirmation | null>;
  readonly host: HostTools;
  /** The cluster's API; null but in the cluster's agent. Ask `clusterOf`. */
  readonly cluster: ClusterTools | null;
  /** Containers of the node; null but in a node's agent. Ask `nodeOf`. */
  readonly node: NodeTools | null;
  /** Resolves a secret reference (`env:NAME` or `file:/path`) in the agent, so that no record ever holds one. */
  readonly secret: (ref: string) => Promise<string>;
  readonly policy: AgentPolicy;
}

export interface CommandOptions {
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** All that it reads; nothing when absent. It is started at once and waits for it, and its time counts from then. */
  readonly input?: Promise<string>;
}

/** The process environment, as data in and data out. */
export interface HostTools {
  /** Never a shell: an argument list. Output is cut at `maxOutputBytes`; the process group is killed at `timeoutMs`. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Sends a signal; false when the process is gone. Refuses when `startTime` differs: another process has its pid now. */
  signal(process: ProcessRef, signal: NodeJS.Signals): boolean;
  /** null when gone, or when the pid belongs to another process now. */
  isAlive(process: ProcessRef): boolean;
  /** The process that has this pid now; null when there is none, or only a zombie. */
  readProcess(pid: number): ProcessRef | null;
  /**
   * One of our helper programs (`src/agent/<name>/main.ts`) that dies with the agent: there is a way between the two, a pipe or a
   * connection to a runner, and it ends when that closes. `config` goes that way, so it may hold what no argument list may. Errors:
   * `part/died`, `upstream/unreachable` while no runner is there, and what the helper says of its target.
   */
  startHelper(name: string, config: JsonObject): Promise<HelperProcess>;
  /** One JSON line to a unix socket, one back. Errors: `part/missing` (nobody listens), `upstream/unreachable` (no answer). */
  askSocket(path: string, message: JsonObject, timeoutMs?: number): Promise<JsonObject>;
  /** On a connection of its own, without redirects. Any status is an answer. Errors: `upstream/unreachable`. */
  http(
    request: HttpRequest,
    options?: { timeoutMs?: number; maxOutputBytes?: number; signal?: AbortSignal },
  ): Promise<HttpAnswer>;
  readonly files: FileTools;
  readonly isRoot: boolean;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** From before the connection was opened to the end of the answer. */
  readonly elapsedMs: number;
}

/** Errors are Node's, with their `code` (`ENOENT`, `ENOSPC` …). */
export interface FileTools {
  /** With every symbolic link resolved. */
  realPath(path: string): Promise<string>;
  readText(path: string): Promise<string>;
  /** Of the file system that holds `path`; `free` is what an unprivileged process may still take. */
  space(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number; readonly device: number }>;
  /** null when there is none. Follows no link. */
  stat(path: string): Promise<FileStat | null>;
  /** Makes the file, or grows it, to exactly `bytes` of real blocks. A link in its place is never followed. */
  allocate(path: string, bytes: number, signal: AbortSignal): Promise<void>;
  shrink(path: string, bytes: number): Promise<void>;
  /** Harmless when it is gone. */
  remove(path: string): Promise<void>;
  /** For its owner only. Harmless when it is there. Errors: `EEXIST` where a link or a file has its name. */
  makeDirectory(path: string): Promise<void>;
  /** With all that is in it. A link in its place, or in it, is never followed. Harmless when it is gone. */
  removeDirectory(path: string): Promise<void>;
  /** How many ms a small write takes to be on the disk: of a new file of that name, which has none any more before it is written. */
  timeWrite(path: string): Promise<number>;
}

export interface FileStat {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Blocks that are really taken, in bytes. */
  readonly allocatedBytes: number;
  readonly sizeBytes: number;
}

/** A pid alone is reused by the kernel; with its start time it is one process. */
export interface ProcessRef {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, in clock ticks since boot. */
  readonly startTime: string;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface HelperProcess {
  /** One JSON question, one JSON answer. Errors: `part/died`, at once, when it ends before it answers. */
  ask(message: JsonObject, timeoutMs?: number): Promise<JsonObject>;
  /** Resolves when it is gone; may be asked again. Errors: `upstream/unreachable` when its end was not seen. */
  stop(): Promise<void>;
}

/** The agent's own policy file: it refuses what breaks it, whoever asks. */
export interface AgentPolicy {
  /** Why nothing is allowed at all: what was written could not be read. Absent: it could. */
  readonly closedFor?: string;
  readonly environment: string;
  readonly allowFaults: readonly string[];
  /** Of a host. */
  readonly allowServices: readonly string[];
  /** Of a cluster, whose services are named by those who plan; absent: none. */
  readonly allowNamespaces?: readonly string[];
  /** Namespaces that nothing opens, whatever is allowed. */
  readonly denyNamespaces?: readonly string[];
  /** Nodes that node faults may act on, by name or as `prefix*`; absent: none. */
  readonly allowNodes?: readonly string[];
  readonly maxDurationSeconds: number;
  readonly leaseSeconds: { readonly min: number; readonly max: number };
  readonly diskFill: { readonly allowPaths: readonly string[]; readonly floorBytes: number };
  readonly pool: { readonly reserveConnections: number };
  /** The most requests that an injection may send; absent: none. */
  readonly surge?: { readonly maxPerSecond: number };
  /** Addresses (IPv4:PORT) whose callers may be redirected; absent: none. */
  readonly redirect?: { readonly allowAddresses: readonly string[] };
  /**
   * What hooks may use. A command is a whole argument list, word for word as hooks write it, placeholders included; a word alone
   * is a program with any arguments. A URL is a prefix.
   */
  readonly hook: {
    readonly allowCommands: readonly (string | readonly string[])[];
    readonly allowUrls: readonly string[];
    readonly timeoutSeconds: number;
  };
}

/** What verify read from the outside. `present: false` from verify, or `true` from verifyReverted, means: not yet. */
export interface Evidence {
  readonly present: boolean;
  /** One sentence with the number that was measured. */
  readonly summary: string;
  readonly data: JsonObject;
  /** From verify: why the fault took its effect back by itself, to keep a limit of its own, or lost it with a helper of ours. */
  readonly gaveBack?: string;
}

/** One way to break one target, and the way back. Everything that crosses is plain JSON. */
export interface Fault<Params extends JsonObject = JsonObject, Undo extends JsonObject = JsonObject> {
  /** = file = registry key = YAML value = docs page. */
  readonly name: string;
  readonly summary: string;
  readonly effect: EffectClass;
  /** Optional: where the class depends on the parameters (a kill is an event, a kill every 10 s is pulsed). Ask `effectOf`. */
  effectFor?(params: Params): EffectClass;
  /** Optional: whether pods end or restart by it while it is held. An event and a pulse always count as if they did. Ask `disrupts`. */
  disruptsWhileHeld?(params: Params): boolean;
  /** Optional: it asks a person, who makes it true and false in place of its agent. */
  byHand?(params: Params): ByHand;
  /** What the effect at most ends with, when no agent reverts it: of the ways in which this fault may be carried out, the longest. */
  readonly lifetime: Lifetime;
  /** Optional: of this injection, by what its undo says; where that is shorter. */
  lifetimeFor?(undo: Undo): Lifetime;
  readonly targets: readonly TargetKind[];
  /** Who carries it out: on a host its agent; in a cluster one of the others. */
  readonly agents: readonly AgentKind[];
  /** What the cluster's API must allow for it; RBAC is generated from this. */
  readonly needs?: readonly ApiNeed[];
  /** Input is what people write (`200ms`), output is plain JSON with units in the names. */
  readonly params: z.ZodType<Params>;
  /**
   * Optional: reads an undo that an agent of another version may have kept, and fills in what that one did not know. Absent: it is
   * taken as it is. What it does not read is reverted by no one but that version, and is loudly open till then.
   */
  readonly undo?: z.ZodType<Undo>;
  claims(target: TargetRef, params: Params): readonly string[];
  /** Reads what `revert` will need. Changes nothing; may run again. Throws AppError when it cannot be done safely. */
  prepare(context: FaultContext, target: TargetRef, params: Params): Promise<Undo>;
  /** Everything slow, with no effect yet. After it, `inject` is one short step. */
  arm?(context: FaultContext, target: TargetRef, params: Params, undo: Undo): Promise<void>;
  /** Obeys context.signal; journals each further change before it is made. */
  inject(context: FaultContext, target: TargetRef, params: Params, undo: Undo): Promise<void>;
  /** Reads the effect back from the outside: measured, not assumed. */
  verify(context: FaultContext, target: TargetRef, params: Params, undo: Undo): Promise<Evidence>;
  /** Runs even when `inject` failed, timed out or never started, perhaps by another process; may run twice. */
  revert(context: FaultContext, target: TargetRef, undo: Undo): Promise<void>;
  verifyReverted(context: FaultContext, target: TargetRef, undo: Undo): Promise<Evidence>;
  /**
   * Optional: keeps a held effect true and safe while active (floors, relays). Called every second, also in a frozen run. A fault
   * that gave its effect back, to keep a limit of its own, answers why: the injection ends by that, and nobody else did it.
   */
  hold?(context: FaultContext, target: TargetRef, params: Params, undo: Undo): Promise<string | undefined>;
  /** Optional: the next pulse, or the next step of a ramp. Called every second while active, and not while the run is frozen. */
  adjust?(context: FaultContext, target: TargetRef, params: Params, undo: Undo): Promise<void>;
  /**
   * Optional: the ms that one call may take, where the agent's own patience is too short; less than that changes nothing. Asked
   * with the parameters, and for a revert and its read-back with the undo. The agent bounds it by its policy and the deadline.
   */
  patienceMs?(operation: Operation, given: Params | Undo): number;
}

/** The class of this fault with these parameters. */
export function effectOf(fault: Pick<Fault, 'effect' | 'effectFor'>, params: JsonObject): EffectClass {
  return fault.effectFor?.(params) ?? fault.effect;
}

/** Whether pods end or restart by it with these parameters, so that disruption budgets and what else runs on a node count. */
export function disrupts(fault: Pick<Fault, 'effect' | 'effectFor' | 'disruptsWhileHeld'>, params: JsonObject): boolean {
  return effectOf(fault, params) !== 'held' || (fault.disruptsWhileHeld?.(params) ?? false);
}
