import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** One process to keep alive. Paths are absolute. */
export interface Program {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Rewritten, atomically, at every start. */
  readonly pidFile: string;
  readonly logFile: string;
  /** `cgroup.procs` of the group it belongs to; null: ours. */
  readonly groupFile: string | null;
}

export interface SupervisorConfig {
  readonly restartDelayMs: number;
  readonly programs: readonly Program[];
}

/**
 * Starts programs and starts them again when they end: `node supervisor.ts <config.json>`.
 * All children stay in our process group, so that whoever ends the group ends everything.
 */
const configPath = process.argv[2];
if (configPath === undefined) throw new Error('usage: supervisor.ts <config.json>');
const config = JSON.parse(readFileSync(configPath, 'utf8')) as SupervisorConfig;
const children = new Map<string, ChildProcess>();
let stopping = false;

function start(program: Program): void {
  if (stopping) return;
  const [command, ...args] = program.argv;
  if (command === undefined) return;
  const log = openSync(program.logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...program.env } });
  closeSync(log);
  children.set(program.name, child);
  if (child.pid !== undefined) {
    // Long before it opens a connection: a connection belongs to the group its process was in then.
    if (program.groupFile !== null) writeFileSync(program.groupFile, String(child.pid));
    writePid(program.pidFile, child.pid);
  }
  const again = (what: string): void => {
    if (stopping || children.get(program.name) !== child) return;
    children.delete(program.name);
    process.stdout.write(`${new Date().toISOString()} ${program.name} ended (${what})\n`);
    setTimeout(() => start(program), config.restartDelayMs);
  };
  child.once('error', (error) => again(error.message));
  child.once('exit', (code, signal) => again(signal ?? `code ${code}`));
}

function writePid(path: string, pid: number): void {
  writeFileSync(`${path}.new`, `${pid}\n`);
  renameSync(`${path}.new`, path);
}

function stop(): void {
  stopping = true;
  // Not SIGTERM: a fault may have frozen one of them, and nothing here is worth a farewell.
  for (const child of children.values()) child.kill('SIGKILL');
  process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
for (const program of config.programs) start(program);
