import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, messageOf } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject, KubeResource, Selection } from '../../ports/kubernetes.ts';
import { createReflector } from './reflector.ts';
import type { Change, Reflector } from './reflector.ts';

/** A collection that is watched from its first use on, and that is never read when it is old. */
export interface Watched {
  /** Errors: `upstream/unreachable`, `cluster/forbidden` when it cannot be said what is there now. */
  read(): Promise<ReadonlyMap<string, KubeObject>>;
  onChange(listener: (change: Change) => void): () => void;
  close(): void;
}

export interface WatchedOptions extends Selection {
  readonly quietMs: number;
  readonly clock: Clock;
}

export function createWatched(api: KubeApi, resource: KubeResource, options: WatchedOptions): Watched {
  let reflector: Reflector | null = null;
  const start = (): Reflector => (reflector ??= createReflector(api, resource, options));
  const tooOldMs = options.quietMs * 2;

  return {
    async read() {
      const { synced, ageMs, problem, current } = start();
      if (ageMs() > tooOldMs) await Promise.race([synced, sleep(options.quietMs, undefined, { ref: false })]);
      if (ageMs() <= tooOldMs) return current();
      const cause = problem();
      if (isAppError(cause)) throw cause;
      const why = cause === null ? '' : `: ${messageOf(cause)}`;
      throw new AppError(
        'upstream/unreachable',
        `The API server ${api.server} has said nothing about ${resource.resource} for ${tooOldMs / 1000} s${why}. Check that it runs`,
      );
    },
    onChange: (listener) => start().onChange(listener),
    close: () => reflector?.close(),
  };
}
