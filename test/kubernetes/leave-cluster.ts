import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import { standIn } from './require-cluster.ts';

/** After the last test. */
export default async function leaveCluster(): Promise<void> {
  await kubectl('delete', 'namespace', standIn, '--wait=false');
}
