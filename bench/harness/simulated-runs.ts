import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { heartbeat } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { Activities } from '../../src/activities/index.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import type { runExperiment } from '../../workflows/index.ts';
import { revertQueue, runQueue } from '../../workflows/messages.ts';
import { startSkippingTemporal } from './skipping-temporal.ts';

/** Runs of the real workflow whose time passes without being waited for. */
export interface SimulatedRuns extends AsyncDisposable {
  /** Runs an experiment to its end, and gives the number of events in its history. */
  eventsOf(runId: string, plan: Plan): Promise<number>;
}

/** The activities touch nothing. The watcher beats once in each second of its hold, as the real one does. */
export async function startSimulatedRuns(say: (line: string) => void): Promise<SimulatedRuns> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
  await using stack = new AsyncDisposableStack();
  const temporal = stack.use(await startSkippingTemporal(say));
  const connection = stack.adopt(await NativeConnection.connect({ address: temporal.address }), (open) => open.close());
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const { workflow } = new Client({ connection: temporal.connection });
  /** Whether the revert's end is the last thing that the workflow was told, and it has read it. */
  const hasTakenUpRevert = async (runId: string): Promise<boolean> => {
    const { events } = await workflow.getHandle(runId).fetchHistory();
    return Boolean(events?.at(-1)?.workflowTaskCompletedEventAttributes);
  };
  const activities = activitiesOver(temporal.passOneSecond, hasTakenUpRevert);
  // A throttle counts in real time, of which almost none passes.
  const common = { connection, activities, maxHeartbeatThrottleInterval: '1ms' } as const;
  for (const options of [
    { ...common, taskQueue: runQueue, workflowBundle },
    { ...common, taskQueue: revertQueue },
  ]) {
    const worker = await Worker.create(options);
    const serving = worker.run();
    stack.defer(async () => {
      worker.shutdown();
      await serving;
    });
  }
  const owned = stack.move();
  return {
    async eventsOf(runId, plan) {
      const run = await workflow.start<typeof runExperiment>('runExperiment', {
        taskQueue: runQueue,
        workflowId: runId,
        args: [{ runId, plan }],
      });
      const { ending } = await run.result();
      const { startTime, closeTime, historyLength } = await run.describe();
      const seconds = ((closeTime?.getTime() ?? 0) - startTime.getTime()) / 1000;
      if (ending !== 'completed' || seconds < plan.holdSeconds) {
        throw new AppError('internal/bug', `${runId} is ${ending} after ${seconds} s, not completed after ${plan.holdSeconds} s`);
      }
      return historyLength;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type RunActivities = Pick<
  Activities,
  'checkGuards' | 'sampleBaseline' | 'watch' | 'revert' | 'observeRecovery' | 'recordEvent' | 'finishRun'
>;

function activitiesOver(
  passOneSecond: () => Promise<void>,
  hasTakenUpRevert: (runId: string) => Promise<boolean>,
): RunActivities {
  return {
    checkGuards: async () => [],
    sampleBaseline: async () => ({ holds: true, reason: 'all probes good' }),
    watch: async (_runId, { holdSeconds }) => {
      for (let second = 0; second < holdSeconds; second += 1) {
        heartbeat();
        await passOneSecond();
      }
      return { kind: 'held', reason: `held for ${holdSeconds} s` };
    },
    revert: async () => [],
    // It outlasts the revert, as the real one does: two that end together make one task of the workflow or two, by chance.
    observeRecovery: async (runId) => {
      while (!(await hasTakenUpRevert(runId))) await sleep(20);
    },
    recordEvent: async () => {},
    finishRun: async () => ({ exitCode: 0, reportPath: 'report.html' }),
  };
}
