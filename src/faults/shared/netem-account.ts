import { z } from 'zod';
import type { Netem } from './netem-commands.ts';
import type { Qdisc } from './netem-state.ts';

/** What the kernel says of our netem for one way of packets, summed over the devices. */
export interface NetemAccount {
  /** Packets that have left it. */
  readonly packets: number;
  readonly dropped: number;
  /** All that came to it: those that it has let go, lost, or still holds. */
  readonly given: number;
  /** What each of them is told to do. */
  readonly told: readonly Netem[];
}

const share = <Name extends string>(name: Name) =>
  z
    .looseObject({ [name]: z.number() })
    .transform((found) => found[name])
    .optional();

/** As tc says it: seconds, and shares of 1. What it does not do is not there. */
const options = z
  .looseObject({
    delay: z.looseObject({ delay: z.number(), jitter: z.number().default(0) }).optional(),
    'loss-random': share('loss'),
    corrupt: share('corrupt'),
    duplicate: share('duplicate'),
    reorder: share('reorder'),
  })
  .transform(({ delay, ...found }): Netem => ({
    delayMs: (delay?.delay ?? 0) * 1000,
    jitterMs: (delay?.jitter ?? 0) * 1000,
    loss: found['loss-random'] ?? 0,
    corruption: found.corrupt ?? 0,
    duplication: found.duplicate ?? 0,
    reordering: found.reorder ?? 0,
  }));

/** null where it is not on. */
export function netemAccount(ours: readonly Qdisc[]): NetemAccount | null {
  const netems = ours.filter(({ kind }) => kind === 'netem');
  if (netems.length === 0) return null;
  const sum = (count: (one: Qdisc) => number): number => netems.reduce((total, one) => total + count(one), 0);
  return {
    packets: sum(({ packets }) => packets),
    dropped: sum(({ drops }) => drops),
    given: sum(({ packets, drops, qlen }) => packets + drops + qlen),
    told: netems.map((one) => options.parse(one['options'])),
  };
}

/** Of all ways. null where it is not on. */
export const countOf = (accounts: readonly NetemAccount[] | null, count: 'packets' | 'dropped' | 'given'): number | null =>
  accounts?.reduce((total, one) => total + one[count], 0) ?? null;

/** What came to each between two readings: one for each way. */
export const givenEachBetween = (before: readonly NetemAccount[], after: readonly NetemAccount[]): number[] =>
  after.map((now, at) => (before[at] === undefined ? now.given : givenBetween(before[at], now)));

/** What came to it between two readings. Its counters begin anew where somebody has made it anew. */
const givenBetween = (before: NetemAccount, after: NetemAccount): number =>
  after.given >= before.given ? after.given - before.given : after.given;

/** What the kernel is told otherwise than was asked: somebody has changed it. null: nothing. What was not asked is not compared. */
export function toldOtherwise(accounts: readonly NetemAccount[], asked: Netem): string | null {
  const told = accounts.flatMap((one) => one.told);
  for (const [word, wanted] of Object.entries(asked)) {
    const other = told.map((netem) => netem[word as keyof Netem]).find((is) => !isAbout(is, wanted));
    if (other !== undefined) return `the kernel is told ${word} ${other}, and ${wanted} was asked for`;
  }
  return null;
}

/** It counts in steps of its own, and tc writes six digits. What tc does not tell as a number is not compared. */
const isAbout = (is: unknown, wanted: unknown): boolean =>
  typeof is !== 'number' || typeof wanted !== 'number' || Math.abs(is - wanted) <= 0.01 * wanted;
