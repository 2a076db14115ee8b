import { join } from 'node:path';
import { cacheDirectory } from '../host/programs.ts';

/**
 * Where the one lab cluster of this machine lies, all of it disposable: beside the programs and images in the cache, because
 * nodes share those by hard links.
 */
export const clusterDirectory = (): string => join(cacheDirectory(), 'cluster');
export const nodeDirectory = (name: string): string => join(clusterDirectory(), 'nodes', name);
export const pkiDirectory = (): string => join(clusterDirectory(), 'pki');
export const adminKubeconfig = (): string => join(clusterDirectory(), 'admin.kubeconfig');
/** A containerd root with every image of the lab, which new nodes get as hard links. */
export const imageStore = (): string => join(cacheDirectory(), 'lab-image-store');
/** kubectl and everything a node runs: a link to the folder they were built in. Nodes see it as /lab/bin. */
export const programDirectory = (): string => join(clusterDirectory(), 'bin');
