import { AppError } from '../../src/domain/errors.ts';
import { requireCluster } from '../../lab/kubernetes/cluster-record.ts';
import { topology } from '../../lab/kubernetes/topology.ts';

/** The lab's node whose kernel has netem. Errors: `part/missing`. */
export function netemWorker(): string {
  if (requireCluster().guest !== null) return topology.netemWorker.name;
  throw new AppError('part/missing', 'the lab cluster has no netem worker. Add it: npm run cluster:up -- --netem');
}
