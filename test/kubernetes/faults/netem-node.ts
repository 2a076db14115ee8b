import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { topology } from '../../../lab/kubernetes/topology.ts';

/** The lab's node of another kernel, when it is on: `npm run cluster:up -- --netem`. */
export async function netemNode(): Promise<string | null> {
  const { name } = topology.netemWorker;
  const found = await kubectl('get', 'nodes', '-o', 'name');
  return found.split('\n').includes(`node/${name}`) ? name : null;
}
