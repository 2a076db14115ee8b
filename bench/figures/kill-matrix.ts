import { setTimeout as sleep } from 'node:timers/promises';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { Figure } from '../harness/figure.ts';
import { revertVerifiedAt } from '../stack/drill.ts';
import type { Drill } from '../stack/drill.ts';
import { environmentName } from '../stack/drill-files.ts';
import { startDrillStack } from '../stack/drill-stack.ts';
import type { DrillStack } from '../stack/drill-stack.ts';
import { agentPid } from '../stack/firedrill-parts.ts';
import { watchingWorker } from '../stack/watching-worker.ts';

const leaseSeconds = 3;
/** A spare worker is given the run when the dead one's heartbeat has timed out, after 5 s: the lease must last that long. */
const spareLeaseSeconds = 15;
/** The hold is not over when the spare worker takes over, and is not begun anew: it ends this long after the fault began. */
const spareHoldSeconds = 9;
/** What the workflow has to do at its end is offered to the dead worker first, for 2 s. */
const lateSeconds = 4;

/** What is killed, mid-fault, and the seconds from then on to what must follow. */
interface Cell {
  readonly summary: string;
  readonly holdSeconds: number;
  readonly leaseSeconds: number;
  readonly spareWorkers: number;
  readonly trial: (stack: DrillStack, drill: Drill) => Promise<number>;
}

const cells = {
  worker: untilReverted('the worker alone', killWorker, ({ startWorker }) => startWorker()),
  temporal: untilReverted('Temporal alone', killTemporal, ({ startTemporal }) => startTemporal()),
  both: untilReverted(
    'worker and Temporal',
    async (stack) => {
      await killWorker(stack);
      await killTemporal(stack);
    },
    async (stack) => {
      await stack.startTemporal();
      await stack.startWorker();
    },
  ),
  // Its watchdog brings it back by itself.
  agent: untilReverted(
    'the agent alone',
    async ({ drills }) => kill(await agentPid(drills.connections.store)),
    async () => {},
  ),
  spare: {
    summary: 'kill -9 of the worker that watches, to the first renewal by a spare one; the run then ends as planned',
    holdSeconds: spareHoldSeconds,
    leaseSeconds: spareLeaseSeconds,
    spareWorkers: 1,
    trial: untilGoesOn,
  },
} as const satisfies Record<string, Cell>;

type CellName = keyof typeof cells;
const names = Object.keys(cells) as CellName[];

/** Each trial makes one run in each cell, side by side, each cell on a stack of its own. Every run must end clean. */
export const killMatrix: Figure<CellName> = {
  name: 'kill-matrix',
  summary: `kill -9 of what a run needs, while a replica is frozen; lease ${leaseSeconds} s, ${spareLeaseSeconds} s beside a spare worker`,
  platform: 'host',
  trials: 20,
  rows: byCell((name) => ({ summary: cells[name].summary, unit: 's', goal: { max: cells[name].leaseSeconds + 1 } })),
  async open({ say }) {
    await using started = new AsyncDisposableStack();
    const stacks = new Map<CellName, DrillStack>();
    for (const name of names) {
      const { holdSeconds, leaseSeconds: lease, spareWorkers } = cells[name];
      // The frozen replica alone is no breach.
      const experiment = { name: `kill-${name}`, hold: `${holdSeconds}s`, lease: `${lease}s`, abortUnless: '< 2' };
      const stack = started.use(await startDrillStack(experiment, say));
      for (let spare = 0; spare < spareWorkers; spare += 1) await stack.startWorker();
      stacks.set(name, stack);
    }
    const everything = started.move();
    return {
      async run() {
        const numbers = await Promise.all(
          names.map(async (name) => [name, await trialOf(cells[name], stacks.get(name)!)] as const),
        );
        return Object.fromEntries(numbers) as Record<CellName, number>;
      },
      [Symbol.asyncDispose]: () => everything.disposeAsync(),
    };
  },
};

function byCell<T>(of: (name: CellName) => T): Record<CellName, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<CellName, T>;
}

async function trialOf(cell: Cell, stack: DrillStack): Promise<number> {
  const drill = await stack.drills.start();
  await drill.injections(({ phase }) => phase === 'active');
  // Anywhere between two renewals, which come once a second.
  await sleep(Math.random() * 1000);
  return cell.trial(stack, drill);
}

function untilReverted(
  what: string,
  killIt: (stack: DrillStack) => Promise<void>,
  restore: (stack: DrillStack) => Promise<void>,
): Cell {
  return {
    summary: `kill -9 of ${what}, to the verified revert`,
    holdSeconds: 30,
    leaseSeconds,
    spareWorkers: 0,
    async trial(stack, drill) {
      const killedAt = Date.now();
      await killIt(stack);
      const [status] = await drill.injections(({ phase }) => phase === 'reverted');
      await restore(stack);
      const { outcome } = await drill.ended();
      if (outcome.cleanup !== 'clean') throw new Error(`${what}: run ${drill.runId} is not clean: ${outcome.reason}`);
      if (Date.parse(status!.revertStartedAt ?? '') < killedAt) throw new Error(`${what}: the revert had begun before the kill`);
      return (revertVerifiedAt(status!) - killedAt) / 1000;
    },
  };
}

async function untilGoesOn(stack: DrillStack, drill: Drill): Promise<number> {
  const { store } = stack.drills.connections;
  const generation = async (): Promise<number> => {
    const permit = await store.readPermit(drill.runId);
    return permit === null || isCorrupt(permit) ? 0 : permit.generation;
  };
  const before = await generation();
  const watcher = await watchingWorker(stack.temporalAddress, environmentName);
  const killedAt = Date.now();
  kill(watcher);
  while ((await generation()) === before) await sleep(5);
  const wentOnAt = Date.now();
  await stack.startWorker();
  const { outcome, clocks } = await drill.ended();
  if (outcome.ending !== 'completed' || outcome.cleanup !== 'clean') {
    throw new Error(`spare: run ${drill.runId} did not go on to its planned end: ${outcome.reason}`);
  }
  const heldSeconds = (Date.parse(clocks.reverted?.at ?? '') - Date.parse(clocks.t0?.at ?? '')) / 1000;
  if (!(heldSeconds <= spareHoldSeconds + lateSeconds)) {
    throw new Error(`spare: run ${drill.runId} held its fault for ${heldSeconds} s, not ${spareHoldSeconds} s`);
  }
  return (wentOnAt - killedAt) / 1000;
}

async function killWorker({ workers }: DrillStack): Promise<void> {
  kill(workers().at(-1)!.pid);
}

async function killTemporal({ temporal }: DrillStack): Promise<void> {
  kill(temporal().pid);
}

function kill(pid: number): void {
  process.kill(pid, 'SIGKILL');
}
