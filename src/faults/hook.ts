import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Evidence, Fault } from './fault.ts';
import { fillStep, hookStep, permitStep, runStep, type StepResult } from './shared/hook-step.ts';
import { milliseconds } from './shared/quantities.ts';

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
type Undo = Pick<Params, 'revert' | 'verifyReverted' | 'timeoutMs'>;

export const hook: Fault<Params, Undo> = {
  name: 'hook',
  summary: 'Runs your own commands or HTTP requests to break a target, to prove it, and to bring it back',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['process', 'link', 'volume', 'postgres', 'service'],
  platforms: ['host'],
  params,

  claims: (target) => [`hook:${target.kind}:${target.uid}`],

  async prepare({ policy }, target, { inject, verify, revert, verifyReverted, timeoutMs }) {
    for (const step of [inject, verify, revert, verifyReverted]) permitStep(fillStep(step, target), policy.hook);
    return { revert: fillStep(revert, target), verifyReverted: fillStep(verifyReverted, target), timeoutMs };
  },

  async inject(context, target, { inject, timeoutMs }) {
    const result = await runStep(context, fillStep(inject, target), timeoutMs, context.signal);
    if (!result.done) throw new AppError('fault/inject-failed', `hook on ${target.name}: ${describe(result)}. Try it by hand`);
  },

  async verify(context, target, { verify, timeoutMs }) {
    const result = await runStep(context, fillStep(verify, target), timeoutMs);
    return evidence(result.done, result);
  },

  async revert(context, target, { revert, timeoutMs }) {
    const result = await runStep(context, revert, timeoutMs);
    if (!result.done) {
      throw new AppError(
        'fault/revert-failed',
        `hook on ${target.name}: ${describe(result)}. It is tried again; if it cannot work, revert by hand`,
      );
    }
  },

  async verifyReverted(context, _target, { verifyReverted, timeoutMs }) {
    const result = await runStep(context, verifyReverted, timeoutMs);
    return evidence(!result.done, result);
  },
};

const evidence = (present: boolean, { summary, output }: StepResult): Evidence => ({ present, summary, data: { output } });
const describe = ({ summary, output }: StepResult): string => (output.trim() === '' ? summary : `${summary}: ${output.trim()}`);
