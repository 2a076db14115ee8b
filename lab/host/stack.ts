import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { unmountVolume } from './audit-volume.ts';
import {
  buildAlertmanager,
  buildDatabase,
  buildPrometheus,
  buildTemporal,
  partNames,
  programsOf,
  type PartName,
  type Site,
} from './build-parts.ts';
import { makeCallerGroup, removeCallerGroup } from './caller-group.ts';
import { writeEnvironmentFile, writePolicyFile } from './environment-file.ts';
import { findNft } from './nft.ts';
import { type PartRecord, startPart, stopPart } from './part.ts';
import { fetchMissing } from './program.ts';
import { isAlive } from './process-identity.ts';
import { chooseStackPorts, type StackPorts } from './stack-ports.ts';
import { readStackRecord, removeStackRecord, writeStackRecord } from './stack-record.ts';

const DEFAULT_DIRECTORY = '.lab';
const DEFAULT_RATE = 120;
/** Made anew by each start; `state` and `runs` are the product's and stay. */
const disposable = ['postgres', 'prometheus', 'alertmanager', 'pids', 'links', 'secrets', 'volumes', 'logs'];

export interface StackOptions {
  /** Where everything of this stack lies; `.lab` by default. Stacks in different folders live side by side. */
  readonly directory?: string;
  /** All by default. `payments` needs `postgres`. */
  readonly parts?: readonly PartName[];
  /** Payments per second; 120 by default. */
  readonly rate?: number;
  /** Called with each line of progress. */
  readonly report?: (line: string) => void;
}

/** A running stack. Files and folders are absolute. */
export interface Stack {
  readonly directory: string;
  readonly environmentFile: string;
  readonly policyFile: string;
  readonly ports: StackPorts;
  readonly parts: readonly PartRecord[];
  stop(): Promise<void>;
}

/**
 * Starts the demo stack as local processes on 127.0.0.1 and returns when every part is ready. What was started is ended
 * again when one part fails. Errors: `lock/held` when a stack is up in that folder, `part/missing`, `part/died`,
 * `upstream/unreachable`.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const directory = resolve(options.directory ?? DEFAULT_DIRECTORY);
  const report = options.report ?? (() => {});
  const wanted = new Set(options.parts ?? partNames);
  prepareDirectory(directory);
  await fetchMissing(programsOf(wanted), report);
  // Not needed to be up, only to redirect: what it lacks is said and nothing more.
  if (wanted.has('payments')) await findNft(report);

  const ports = await chooseStackPorts();
  const parts: PartRecord[] = [];
  const mounts: string[] = [];
  const folders: string[] = [];
  const record = (): void => writeStackRecord(directory, { parts, mounts, folders });
  let stopping = false;
  const site: Site = {
    directory,
    ports,
    rate: options.rate ?? DEFAULT_RATE,
    callers: makeCallerGroup(directory),
    report,
    logFile: (part) => join(directory, 'logs', `${part}.log`),
    owns: (mount) => {
      mounts.push(mount);
      record();
    },
    ownsFolder: (folder) => {
      folders.push(folder);
      record();
    },
    start: async (command) => {
      const beganAt = performance.now();
      const started = (part: PartRecord): void => {
        parts.push(part);
        record();
      };
      await startPart(command, started, (what) => {
        if (!stopping) report(what);
      });
      report(`${command.name} is up at ${command.address} after ${((performance.now() - beganAt) / 1000).toFixed(1)} s`);
    },
  };
  const environmentFile = writeEnvironmentFile(directory, ports, site.callers);

  // All are waited for, also after a failure: a part that starts while we clear up would be left behind.
  const endings = await Promise.allSettled(builds(site, wanted));
  const failure = endings.find((ending) => ending.status === 'rejected');
  if (failure !== undefined) {
    stopping = true;
    await stopStack({ directory });
    throw failure.reason;
  }
  // Last: what may be filled depends on what could be mounted.
  const policyFile = writePolicyFile(directory, ports);
  const stop = (): Promise<void> => {
    stopping = true;
    return stopStack({ directory, report });
  };
  return { directory, environmentFile, policyFile, ports, parts, stop };
}

function builds(site: Site, wanted: ReadonlySet<PartName>): Promise<void>[] {
  const withPayments = wanted.has('payments');
  const list: Promise<void>[] = [];
  if (wanted.has('temporal')) list.push(buildTemporal(site));
  if (wanted.has('alertmanager')) list.push(buildAlertmanager(site));
  const database = wanted.has('postgres') || withPayments ? buildDatabase(site, withPayments) : Promise.resolve();
  list.push(database);
  // After the services: what is measured while they start would be alerts about nothing.
  if (wanted.has('prometheus')) list.push(database.then(() => buildPrometheus(site, withPayments)));
  return list;
}

function prepareDirectory(directory: string): void {
  const record = readStackRecord(directory);
  if (record !== null) {
    const alive = record.parts.filter(isAlive).length;
    throw new AppError(
      'lock/held',
      `a stack was started in ${directory} (${alive} of its ${record.parts.length} parts are alive). End it first: lab down`,
    );
  }
  for (const name of disposable) rmSync(join(directory, name), { recursive: true, force: true });
  for (const name of ['logs', 'state', 'runs']) mkdirSync(join(directory, name), { recursive: true });
  // PostgreSQL may run as another user, who must be able to reach its own folder below.
  chmodSync(directory, 0o755);
}

/** Ends exactly what was started in that folder, whoever started it. Logs and runs stay. Nothing up is fine. */
export async function stopStack(options: Pick<StackOptions, 'directory' | 'report'> = {}): Promise<void> {
  const directory = resolve(options.directory ?? DEFAULT_DIRECTORY);
  const record = readStackRecord(directory);
  if (record === null) return;
  // Last started first: nothing then complains about what it needs being gone.
  for (const part of record.parts.toReversed()) {
    await stopPart(part);
    options.report?.(`${part.name} ended`);
  }
  for (const mount of record.mounts) await unmountVolume(mount);
  for (const folder of record.folders) rmSync(folder, { recursive: true, force: true });
  removeCallerGroup(directory);
  removeStackRecord(directory);
}
