import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { parseBytes, parsePercent } from '../domain/units.ts';
import { percent, written } from '../quantities.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { databaseNeeds } from './shared/database.ts';
import { lookAtRedis, restoreSettings, risen, startLimiter, usingLimiter, writeSettings } from './shared/redis-limit.ts';
import type { HeldSetting, RedisLook } from './shared/redis-limit.ts';
import { refuseUnsafeLimit, size } from './shared/redis-refusals.ts';

const amount = written(
  (text) =>
    text.endsWith('%') ? { bytes: null, ratio: parsePercent(text) } : { bytes: Math.floor(parseBytes(text)), ratio: null },
  'of what is used, such as 90%, or a size, such as 64MiB',
).refine(({ bytes, ratio }) => (bytes ?? ratio ?? 0) > 0, { message: 'must be more than 0, which Redis takes for no limit' });

const policies = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'noeviction',
] as const;

const params = z
  .strictObject({
    maxmemory: amount,
    policy: z.enum(policies).nullable().default(null).describe('which keys are evicted meanwhile; default as it is'),
    floor: percent.prefault('50%').describe('of what the keys take: so much always stays'),
    allowOom: z.boolean().default(false).describe('on purpose: writes may be refused for want of memory'),
  })
  .transform(({ maxmemory, floor, ...given }) => ({ ...maxmemory, ...given, floorRatio: floor }));
type Params = z.infer<typeof params>;

type Undo = {
  /** As CONFIG GET gave them, in the order in which they are changed. */
  readonly settings: readonly HeldSetting[];
  readonly maxBytes: number;
  readonly usedBefore: number;
  readonly keysBefore: number;
  readonly evictedBefore: number;
};

/** Of those in effect: lost with the agent, while the setting stays. `evicted` and `refused` as they were when it was set. */
const lowered = new Map<string, { readonly limiter: HelperProcess; evicted: number | null; refused: number | null }>();

