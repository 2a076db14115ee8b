import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { nodeOf } from './node-tools.ts';
import { containerName, plannedContainer, sameContainer, type ContainerInstance } from './shared/container.ts';

/** What ends a program, by name and as the kernel counts them. */
const signals = {
  term: { name: 'SIGTERM', number: 15 },
  kill: { name: 'SIGKILL', number: 9 },
  int: { name: 'SIGINT', number: 2 },
  quit: { name: 'SIGQUIT', number: 3 },
  abrt: { name: 'SIGABRT', number: 6 },
  segv: { name: 'SIGSEGV', number: 11 },
} as const;

const params = z.strictObject({
  signal: z
    .enum(['term', 'kill', 'int', 'quit', 'abrt', 'segv'])
    .default('kill')
    .describe('sent to the first process of the container'),
  container: containerName,
});
type Params = z.infer<typeof params>;

export const containerKill: Fault<Params, ContainerInstance> = {
  name: 'container-kill',
  summary: 'Ends the first process of a container, and with it the container',
  effect: 'event',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['node'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { signal, container }) {
    const found = await plannedContainer(context, target, container);
    if (!(await takes(context, found.pid, signal))) {
      throw new AppError(
        'policy/denied',
        `the first process of ${target.name}/${found.container} has no handler for ${signals[signal].name}, so the kernel would drop it. Use signal: kill`,
      );
    }
    return found;
  },

  async inject(context, target, { signal }, undo) {
    context.signal.throwIfAborted();
    const process = await sameContainer(context, undo);
    if (process === null || !context.host.signal(process, signals[signal].name)) {
      throw new AppError(
        'target/none',
        `container ${target.name}/${undo.container} ended before it could be killed. Plan again to find its replacement`,
      );
    }
  },

  /** Gone with all its processes: the first one ends a moment before those that it takes along. */
  async verify(context, target, _params, { podUid, container, containerId, pid }) {
    const left = await nodeOf(context).findContainer({ podUid, containerId });
    return {
      present: left === null,
      summary: `container ${target.name}/${container} ${left === null ? `is gone, with process ${pid}` : `still has process ${left.pid}`}`,
      data: { pid, containerId },
    };
  },

  async revert() {},

  async verifyReverted(_context, target, { container }) {
    return { present: false, summary: `no further kill of ${target.name}/${container} is pending`, data: {} };
  },
};

/** The first process of a process namespace gets, even from outside, only what it handles; and what no process can refuse. */
async function takes({ host }: FaultContext, pid: number, signal: Params['signal']): Promise<boolean> {
  if (signal === 'kill') return true;
  const status = await host.files.readText(`/proc/${pid}/status`);
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(status)?.[1] ?? '';
  if (field('NSpid').split(/\s+/).at(-1) !== '1') return true;
  return ((BigInt(`0x${field('SigCgt') || '0'}`) >> BigInt(signals[signal].number - 1)) & 1n) === 1n;
}
