import { AppError } from '../../domain/errors.ts';
import type { RedisLook } from './redis-limit.ts';

/** What is asked of a Redis. */
export interface WantedLimit {
  readonly maxBytes: number;
  /** null: as it is. */
  readonly policy: string | null;
  readonly floorRatio: number;
  readonly allowOom: boolean;
}

/** Errors: `target/none` where the limit would limit nothing; `policy/denied` where more would break than keys are evicted. */
export function refuseUnsafeLimit(where: string, { settings, figures }: RedisLook, wanted: WantedLimit): void {
  const { maxBytes, floorRatio, allowOom } = wanted;
  const refuse = (why: string): AppError => new AppError('policy/denied', `${where} ${why}`);
  if (!figures.primary) {
    throw new AppError('target/none', `${where} is a replica: it evicts what its primary does. Name a connection to the primary`);
  }
  const limit = Number(settings.maxmemory);
  if (limit > 0 && maxBytes >= limit) {
    throw new AppError('target/none', `${where} has a limit of ${size(limit)} already. Ask for less than that`);
  }
  const policy = wanted.policy ?? settings['maxmemory-policy'];
  if (policy === 'noeviction' && !allowOom) {
    throw refuse(
      'evicts nothing (noeviction), so its writes would fail. Give policy, or allowOom: true if that is what is tried',
    );
  }
  if (policy.startsWith('volatile-') && figures.expiringKeys === 0 && !allowOom) {
    throw refuse(
      `evicts only keys with an expiry (${policy}) and has none, so its writes would fail. Give policy, or allowOom: true`,
    );
  }
  // The limit is given back at the first refused write: where none is counted, none would be seen.
  if (!figures.countsRefusals && !allowOom) {
    throw refuse(
      'does not count the writes that it refuses, so they could not be watched. Use Redis 6.2 or later, or give allowOom: true',
    );
  }
  const least = figures.startupBytes + floorRatio * Math.max(0, figures.usedBytes - figures.startupBytes);
  if (maxBytes < least) {
    throw refuse(
      `would lose more than the floor keeps: its keys and the server itself take ${size(figures.usedBytes)}. Ask for ${size(least)} or more, or lower floor`,
    );
  }
}

export function size(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
