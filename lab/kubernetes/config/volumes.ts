import { stringify } from 'yaml';
import { topology, volumesPerWorker, type Worker } from '../topology.ts';

/** A local volume of a worker: a filesystem of its own on the worker's disk. */
export interface LocalVolume {
  readonly name: string;
  readonly worker: string;
  /** Its folder within the node, and the name of its image, `1` and so on. */
  readonly folder: string;
}

export const VOLUME_SIZE = '1G';

export const volumeFolders: readonly string[] = Array.from({ length: volumesPerWorker }, (_, index) => String(index + 1));

export const volumesOf = (workers: readonly Worker[]): readonly LocalVolume[] =>
  workers.flatMap(({ name }) => volumeFolders.map((folder) => ({ name: `${name}-${folder}`, worker: name, folder })));

export function volumeManifest({ name, worker, folder }: LocalVolume): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: { [topology.zoneLabel]: zoneOf(worker) } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'lab',
      local: { path: `/lab/volumes/${folder}` },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [worker] }] }],
        },
      },
    },
  });
}

const zoneOf = (worker: string): string => topology.workers.find(({ name }) => name === worker)?.zone ?? '';
