import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { fillStep, hookStep, permitStep, runStep, type StepResult } from './shared/hook-step.ts';
import { locate } from './shared/locator.ts';
import { milliseconds } from '../quantities.ts';

const params = z
  .strictObject({
    inject: hookStep.describe('breaks the target'),
    verify: hookStep.describe('exits 0, or answers 2xx, when the effect is there'),
    revert: hookStep.describe('takes the effect away; must be harmless when it is not there'),
    verifyReverted: hookStep.describe('exits 0, or answers 2xx, when the effect is gone'),
    timeout: milliseconds(1, 600_000).default(10_000).describe('for each step'),
  })
  .transform(({ timeout, ...steps }) => ({ ...steps, timeoutMs: timeout }));
type Params = z.infer<typeof params>;
type Undo = Pick<Params, 'revert' | 'verifyReverted' | 'timeoutMs'> & {
  /** The target's process when the steps name its pid: once it is gone, so is what was done to it, and its pid is another's. */
  readonly process: { readonly pid: number; readonly startTime: string } | null;
};

const processLocator = z.object({ pid: z.int().positive(), startTime: z.string() });

export const hook: Fault<Params, Undo> = {
  name: 'hook',
  summary: 'Runs your own commands or HTTP requests to break a target, to prove it, and to bring it back',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['process', 'link', 'volume', 'postgres', 'service'],
  agents: ['host'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare({ policy }, target, { inject, verify, revert, verifyReverted, timeoutMs }) {
    const steps = [inject, verify, revert, verifyReverted];
    for (const step of steps) permitStep(step, target, policy.hook);
    const process = JSON.stringify(steps).includes('{target.pid}') ? locate(processLocator, target) : null;
    return { revert: fillStep(revert, target), verifyReverted: fillStep(verifyReverted, target), timeoutMs, process };
  },

  async inject(context, target, { inject, timeoutMs }, undo) {
    if (isGone(context, undo)) {
      throw new AppError(
        'target/none',
        `process ${undo.process?.pid} of ${target.name} was gone before the hook ran. Plan again`,
      );
    }
    const result = await runStep(context, fillStep(inject, target), timeoutMs, context.signal);
    if (!result.done) throw new AppError('fault/inject-failed', `hook on ${target.name}: ${describe(result)}. Try it by hand`);
  },

  async verify(context, target, { verify, timeoutMs }, undo) {
    if (isGone(context, undo)) return goneWith(undo);
    const result = await runStep(context, fillStep(verify, target), timeoutMs);
    return evidence(result.done, result);
  },

  patienceMs: (_operation, { timeoutMs }) => timeoutMs,

  async revert(context, target, undo) {
    if (isGone(context, undo)) return;
    const { revert, timeoutMs } = undo;
    const result = await runStep(context, revert, timeoutMs);
    if (!result.done) {
      throw new AppError(
        'fault/revert-failed',
        `hook on ${target.name}: ${describe(result)}. It is tried again; if it cannot work, revert by hand`,
      );
    }
  },

  async verifyReverted(context, _target, undo) {
    if (isGone(context, undo)) return goneWith(undo);
    const { verifyReverted, timeoutMs } = undo;
    const result = await runStep(context, verifyReverted, timeoutMs);
    return evidence(!result.done, result);
  },
};

const isGone = ({ host }: FaultContext, { process }: Undo): boolean => process !== null && !host.isAlive(process);

const goneWith = ({ process }: Undo): Evidence => ({
  present: false,
  summary: `process ${process?.pid} is gone, and what was done to it`,
  data: {},
});

const evidence = (present: boolean, { summary, output }: StepResult): Evidence => ({ present, summary, data: { output } });
const describe = ({ summary, output }: StepResult): string => (output.trim() === '' ? summary : `${summary}: ${output.trim()}`);