export const redisEviction: Fault<Params, Undo> = {
  name: 'redis-eviction',
  summary: 'Lowers the memory that a Redis may use, so that it evicts keys',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['redis'],
  agents: ['host', 'cluster'],
  needs: databaseNeeds,
  params,

  claims: (target) => [claimOf(target)],

  // Asks Redis, in a process of its own.
  patienceMs: (operation) => (operation === 'prepare' ? 20_000 : 0),

  async prepare(context, target, params) {
    const { settings, figures } = await usingLimiter(context, target, async (limiter) => {
      await limiter.ask({ op: 'require-writable' });
      return lookAtRedis(limiter);
    });
    const maxBytes = params.bytes ?? Math.floor((params.ratio ?? 0) * figures.usedBytes);
    refuseUnsafeLimit(whereIs(target), { settings, figures }, { ...params, maxBytes });
    const wanted = [
      ...(params.policy === null ? [] : [['maxmemory-policy', params.policy] as const]),
      ['maxmemory', String(maxBytes)] as const,
    ];
    return {
      settings: wanted
        .map(([name, after]) => ({ name, before: settings[name], after }))
        .filter(({ before, after }) => before !== after),
      maxBytes,
      usedBefore: figures.usedBytes,
      keysBefore: figures.keys,
      evictedBefore: figures.evictedKeys,
    };
  },

  async arm(context, target) {
    if (lowered.has(context.injectionId)) return;
    lowered.set(context.injectionId, { limiter: await startLimiter(context, target), evicted: null, refused: null });
  },

  async inject(context, target, _params, { settings }) {
    context.signal.throwIfAborted();
    const held = lowered.get(context.injectionId);
    if (held === undefined) throw new AppError('fault/inject-failed', 'the limit was never prepared. Run again');
    const now = (await lookAtRedis(held.limiter)).settings;
    const changed = settings.filter(({ name, before }) => now[name] !== before).map(({ name }) => name);
    if (changed.length > 0) {
      throw new AppError(
        'fault/inject-failed',
        `${whereIs(target)} was changed by somebody meanwhile: ${changed.join(', ')}. Plan again`,
      );
    }
    context.signal.throwIfAborted();
    const { evictedKeys, refusedWrites } = await writeSettings(
      held.limiter,
      settings.map(({ name, after }) => [name, after]),
    );
    Object.assign(held, { evicted: evictedKeys, refused: refusedWrites });
  },

  async verify(context, target, { allowOom }, { settings, maxBytes, usedBefore, keysBefore, evictedBefore }) {
    const held = lowered.get(context.injectionId);
    const { settings: now, figures } = await lookNow(context, target);
    const others = settings.filter(({ name, after }) => now[name] !== after).map(({ name }) => `${name} is ${now[name]}`);
    const evicted = risen(figures.evictedKeys, held?.evicted ?? evictedBefore);
    const refused = risen(figures.refusedWrites, held?.refused ?? figures.refusedWrites);
    const { usedBytes, keys, primary } = figures;
    const felt = evicted > 0 || allowOom ? '' : ', none yet: nothing was written beyond it';
    const limit = `${whereIs(target)} may use ${size(maxBytes)}, and uses ${size(usedBytes)}, was ${size(usedBefore)}`;
    return {
      // Above its limit it evicts at once, where it finds a key that it may.
      present: others.length === 0 && primary && (usedBytes <= maxBytes || evicted > 0 || allowOom),
      summary:
        others.length > 0
          ? `${whereIs(target)} does not have our limit: ${others.join(', ')}`
          : `${limit}; ${evicted} keys evicted${felt}, ${keys} of ${keysBefore} left, ${refused} writes refused`,
      data: {
        maxBytes,
        usedBytes,
        usedBefore,
        evictedKeys: evicted,
        keys,
        keysBefore,
        refusedWrites: refused,
        policy: now['maxmemory-policy'],
        primary,
      },
    };
  },

  /** Refused writes are another fault: where nothing is left to evict, the limit is given back. */
  async hold(context, target, { allowOom }, { settings }) {
    const held = lowered.get(context.injectionId);
    if (held === undefined || held.refused === null || allowOom) return undefined;
    const { settings: now, figures } = await lookNow(context, target);
    const refused = risen(figures.refusedWrites, held.refused);
    if (refused === 0) return undefined;
    context.log('gave the limit back, for writes are refused', { redis: target.name, policy: now['maxmemory-policy'] });
    await restore(context, target, held.limiter, settings);
    return `${refused} writes were refused, for nothing was left to evict`;
  },

  async revert(context, target, { settings }) {
    const held = lowered.get(context.injectionId);
    lowered.delete(context.injectionId);
    try {
      await restore(context, target, held?.limiter ?? null, settings);
    } finally {
      await held?.limiter.stop();
    }
  },

  async verifyReverted(context, target, { settings, usedBefore, keysBefore, evictedBefore }) {
    const { settings: now, figures } = await usingLimiter(context, target, lookAtRedis);
    const ours = settings.filter(({ name, after }) => now[name] === after);
    const others = settings.filter(({ name, before, after }) => now[name] !== before && now[name] !== after);
    const state = settings.map(({ name }) => `${name} is ${now[name]}`).join(', ');
    const foreign = others.map(({ name, before }) => `${name} (was ${before})`).join(', ');
    const { usedBytes, keys, evictedKeys } = figures;
    return {
      present: ours.length > 0,
      summary: `${whereIs(target)}: ${state}${foreign === '' ? ', as before' : `; somebody's later change stays: ${foreign}`}; ${keys} of ${keysBefore} keys`,
      data: {
        settings: { ...now },
        changedByOthers: others.map(({ name }) => name),
        usedBytes,
        usedBefore,
        keys,
        keysBefore,
        evictedKeys: risen(evictedKeys, evictedBefore),
      },
    };
  },
};

/** By the connection that is open, or by another where that one broke: a server that was started again has its own settings. */
async function lookNow(context: FaultContext, target: TargetRef): Promise<RedisLook> {
  const held = lowered.get(context.injectionId);
  const seen = held === undefined ? null : await lookAtRedis(held.limiter).catch(() => null);
  return seen ?? usingLimiter(context, target, lookAtRedis);
}

/** By that helper, or by another where it does not answer. */
async function restore(
  context: FaultContext,
  target: TargetRef,
  limiter: HelperProcess | null,
  settings: Undo['settings'],
): Promise<void> {
  const done = async (): Promise<boolean> => {
    if (limiter === null) return false;
    await restoreSettings(limiter, settings);
    return true;
  };
  if (!(await done().catch(() => false))) await usingLimiter(context, target, (own) => restoreSettings(own, settings));
}

const whereIs = ({ service, name }: TargetRef): string => `redis ${service}/${name}`;
