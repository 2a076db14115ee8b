import { layTap, plugIn } from './bridge.ts';
import { cgroupHierarchies } from './cgroups.ts';
import { requireCluster } from './cluster-record.ts';
import { volumeFolders } from './config/volumes.ts';
import { bootNode, nodeInit } from './node-process.ts';
import { topology } from './topology.ts';

const GUEST_MEMORY = '1536M';

/** Boots a node of the cluster, with the disks it had. Nothing when it is on. Errors: `part/missing`, `part/died`. */
export async function startNode(name: string): Promise<void> {
  if (nodeInit(name) !== null) return;
  const { userland, guest } = requireCluster();
  if (name === topology.netemWorker.name && guest !== null) {
    const tap = await layTap(name);
    await bootNode(name, {
      script: 'enter-guest.sh',
      namespaces: [],
      environment: { USERLAND: userland, GUEST: guest, TAP: tap, MEMORY: GUEST_MEMORY },
      plugIn: () => Promise.resolve(),
    });
    return;
  }
  await bootNode(name, {
    script: 'enter-namespaces.sh',
    namespaces: ['uts', 'ipc', 'net', 'cgroup'],
    environment: {
      USERLAND: userland,
      CONTROLLERS: cgroupHierarchies().join(' '),
      VOLUMES: name === topology.controlPlane.name ? '' : volumeFolders.join(' '),
    },
    plugIn: (pid) => plugIn(name, pid),
  });
}
