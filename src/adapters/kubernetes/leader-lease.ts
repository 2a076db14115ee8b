import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../domain/errors.ts';
import { isoOf } from '../../ports/clock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject } from '../../ports/kubernetes.ts';
import type { Log } from '../../ports/log.ts';
import { recordResources } from './record-names.ts';

/** Others wait this long after the last renewal they saw. */
const leaseMs = 6_000;
/** The leader stops this long before that: what it had begun must be over when another begins. */
const marginMs = 1_000;
const renewEveryMs = 1_500;
/** A slow answer counts, from when it was asked for: only one that hangs is given up for another. */
const answerMs = 2_500;
/** One that is not fit lets others go first for so long: a whole lease, after which they may take it, and two looks of theirs. */
const othersFirstMs = leaseMs + 2_000;

/** The time that one process leads. */
export interface Term {
  /** Aborted before another process can lead. */
  readonly lost: AbortSignal;
  /** By the clock: after a pause of the process, what had waited goes on before any timer tells `lost`. */
  holds(): boolean;
  /** Hands over at once. */
  resign(): Promise<void>;
}

export interface LeaderLeaseOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly name: string;
  /** This process, among all that want to lead: a pod's name. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether it has what a leader needs. One that has not leads only when no other does. */
  readonly fit: () => Promise<boolean>;
  readonly lease?: {
    readonly leaseMs: number;
    readonly marginMs: number;
    readonly renewEveryMs: number;
    readonly othersFirstMs: number;
  };
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseTransitions?: number;
}

/**
 * Resolves when this process leads; null when `stopped` is aborted first. Clocks are not compared: a lease is over when nothing
 * about it has changed for its length on our own monotonic clock, and ours is when that long has passed since before the last
 * renewal that succeeded, less a margin.
 */
export async function winLeadership(options: LeaderLeaseOptions, stopped: AbortSignal): Promise<Term | null> {
  const { api, namespace, name, holder, clock, log, fit } = options;
  const times = options.lease ?? { leaseMs, marginMs, renewEveryMs, othersFirstMs };
  const { leases } = recordResources(namespace);
  // Hundreds of records may be written at the same moment: the lease does not wait for its turn among them.
  const how = { timeoutMs: Math.min(answerMs, times.leaseMs / 2), aside: true };
  let unfitSince: number | null = null;
  let seen: { readonly version: string | undefined; readonly since: number } = { version: undefined, since: 0 };

  const body = (held: KubeObject | null, by: string): object => {
    const { holderIdentity, leaseTransitions = 0 } = specOf(held);
    const now = isoOf(clock).replace('Z', '000Z');
    return {
      metadata: { name, ...(held === null ? {} : { resourceVersion: held.metadata.resourceVersion }) },
      spec: {
        holderIdentity: by,
        leaseDurationSeconds: Math.ceil(times.leaseMs / 1000),
        renewTime: now,
        ...(holderIdentity === by ? {} : { acquireTime: now, leaseTransitions: leaseTransitions + 1 }),
      },
    };
  };

  /** Ours from before the answer; null: it is another's. */
  const take = async (held: KubeObject | null): Promise<{ readonly at: number; readonly lease: KubeObject } | null> => {
    const at = clock.monotonic();
    const answer =
      held === null
        ? await api.create(leases, body(null, holder), how)
        : await api.patch(leases, name, { type: 'merge', body: body(held, holder) }, how);
    return answer.ok ? { at, lease: answer.object } : null;
  };

  const isFree = (held: KubeObject | null): boolean => {
    // One that somebody took away may be held all the same, by one that has not heard of it yet.
    if (held === null && seen.version === undefined) return true;
    const by = specOf(held).holderIdentity ?? '';
    // A former life of this process left it: nobody else has that name.
    if (held !== null && (by === '' || by === holder)) return true;
    const version = held?.metadata.resourceVersion ?? 'gone';
    if (seen.version !== version) seen = { version, since: clock.monotonic() };
    return clock.monotonic() - seen.since >= times.leaseMs;
  };

  const mayStand = async (): Promise<boolean> => {
    if (await fit()) return true;
    if (unfitSince === null) log.warn({}, 'is not fit to lead: lets others go first');
    unfitSince ??= clock.monotonic();
    return clock.monotonic() - unfitSince >= times.othersFirstMs;
  };

  const tryOnce = async (): Promise<{ readonly at: number; readonly lease: KubeObject } | null> => {
    const held = await api.get(leases, name, how);
    if (isFree(held)) return (await mayStand()) ? take(held) : null;
    unfitSince = null;
    return null;
  };

  const lead = ({ at, lease }: { readonly at: number; readonly lease: KubeObject }): Term => {
    const lost = new AbortController();
    const untilOf = (from: number): number => from + times.leaseMs - times.marginMs;
    let until = untilOf(at);
    let held = lease;
    const holds = (): boolean => {
      if (clock.monotonic() >= until) lost.abort();
      return !lost.signal.aborted;
    };
    // Once for each renewal: a look every few ms was a part of what an agent at rest costs.
    let lapse: NodeJS.Timeout | undefined;
    const watchTheEnd = (): void => {
      clearTimeout(lapse);
      lapse = setTimeout(() => holds() && watchTheEnd(), Math.max(1, until - clock.monotonic()));
    };
    watchTheEnd();
    void (async () => {
      while (!lost.signal.aborted) {
        // Woken early, it has lost: that is asked next.
        await sleep(times.renewEveryMs, undefined, { signal: lost.signal }).catch(() => {});
        if (!holds()) break;
        try {
          const renewed = await take(held);
          if (renewed === null) {
            // Somebody else wrote it: who it is now decides.
            const found = await api.get(leases, name, how);
            if (found === null || specOf(found).holderIdentity !== holder) lost.abort();
            else held = found;
          } else if (holds()) {
            until = untilOf(renewed.at);
            held = renewed.lease;
            watchTheEnd();
          }
        } catch (error) {
          log.warn({ problem: messageOf(error) }, 'leadership not renewed, trying again');
        }
      }
      clearTimeout(lapse);
    })();
    return {
      lost: lost.signal,
      holds,
      async resign() {
        lost.abort();
        await api.patch(leases, name, { type: 'merge', body: body(held, '') }, how).catch((error: unknown) => {
          log.warn({ problem: messageOf(error) }, 'leadership not given back: the next leader waits until it lapses');
        });
      },
    };
  };

  while (!stopped.aborted) {
    try {
      const won = await tryOnce();
      if (won !== null) return lead(won);
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'the lease of the leader could not be read');
    }
    await sleep(Math.min(500, times.renewEveryMs), undefined, { signal: stopped }).catch(() => {});
  }
  return null;
}

function specOf(lease: KubeObject | null): LeaseSpec {
  return (lease?.spec ?? {}) as LeaseSpec;
}
