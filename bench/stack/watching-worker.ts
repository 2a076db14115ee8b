import { Client, Connection } from '@temporalio/client';

/** The pid of the worker that watches the run of that environment now, as Temporal knows it. */
export async function watchingWorker(address: string, environment: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    const { raw } = await new Client({ connection }).workflow.getHandle(`env:${environment}`).describe();
    const watch = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watch');
    // An SDK's worker calls itself pid@host.
    const pid = Number.parseInt(watch?.lastWorkerIdentity ?? '', 10);
    if (Number.isNaN(pid)) throw new Error(`nobody watches the run in ${environment}`);
    return pid;
  } finally {
    await connection.close();
  }
}
