import { z } from 'zod';
import type { Fault } from './fault.ts';
import { percent } from '../quantities.ts';
import { claimOf } from './shared/claim.ts';
import { cpuLimitOf, measureCpu } from './shared/cpu-account.ts';
import { containerName, plannedContainer, type ContainerInstance } from './shared/container.ts';
import { beginLoads, cgroupOf, endLoads, loadsOf, loadState, prepareLoad, requireStress } from './shared/stress-load.ts';

const params = z
  .strictObject({
    workers: z.int().min(1).max(64).default(1).describe('processes that use the processor'),
    load: percent
      .refine((ratio) => ratio >= 0.01, { message: 'must be at least 1%' })
      .prefault('100%')
      .describe('of one core, for each worker'),
    container: containerName,
  })
  .transform(({ workers, load, container }) => ({ workers, loadRatio: load, container }));
type Params = z.infer<typeof params>;

type Undo = ContainerInstance & {
  /** Cores; null: no limit. */
  readonly limitCores: number | null;
  readonly coresBefore: number;
};

/** Long enough for several of the scheduler's periods, which are 100 ms. */
const measureMs = 500;

export const cpuStress: Fault<Params, Undo> = {
  name: 'cpu-stress',
  summary: "Uses the processor from within a container's own limits",
  effect: 'held',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['node'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { container }) {
    await requireStress(context);
    const instance = await plannedContainer(context, target, container);
    const cgroup = await cgroupOf(context, instance);
    const { cores } = await measureCpu(context, cgroup, measureMs);
    return { ...instance, limitCores: await cpuLimitOf(context, cgroup), coresBefore: cores };
  },

  async arm(context, _target, { workers, loadRatio }, undo) {
    await prepareLoad(context, undo, ['--cpu', String(workers), '--cpu-load', String(Math.round(loadRatio * 100))]);
  },

  inject: (context) => beginLoads(context),

  async verify(context, target, { workers, loadRatio }, undo) {
    const { limitCores, coresBefore } = undo;
    // Loads end with their container: looked at afterwards, it is the container that is missing then, not only the load.
    const { running, problem } = await loadState(context);
    const cgroup = await cgroupOf(context, undo);
    if (running === 0) {
      const summary = `nothing loads ${target.name}/${undo.container}: ${problem ?? 'not begun'}`;
      return { present: false, summary, data: { running, coresBefore, limitCores } };
    }
    const { cores, periods, throttled } = await measureCpu(context, cgroup, measureMs);
    const asked = workers * loadRatio;
    const limit = limitCores === null ? 'no limit' : `a limit of ${limitCores}`;
    const held = limitCores === null ? '' : `, throttled in ${throttled} of ${periods} periods`;
    return {
      present: cores > 0,
      summary: `${target.name}/${undo.container} uses ${cores.toFixed(2)} cores, was ${coresBefore.toFixed(2)}; ${asked} asked, ${limit}${held}`,
      data: { cores, coresBefore, askedCores: asked, limitCores, periods, throttled },
    };
  },

  revert: (context, _target, undo) => endLoads(context, undo),

  async verifyReverted(context, target, undo) {
    const left = await loadsOf(context, undo);
    return {
      present: left.length > 0,
      summary: `${left.length === 0 ? 'no process' : `${left.length} processes`} of ours in the cgroup of ${target.name}/${undo.container}`,
      data: { left: left.length, coresBefore: undo.coresBefore },
    };
  },
};
