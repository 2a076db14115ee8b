import { existsSync } from 'node:fs';
import { findOnPath } from '../../lab/host/programs.ts';
import { readCluster } from '../../lab/kubernetes/cluster-record.ts';
import { applyManifests, kubectl } from '../../lab/kubernetes/kubectl.ts';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import { nodeInit } from '../../lab/kubernetes/node-process.ts';
import { topology, workers } from '../../lab/kubernetes/topology.ts';
import { instanceLabel, partOf } from '../../src/install/names.ts';

/**
 * An installation as far as an uninstall looks: with the last one the kinds of records go. A run beside this one needs them, and not
 * every test that keeps records has an installation.
 */
export const standIn = `firedrill-tests-${process.pid}`;

/** Of runs that were killed. */
async function removeLeftBehind(): Promise<void> {
  const all = (await kubectl('get', 'namespaces', '-o', 'name')).match(/firedrill-tests-\d+/g) ?? [];
  const left = all.filter((name) => !existsSync(`/proc/${name.split('-').pop()}`));
  if (left.length > 0) await kubectl('delete', 'namespace', ...left, '--wait=false');
}

/** Before the first test: the lab cluster answers, all its nodes are on, and clients of the tests find it. */
export default async function requireCluster(): Promise<void> {
  const advice = 'Bring it up first: npm run cluster:up';
  if (readCluster() === null) throw new Error(`no lab cluster is up on this machine. ${advice}`);
  const off = [topology.controlPlane, ...workers].filter(({ name }) => nodeInit(name) === null);
  if (off.length > 0)
    throw new Error(`these nodes of the lab cluster are off: ${off.map(({ name }) => name).join(', ')}. ${advice}`);
  if (findOnPath('stress-ng') === null)
    throw new Error(
      'stress-ng is missing: tests of loads act as an agent of this machine. Install it: apt-get install stress-ng',
    );
  await kubectl('get', '--raw', '/readyz', '--request-timeout=10s');
  await removeLeftBehind();
  const labels = { ...partOf, [instanceLabel]: standIn };
  await applyManifests(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: standIn, labels } }));
  process.env['KUBECONFIG'] = adminKubeconfig();
}
