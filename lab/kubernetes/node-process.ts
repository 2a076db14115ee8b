import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { runToEnd } from '../host/programs.ts';
import { isAlive, readStat, type ProcessIdentity } from '../host/process-identity.ts';
import { unplug } from './bridge.ts';
import { makeNodeGroups, removeNodeGroups } from './cgroups.ts';
import { readJson, writeJson } from './json-file.ts';
import { nodeDirectory, programDirectory } from './layout.ts';
import { until } from './step.ts';

const ENDS_WITHIN_MS = 10_000;
const BOOTS_WITHIN_MS = 10_000;

/** A node that was started: what enters its namespaces, and what waits for it outside. */
interface NodeProcess {
  readonly init: ProcessIdentity;
  readonly keeper: ProcessIdentity;
}

const recordOf = (node: string): string => join(nodeDirectory(node), 'process.json');

/** The process 1 of a node, as this machine numbers it; null when the node is off. */
export function nodeInit(node: string): number | null {
  const record = readJson<NodeProcess>(recordOf(node));
  return record !== null && isAlive(record.init) ? record.init.pid : null;
}

/** How the first process of a node comes to be. */
export interface Boot {
  /** A script of the folder `node`. */
  readonly script: string;
  /** As `unshare` calls them; mount and pid always are. */
  readonly namespaces: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Plugs the node into the lab's network; `pid` is its first process. */
  plugIn(pid: number): Promise<void>;
}

/** Boots a node with the disks it has. Does nothing when it is on. Errors: `part/died`, with the log that says why. */
export async function bootNode(node: string, boot: Boot): Promise<void> {
  if (nodeInit(node) !== null) return;
  const folder = nodeDirectory(node);
  for (const name of ['upper', 'work', 'root', 'etc']) mkdirSync(join(folder, name), { recursive: true });
  const groups = await makeNodeGroups(node);
  const keeper = spawnKeeper(node, boot, groups);
  const init = await until(`the first process of node ${node}`, BOOTS_WITHIN_MS, () => {
    if (!isAlive(keeper)) throw new AppError('part/died', `node ${node} ended at once. See ${join(folder, 'console.log')}`);
    const children = readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8').trim();
    return children === '' ? null : identify(Number(children));
  });
  writeJson(recordOf(node), { init, keeper } satisfies NodeProcess);
  await boot.plugIn(init.pid);
}

/** The process that makes the namespaces and waits for what is in them. */
function spawnKeeper(node: string, boot: Boot, groups: readonly string[]): ProcessIdentity {
  const folder = nodeDirectory(node);
  // Into its groups first: what is its group when the namespace is made is the root of it.
  const script = 'for file in $GROUP_FILES; do echo $$ > "$file"; done; exec "$@"';
  const namespaces = ['mount', 'pid', ...boot.namespaces].map((name) => `--${name}`);
  const unshare = ['unshare', ...namespaces, '--fork', '--kill-child=KILL', '--propagation=private'];
  const log = openSync(join(folder, 'console.log'), 'a');
  const child = spawn('bash', ['-c', script, node, ...unshare, 'bash', join(import.meta.dirname, 'node', boot.script)], {
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...boot.environment,
      PATH: process.env['PATH'],
      GROUP_FILES: groups.join(' '),
      NODE: node,
      FOLDER: folder,
      PROGRAMS: programDirectory(),
    },
  });
  closeSync(log);
  child.unref();
  return identify(child.pid);
}

function identify(pid: number | undefined): ProcessIdentity {
  const stat = pid === undefined ? null : readStat(pid);
  if (pid === undefined || stat === null) throw new AppError('part/died', 'a process of the lab ended before it began');
  return { pid, startTime: stat.startTime };
}

/** Power loss: the kernel ends everything in the node with its first process. Nothing when it is off. */
export async function killNode(node: string): Promise<void> {
  const record = readJson<NodeProcess>(recordOf(node));
  if (record !== null) {
    if (isAlive(record.init)) process.kill(record.init.pid, 'SIGKILL');
    await until(`the end of node ${node}`, ENDS_WITHIN_MS, () => (!isAlive(record.init) && !isAlive(record.keeper)) || null);
    rmSync(recordOf(node));
  }
  await unplug(node);
  await removeNodeGroups(node);
}

/** Runs a program inside of a node. Errors: `part/died` when it is off. */
export async function runInNode(node: string, argv: readonly string[], input?: string): Promise<string> {
  const pid = nodeInit(node);
  if (pid === null)
    throw new AppError('part/died', `node ${node} is off. Start it: node lab/kubernetes/main.ts node start ${node}`);
  const inside = ['nsenter', '--target', String(pid), '--all', '--', 'env', 'PATH=/lab/bin:/usr/sbin:/usr/bin', ...argv];
  return runToEnd(input === undefined ? inside : ['bash', '-c', 'exec "${@:2}" < "$1"', 'bash', input, ...inside]);
}
