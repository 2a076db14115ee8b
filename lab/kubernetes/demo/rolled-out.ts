import { kubectl } from '../kubectl.ts';
import { workloadsOf, type Manifest } from './manifests.ts';

const READY_WITHIN = '180s';

/** Waits until every workload of these has all its pods, ready and of today's make. */
export async function rolledOut(manifests: readonly Manifest[]): Promise<void> {
  const waits = workloadsOf(manifests).map(({ workload, namespace }) =>
    kubectl('rollout', 'status', workload, `--namespace=${namespace}`, `--timeout=${READY_WITHIN}`),
  );
  await Promise.all(waits);
}
