import { rmSync } from 'node:fs';
import { removeBridge } from './bridge.ts';
import { removeLabGroups } from './cgroups.ts';
import { readCluster } from './cluster-record.ts';
import { clusterDirectory } from './layout.ts';
import { killNode } from './node-process.ts';
import { requireMachine } from './prepare.ts';
import { step, type Report } from './step.ts';
import { restoreSysctls } from './sysctls.ts';
import { everyWorker, topology } from './topology.ts';

/**
 * Ends the lab cluster, also one that came up only halfway: no process, mount, network, cgroup or setting of it stays, and
 * nothing that was in it. Programs and images stay in the cache.
 */
export async function clusterDown(report: Report): Promise<void> {
  requireMachine();
  const record = readCluster();
  if (record === null) {
    report('no lab cluster is up');
    return;
  }
  await step(report, 'the lab cluster has ended', async () => {
    // The netem worker too, whatever the record says: it may have come up only halfway.
    await Promise.all([topology.controlPlane, ...everyWorker].map(({ name }) => killNode(name)));
    await removeBridge();
    await removeLabGroups();
    restoreSysctls(record.sysctls);
    rmSync(clusterDirectory(), { recursive: true, force: true });
  });
}
