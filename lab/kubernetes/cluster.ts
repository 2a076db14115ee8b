import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { startNode } from './boot.ts';
import { makeBridge } from './bridge.ts';
import { nodesOf, readCluster, requireCluster, workersOf, writeCluster } from './cluster-record.ts';
import { volumeManifest, volumesOf } from './config/volumes.ts';
import type { PlannedImage } from './image-builder/archive.ts';
import { fillStore, importInto } from './image-store.ts';
import { applyManifests, kubectl } from './kubectl.ts';
import { adminKubeconfig, clusterDirectory, nodeDirectory, programDirectory } from './layout.ts';
import { nodeInit } from './node-process.ts';
import { makePki } from './pki.ts';
import { firstImages } from './images/index.ts';
import { prepareGuest, prepareImages, prepareNodes, requireMachine, type NodeParts } from './prepare.ts';
import { step, until, type Report } from './step.ts';
import { setSysctls } from './sysctls.ts';
import { everyWorker, topology, workers } from './topology.ts';
import { recycleVolumes } from './volumes.ts';
import { writeControlPlane, writeNetemWorker, writeWorker } from './write-node.ts';

const READY_WITHIN = '120s';
const ANSWERS_WITHIN_MS = 60_000;
const manifests = ['coredns', 'storage', 'metrics-server'];

/**
 * Brings the lab cluster up, as far as it is not, and returns when it can be used. Nodes that are off are started, images
 * that changed are brought in, volumes nobody claims any more are emptied. Errors: `part/missing`, `part/died`,
 * `upstream/unreachable`, `upstream/refused`.
 */
export async function clusterUp(report: Report, { netem }: { readonly netem: boolean }): Promise<void> {
  requireMachine();
  const parts = await prepareNodes(report);
  const guest = netem ? await prepareGuest(report) : null;
  const images = await prepareImages(report, firstImages);
  await step(report, 'images are where new nodes take them from', () => fillStore(parts.userland, images));
  const isNew = readCluster() === null;
  if (isNew) await step(report, 'certificates, network and disks', () => makeCluster(parts));
  if (guest !== null) await step(report, 'the netem worker has its disks', () => addNetemWorker(guest));
  await step(report, 'nodes are started', startNodes);
  await step(report, 'the API server answers', apiAnswers);
  await step(report, "the cluster's own manifests are applied", applyOwnManifests);
  await step(report, 'nodes are Ready', nodesReady);
  if (!isNew) {
    await bringImages(images, report);
    await step(report, 'volumes without a claim are empty', recycleVolumes);
  }
  await step(report, 'DNS and the metrics API are ready', () => rolledOut('coredns', 'metrics-server'));
  report(`export KUBECONFIG=${adminKubeconfig()} PATH=${programDirectory()}:$PATH`);
}

async function makeCluster({ userland, programs }: NodeParts): Promise<void> {
  mkdirSync(clusterDirectory(), { recursive: true });
  writeCluster({ sysctls: setSysctls(), userland, guest: null });
  symlinkSync(programs, programDirectory());
  await Promise.all([makePki(), makeBridge(everyWorker)]);
  await writeControlPlane();
  await Promise.all(workers.map(writeWorker));
}

/** One that is there stays as it is. */
async function addNetemWorker(guest: string): Promise<void> {
  const cluster = requireCluster();
  if (cluster.guest !== null) return;
  await writeNetemWorker(topology.netemWorker);
  writeCluster({ ...cluster, guest });
}

async function startNodes(): Promise<void> {
  for (const { name } of nodesOf(requireCluster())) await startNode(name);
}

function apiAnswers(): Promise<string> {
  const { name } = topology.controlPlane;
  return until('an answer of the API server', ANSWERS_WITHIN_MS, () => {
    if (nodeInit(name) !== null) return kubectl('get', '--raw', '/readyz', '--request-timeout=2s');
    throw new AppError('part/died', `node ${name} ended while it booted. See ${join(nodeDirectory(name), 'console.log')}`);
  });
}

async function applyOwnManifests(): Promise<void> {
  const own = manifests.map((name) => readFileSync(join(import.meta.dirname, 'manifests', `${name}.yaml`), 'utf8'));
  await applyManifests([...own, ...volumesOf(workers).map(volumeManifest)].join('\n---\n'));
}

async function nodesReady(): Promise<void> {
  const names = workersOf(requireCluster()).map(({ name }) => `node/${name}`);
  await until('the registration of all nodes', ANSWERS_WITHIN_MS, () => kubectl('get', ...names));
  await kubectl('wait', '--for=condition=Ready', `--timeout=${READY_WITHIN}`, ...names);
}

async function rolledOut(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await kubectl('rollout', 'status', `deployment/${name}`, '--namespace=kube-system', `--timeout=${READY_WITHIN}`);
  }
  await kubectl('wait', '--for=condition=Available', `--timeout=${READY_WITHIN}`, 'apiservice/v1beta1.metrics.k8s.io');
}

/** Brings images into every running node that lacks them. Nothing when no cluster is up. */
export async function bringImages(images: readonly PlannedImage[], report: Report): Promise<void> {
  const cluster = readCluster();
  if (cluster === null) return;
  const running = workersOf(cluster).filter(({ name }) => nodeInit(name) !== null);
  const brought = await Promise.all(running.map(async ({ name }) => ({ name, images: await importInto(name, images) })));
  for (const node of brought.filter((each) => each.images.length > 0)) report(`${node.name} has now ${node.images.join(', ')}`);
}
