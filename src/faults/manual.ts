import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { evidenceOf } from '../domain/injection/confirmation.ts';
import type { Confirmation } from '../domain/injection/confirmation.ts';
import { confirmCommand } from '../domain/injection/question.ts';
import { milliseconds } from '../quantities.ts';
import type { Evidence, Fault } from './fault.ts';
import { claimOf } from './shared/claim.ts';

const lookEveryMs = 100;
/** How long one read-back looks for the word that it is undone: it is heard at once, and its absence is said again and again. */
const readBackMs = 1_000;

const instruction = z.string().trim().min(1).max(1000);
const params = z
  .strictObject({
    instruction: instruction.describe('what a person is asked to do to break the target'),
    revertInstruction: instruction.describe('what a person is asked to do to bring it back'),
    within: milliseconds(15_000, 3_600_000).describe('how long the person may take to break it, such as 2m'),
  })
  .transform(({ within, ...texts }) => ({ ...texts, withinMs: within }));
type Params = z.infer<typeof params>;
type Undo = {
  readonly revertInstruction: string;
  /** From here on somebody may have done it. */
  readonly asked: boolean;
};

export const manual: Fault<Params, Undo> = {
  name: 'manual',
  summary: 'Asks a person to break a target by hand, and to bring it back, and takes their word for both',
  effect: 'held',
  // Nobody knows what a person does to it: disruption budgets count.
  disruptsWhileHeld: () => true,
  lifetime: 'persistent',
  targets: ['process', 'pod', 'link', 'volume', 'postgres', 'redis', 'config', 'node'],
  agents: ['host', 'cluster'],
  params,

  claims: (target) => [claimOf(target)],
  byHand: ({ instruction, revertInstruction, withinMs }) => ({
    instruction,
    revertInstruction,
    withinSeconds: withinMs / 1000,
  }),
  patienceMs: (operation, given) => (operation === 'verify' && 'withinMs' in given ? Number(given.withinMs) : 0),

  prepare: async (_context, _target, { revertInstruction }) => ({ revertInstruction, asked: false }),

  /** Asks, and changes nothing: its person reads the question when this has ended. */
  async inject(context) {
    context.signal.throwIfAborted();
    await context.journal({ asked: true });
  },

  /** Never "absent" on its own account once it has asked: nobody looked. */
  async verify(context, _target, { withinMs }, { asked }) {
    if (!asked) return { present: false, summary: 'nobody has been asked to do it', data: {} };
    for (const until = performance.now() + withinMs; ; await pause()) {
      context.signal.throwIfAborted();
      const undone = await context.confirmation('reverted');
      if (undone !== null) return said(false, undone);
      const done = await context.confirmation('injected');
      if (done !== null) return said(true, done);
      if (performance.now() < until) continue;
      throw new AppError('fault/not-verified', `nobody has confirmed within ${withinMs / 1000} s that it was done`);
    }
  },

  /** The question is in the status: whoever follows the run or asks for the status reads it. */
  revert: async () => {},

  async verifyReverted(context, _target, { revertInstruction, asked }) {
    if (!asked) return { present: false, summary: 'nobody was asked to do anything', data: {} };
    for (const until = performance.now() + readBackMs; ; await pause()) {
      const undone = await context.confirmation('reverted');
      if (undone !== null) return said(false, undone);
      if (performance.now() < until) continue;
      const ask = `Do "${revertInstruction}", then ${confirmCommand(context.injectionId, 'reverted')}`;
      return { present: true, summary: `nobody has confirmed that it is undone. ${ask}`, data: {} };
    }
  },
};

function said(present: boolean, confirmation: Confirmation): Evidence {
  return {
    present,
    summary: `${confirmation.by} confirms that it is ${present ? 'done' : 'undone'}`,
    data: evidenceOf(confirmation),
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}
