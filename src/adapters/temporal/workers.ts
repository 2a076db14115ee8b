import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { Logger, WorkflowBundleOption } from '@temporalio/worker';
import { revertQueue, runQueue } from '../../../workflows/messages.ts';
import { moduleFile } from '../../module-file.ts';
import { noTemporal } from './access.ts';
import type { TemporalAccess } from './access.ts';

export interface WorkersInput {
  readonly temporal: TemporalAccess;
  readonly activities: object;
  readonly revertActivities: object;
  /** Called once both queues are being polled. */
  readonly onReady: () => void;
}

/** Serves both queues until it is told to shut down (SIGTERM, SIGINT). */
export async function serveWorkers({ temporal, activities, revertActivities, onReady }: WorkersInput): Promise<void> {
  const logger = new DefaultLogger('WARN');
  Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
  const { namespace, ...server } = temporal;
  const connection = await NativeConnection.connect(server).catch((error: unknown) => {
    throw noTemporal(temporal, error);
  });
  try {
    const shutdown = { shutdownGraceTime: '1s', shutdownForceTime: '10s' } as const;
    const runs = await Worker.create({
      connection,
      namespace,
      taskQueue: runQueue,
      workflowBundle: await workflows(logger),
      activities,
      maxCachedWorkflows: 100,
      // A worker that died is forgotten after this long, not after the default ten seconds.
      stickyQueueScheduleToStartTimeout: '2s',
      maxHeartbeatThrottleInterval: '1s',
      ...shutdown,
    });
    const reverts = await Worker.create({
      connection,
      namespace,
      taskQueue: revertQueue,
      activities: revertActivities,
      maxHeartbeatThrottleInterval: '1s',
      ...shutdown,
    });
    const serving = Promise.all([runs.run(), reverts.run()]);
    onReady();
    await serving;
  } finally {
    await connection.close();
  }
}

/** The build carries the workflows as one bundle; from source they are bundled at start. */
async function workflows(logger: Logger): Promise<WorkflowBundleOption> {
  const codePath = fileURLToPath(new URL('../../../workflows/bundle.js', import.meta.url));
  if (existsSync(codePath)) return { codePath };
  return bundleWorkflowCode({ workflowsPath: moduleFile('../../../workflows/index', import.meta.url), logger });
}
