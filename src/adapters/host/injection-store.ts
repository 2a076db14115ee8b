import { mkdirSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/injection/records.ts';
import type { AgentHeartbeat, Halt, InjectionSpec, InjectionStatus, Permit } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { InjectionStore, Read } from '../../ports/injections.ts';
import { systemClock } from '../../ports/clock.ts';
import { createPermitLooks } from '../records/permit-looks.ts';
import { takeAllClaims } from '../records/taking-claims.ts';
import { createClaimPlace, releaseClaims } from './claims.ts';
import { createConfirmations } from './confirmations.ts';
import { createDurably, exists, hasCode, syncDirectory, touchDurably, writeDurably } from './durable-file.ts';
import { reach, readRecord, recordIds, recordPath, unreachable } from './record-file.ts';
import { haltSchema, heartbeatSchema, permitSchema, specSchema, statusSchema } from '../records/schemas.ts';

export const recordDirectories = [
  'specs',
  'status',
  'permits',
  'confirmed-injected',
  'confirmed-reverted',
  'agents',
  'claims',
  'journal',
] as const;

/** Records as files under one state directory, which is made when it is missing. One JSON file per record and writer. */
export function createInjectionStore(directory: string): InjectionStore {
  makeDirectories(directory);
  const folder = (name: (typeof recordDirectories)[number]): string => join(directory, name);
  const [specs, statuses, permits] = [folder('specs'), folder('status'), folder('permits')];
  const [agents, claims] = [folder('agents'), folder('claims')];
  const looks = createPermitLooks();
  const confirmations = createConfirmations(directory);
  const claimPlace = createClaimPlace(claims);
  const haltPath = join(directory, 'halt.json');
  const readSpec = createSpecReader();
  const hasEnded = async (id: string): Promise<boolean> => {
    const status = await readStatus(recordPath(statuses, id));
    return status !== null && !isCorrupt(status) && isTerminal(status.phase);
  };

  return {
    async writeSpec(spec) {
      const path = recordPath(specs, spec.id);
      if (await reach(path, () => createDurably(path, encode(spec)))) return;
      const stored = await readSpec(path);
      if (stored === null || isCorrupt(stored) || !isDeepStrictEqual(stored, JSON.parse(encode(spec)))) {
        throw new AppError(
          'internal/bug',
          `Injection "${spec.id}" is already written with another content. Ids are never reused`,
        );
      }
    },
    async readSpecs(except) {
      const ids = (await recordIds(specs)).filter((id) => except?.has(id) !== true);
      const read = await Promise.all(ids.map((id) => readSpec(join(specs, `${id}.json`))));
      return read.filter((spec) => spec !== null);
    },
    // A file is not asked whether it may be deleted: a spec that is gone is a revert.
    readWithdrawn: () => Promise.resolve([]),
    writeStatus: (status) => write(recordPath(statuses, status.id), status),
    readStatus: (id) => readStatus(recordPath(statuses, id)),
    async readStatuses(wanted) {
      const ids = wanted ?? (await recordIds(statuses));
      const read = await Promise.all(ids.map((id) => readStatus(recordPath(statuses, id))));
      return read.filter((status) => status !== null);
    },
    writePermit: (permit) => writePermit(recordPath(permits, permit.runId), permit),
    readPermit: (runId) => readPermit(recordPath(permits, runId), runId),
    async lookAtPermit(runId) {
      const began = systemClock.monotonic();
      return looks.note(runId, await readPermit(recordPath(permits, runId), runId), began);
    },
    writeConfirmation: (confirmation) => confirmations.write(confirmation),
    readConfirmation: (id, word) => confirmations.read(id, word),
    async writeHalt(halt) {
      // The file alone is a halt, and a full disk takes an empty one: who and why may be lost, the halt may not.
      await reach(haltPath, () => touchDurably(haltPath));
      await write(haltPath, halt).catch(() => {});
    },
    async liftHalt() {
      await reach(haltPath, () => rm(haltPath, { force: true }));
      await reach(directory, () => syncDirectory(directory));
    },
    readHalt: () => readHalt(haltPath),
    writeHeartbeat: (heartbeat) => write(recordPath(agents, heartbeat.name), heartbeat),
    async readHeartbeats() {
      const ids = await recordIds(agents);
      const read = await Promise.all(
        ids.map((id) => readRecord(join(agents, `${id}.json`), heartbeatSchema, (heartbeat) => heartbeat.name)),
      );
      return read.filter((heartbeat): heartbeat is AgentHeartbeat => heartbeat !== null && !isCorrupt(heartbeat));
    },
    takeClaims: (id, wanted) => takeAllClaims(claimPlace, id, wanted, hasEnded),
    releaseClaims: (id) => releaseClaims(claims, id),
  };
}

function readStatus(path: string): Promise<Read<InjectionStatus> | null> {
  return readRecord(path, statusSchema, (status) => status.id);
}

/**
 * A revert is a file of its own beside the permit: no watcher that comes back late writes over it, and a full disk takes it,
 * for it is empty. What the permit says of it besides is for people.
 */
const revertMark = (permitPath: string): string => permitPath.replace(/json$/, 'revert');

async function writePermit(path: string, permit: Permit): Promise<void> {
  if (permit.revert) await reach(path, () => touchDurably(revertMark(path)));
  await write(path, permit).catch((error: unknown) => {
    if (!permit.revert) throw error;
  });
}

async function readPermit(path: string, runId: string): Promise<Read<Permit> | null> {
  const read = await readRecord(path, permitSchema, (permit) => permit.runId);
  if ((read !== null && isCorrupt(read)) || !(await reach(path, () => exists(revertMark(path))))) return read;
  return { schemaVersion: 1, runId, generation: 0, renewal: 0, releasedStage: 0, freeze: false, ...read, revert: true };
}

function makeDirectories(directory: string): void {
  try {
    for (const name of recordDirectories) mkdirSync(join(directory, name), { recursive: true });
  } catch (error) {
    throw unreachable(directory, error);
  }
}

/** A spec never changes, so it is parsed once; its file is still looked at each time, for a damaged one must be noticed. */
function createSpecReader(): (path: string) => Promise<Read<InjectionSpec> | null> {
  const known = new Map<string, { readonly version: string; readonly spec: InjectionSpec }>();
  return async (path) => {
    const version = await stat(path, { bigint: true }).then(
      (file) => `${file.ino} ${file.mtimeNs} ${file.size}`,
      () => null,
    );
    const seen = known.get(path);
    if (seen !== undefined && seen.version === version) return seen.spec;
    const read = await readRecord(path, specSchema, (spec) => spec.id);
    if (read === null || isCorrupt(read) || version === null) known.delete(path);
    else known.set(path, { version, spec: read });
    return read;
  };
}

async function readHalt(path: string): Promise<Halt | null> {
  try {
    const parsed = haltSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
  }
  const at = await stat(path).then(
    (file) => file.mtime,
    () => new Date(),
  );
  return { by: 'unknown', why: `${path} exists and says nothing more`, at: at.toISOString() };
}

function write(path: string, record: object): Promise<void> {
  return reach(path, () => writeDurably(path, encode(record)));
}

function encode(record: object): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
