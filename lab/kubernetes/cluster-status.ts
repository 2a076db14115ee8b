import { nodesOf, readCluster } from './cluster-record.ts';
import { kubectl } from './kubectl.ts';
import { adminKubeconfig } from './layout.ts';
import { nodeInit } from './node-process.ts';
import type { Report } from './step.ts';
import { nodeAddress, topology } from './topology.ts';

/** Each node with its process 1, then what the API server says of them. */
export async function clusterStatus(report: Report): Promise<void> {
  const cluster = readCluster();
  if (cluster === null) {
    report('no lab cluster is up');
    return;
  }
  for (const node of nodesOf(cluster)) {
    const init = nodeInit(node.name);
    report(`${node.name.padEnd(4)} ${nodeAddress(node).padEnd(12)} ${init === null ? 'off' : `on, pid ${init}`}`);
  }
  report(`KUBECONFIG=${adminKubeconfig()}`);
  const nodes = kubectl('get', 'nodes', '--label-columns', topology.zoneLabel, '--request-timeout=5s');
  report(await nodes.catch(() => 'the API server does not answer'));
}
