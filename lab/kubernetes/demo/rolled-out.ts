import { AppError, messageOf } from '../../../src/domain/errors.ts';
import { kubectl } from '../kubectl.ts';
import { workloadsOf, type Manifest } from './manifests.ts';

const READY_WITHIN = '180s';

/** Waits until every workload of these has all its pods, ready and of today's make. Errors: `part/died`, naming the one. */
export async function rolledOut(manifests: readonly Manifest[]): Promise<void> {
  await Promise.all(workloadsOf(manifests).map(({ workload, namespace }) => rollOut(workload, namespace)));
}

async function rollOut(workload: string, namespace: string): Promise<void> {
  try {
    await kubectl('rollout', 'status', workload, `--namespace=${namespace}`, `--timeout=${READY_WITHIN}`);
  } catch (error) {
    const look = `kubectl -n ${namespace} describe ${workload}, and logs ${workload} --all-containers, say why`;
    throw new AppError(
      'part/died',
      `${workload} in ${namespace} is not ready after ${READY_WITHIN}: ${messageOf(error)}. ${look}`,
      {
        cause: error,
      },
    );
  }
}
