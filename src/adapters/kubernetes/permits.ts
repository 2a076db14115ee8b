import { AppError } from '../../domain/errors.ts';
import type { Permit } from '../../domain/injection/records.ts';
import type { Clock } from '../../ports/clock.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { PermitLook, Read } from '../../ports/injections.ts';
import type { KubeApi, KubeResource } from '../../ports/kubernetes.ts';
import { createPermitLooks } from '../records/permit-looks.ts';
import { objectName } from './record-names.ts';
import { objectOfPermit, permitOf } from './record-objects.ts';
import type { Watched } from './watched.ts';

/** Renewals come every second or two: the younger the look before one, the more of the lease is left. */
const lookAgainMs = 500;

export interface PermitOptions {
  readonly watched: Watched;
  readonly clock: Clock;
  /** A look has shown something new: there is more to read. */
  readonly onLook: () => void;
}

/** One Permit object per run. */
export function createPermits(api: KubeApi, permits: KubeResource, { watched, clock, onLook }: PermitOptions) {
  const looks = createPermitLooks();
  const looking = new Set<string>();
  /** Of these something was told while a look was under way, whose answer may be older. */
  const overtaken = new Set<string>();

  const read = async (runId: string): Promise<{ permit: Read<Permit> | null; version: string | undefined }> => {
    const found = await api.get(permits, objectName(runId));
    return { permit: found === null ? null : permitOf(found), version: found?.metadata.resourceVersion };
  };
  const versions = new Map<string, string | undefined>();

  /** Never waited for: a server that does not answer must not keep an agent from what it knows. */
  const lookAgain = async (runId: string): Promise<void> => {
    if (looking.has(runId)) return;
    looking.add(runId);
    const began = clock.monotonic();
    try {
      const { permit, version } = await read(runId);
      const before = looks.last(runId)?.look;
      const look = looks.note(runId, permit, began);
      versions.set(runId, version);
      if (look !== before) onLook();
    } catch {
      // What could not be asked renews nothing.
    } finally {
      looking.delete(runId);
      if (overtaken.delete(runId)) void lookAgain(runId);
    }
  };

  return {
    async write(permit: Permit): Promise<void> {
      const name = objectName(permit.runId);
      const { revert, ...rest } = permit;
      const { runId: _runId, ...spec } = rest;
      // Only a revert is said: that there is none is not for a late writer to say.
      const body = { spec: revert ? { ...spec, revert } : spec };
      const patched = await api.patch(permits, name, { type: 'merge', body });
      if (patched.ok) return;
      if (patched.status === 404) {
        const created = await api.create(permits, objectOfPermit(permit));
        if (created.ok) return;
        if (created.status !== 409) throw refused(permit.runId, created.message);
        // Another writer made it in between: with what it wrote, ours is a change of it.
        const again = await api.patch(permits, name, { type: 'merge', body });
        if (again.ok) return;
      }
      if (!revert) throw refused(permit.runId, patched.message);
      // A newer watcher holds the permit, and a revert counts from whomever it comes.
      const reverted = await api.patch(permits, name, { type: 'merge', body: { spec: { revert } } });
      if (!reverted.ok) throw refused(permit.runId, reverted.message);
    },

    read: async (runId: string): Promise<Read<Permit> | null> => (await read(runId)).permit,

    async look(runId: string): Promise<PermitLook> {
      const seen = (await watched.read()).get(objectName(runId));
      if (seen === undefined) {
        looks.forget(runId);
        versions.delete(runId);
        return { permit: null, since: clock.monotonic() };
      }
      const permit = permitOf(seen);
      const last = looks.last(runId);
      if (isCorrupt(permit) || permit.revert) return { permit, since: last?.look.since ?? clock.monotonic() };
      const changed = versions.get(runId) !== seen.metadata.resourceVersion;
      // What was heard counts from the look before it, as what is asked for does: a release waits for no question.
      const heard = changed ? looks.hear(runId, permit, clock.monotonic()) : null;
      if (heard !== null) versions.set(runId, seen.metadata.resourceVersion);
      const unclear = changed && heard === null;
      if (unclear && looking.has(runId)) overtaken.add(runId);
      else if (last === null || unclear || clock.monotonic() - last.began > lookAgainMs) void lookAgain(runId);
      return heard ?? last?.look ?? { permit: null, since: clock.monotonic() };
    },
  };
}

function refused(runId: string, message: string): AppError {
  return new AppError('upstream/refused', `The permit of run "${runId}" was not stored: ${message}. Another watcher may hold it`);
}
