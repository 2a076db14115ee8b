import { createActivities, createRevertActivities } from '../activities/index.ts';
import type { ActivityDeps } from '../activities/connections.ts';
import { AppError } from '../domain/errors.ts';
import { startReceiver } from '../adapters/alertmanager/receiver.ts';
import { serveWorkers } from '../adapters/temporal/workers.ts';
import { systemClock } from '../ports/clock.ts';
import { version } from '../version.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';

/** Serves the environment's runs and receives its alerts, until SIGTERM or SIGINT. */
export async function runWorker(environmentFile: string | undefined, onReady: () => void): Promise<void> {
  await using session = await openSession(environmentFile);
  const { connect } = session.connector;
  const { archive } = session.connections;
  const receiver =
    session.planned.receiverUrl === null
      ? null
      : await startReceiver({
          url: session.planned.receiverUrl,
          onDeliveries: (deliveries) => archive.appendDeliveries(deliveries),
        });
  const deps: ActivityDeps = { connect, platformOf: servedBy(session), clock: systemClock, version };
  try {
    await serveWorkers({
      temporal: await session.temporal(),
      activities: createActivities(deps),
      revertActivities: createRevertActivities(deps),
      onReady,
    });
  } finally {
    await receiver?.close();
  }
}

/** A plan carries no services: which process a name stands for is known only to the environment's own worker. */
function servedBy({ planned, platform }: Session): ActivityDeps['platformOf'] {
  return ({ name }) => {
    if (name === planned.name) return platform;
    throw new AppError(
      'upstream/refused',
      `this worker serves ${planned.name}, not ${name}. Give each environment a Temporal namespace of its own`,
    );
  };
}
