import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../host/programs.ts';
import { controlPlaneFiles, controlPlaneScript } from './config/control-plane.ts';
import { cniConfig, networkScript } from './config/network.ts';
import { VOLUME_SIZE, volumeFolders } from './config/volumes.ts';
import { containerdConfig, kubeletConfig, kubeProxyConfig, workerFiles, workerScript } from './config/worker.ts';
import { copyStore } from './image-store.ts';
import { nodeDirectory, pkiDirectory } from './layout.ts';
import { everyWorker, hostAddress, nodeAddress, topology, type Worker } from './topology.ts';

/** Of the machine's memory, what one node may promise to pods. */
const NODE_MEMORY_KIB = 4 * 1024 * 1024;
/** What a node's pods, their logs and empty directories may fill: small, so that disk pressure can be had. */
const NODE_DISK = '1G';
const GUEST_IMAGES_DISK = '6G';
/** Label and taint of the netem worker. */
const NETEM = 'firedrill.dev/lab=netem';

/** Files of a node, by name, in the folder it sees as /lab/etc. */
function writeEtc(node: string, pki: readonly string[], files: Readonly<Record<string, string>>): void {
  const etc = join(nodeDirectory(node), 'etc');
  mkdirSync(join(etc, 'cni'), { recursive: true });
  for (const file of pki) copyFileSync(join(pkiDirectory(), file), join(etc, file));
  copyFileSync(join(import.meta.dirname, 'node/init.sh'), join(etc, 'init.sh'));
  const hosts = `127.0.0.1 localhost\n${nodeAddress(topology.controlPlane)} ${topology.controlPlane.name}\n`;
  const common = { hosts, 'resolv.conf': `nameserver ${hostAddress}\n` };
  for (const [name, text] of Object.entries({ ...common, ...files })) writeFileSync(join(etc, name), text);
}

export async function writeControlPlane(): Promise<void> {
  const node = topology.controlPlane;
  mkdirSync(nodeDirectory(node.name), { recursive: true });
  writeEtc(node.name, controlPlaneFiles, {
    'network.sh': networkScript(node, everyWorker),
    'services.sh': controlPlaneScript(),
  });
}

/** Everything a namespace worker has before its first boot: configuration, images, and its disks, empty. */
export async function writeWorker(worker: Worker): Promise<void> {
  await copyStore(worker.name);
  writeEtc(worker.name, workerFiles(worker), {
    'network.sh': networkScript(worker, everyWorker),
    'services.sh': workerScript(worker),
    'containerd.toml': containerdConfig(),
    'kubelet.yaml': kubeletConfig(worker, machineMemoryKiB() - NODE_MEMORY_KIB),
    'kube-proxy.yaml': kubeProxyConfig(worker, 'nftables'),
    'cni/10-lab.conflist': cniConfig(worker),
  });
  await makeDisk(join(nodeDirectory(worker.name), 'kubelet.img'), NODE_DISK);
  for (const volume of volumeFolders) await makeDisk(join(nodeDirectory(worker.name), `volume-${volume}.img`), VOLUME_SIZE);
}

/**
 * The worker with a kernel of its own: its disks are its own too, and it takes only pods that ask for it, for it is slow.
 */
export async function writeNetemWorker(worker: Worker): Promise<void> {
  await copyStore(worker.name);
  writeEtc(worker.name, workerFiles(worker), {
    'network.sh': networkScript(worker, everyWorker),
    'services.sh': workerScript(worker, { labels: NETEM, taints: `${NETEM}:NoSchedule` }),
    'containerd.toml': containerdConfig(),
    'kubelet.yaml': kubeletConfig(worker, 0),
    'kube-proxy.yaml': kubeProxyConfig(worker, 'iptables'),
    'cni/10-lab.conflist': cniConfig(worker),
  });
  const folder = nodeDirectory(worker.name);
  copyFileSync(join(import.meta.dirname, 'node/guest-init.sh'), join(folder, 'etc/guest-init.sh'));
  chmodSync(join(folder, 'etc/guest-init.sh'), 0o755);
  // Killing a namespace worker leaves its files to the machine's kernel, which lives on; a guest's own kernel dies with it.
  await makeDisk(join(folder, 'kubelet.img'), NODE_DISK, ['-O', 'has_journal']);
  await makeDisk(join(folder, 'containerd.img'), GUEST_IMAGES_DISK, ['-O', 'has_journal', '-d', join(folder, 'containerd')]);
  rmSync(join(folder, 'containerd'), { recursive: true });
}

function machineMemoryKiB(): number {
  return Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
}

/** Sparse: it takes what is written to it. Without a journal when nothing else is said. */
export async function makeDisk(file: string, size: string, options: readonly string[] = ['-O', '^has_journal']): Promise<void> {
  await runToEnd(['truncate', '--size', size, file]);
  await runToEnd(['mkfs.ext4', '-q', '-F', '-m', '0', ...options, file]);
}
