import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { readJson, writeJson } from './json-file.ts';
import { clusterDirectory } from './layout.ts';
import { everyWorker, topology, workers, type Worker } from './topology.ts';

/** What a cluster changed of the machine itself, and what its nodes are made of; there from its first change to its end. */
export interface ClusterRecord {
  /** As they were before. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly userland: string;
  /** The unpacked user-mode-linux, when the netem worker belongs to this cluster; null when not. */
  readonly guest: string | null;
}

const file = (): string => join(clusterDirectory(), 'cluster.json');

/** null when no cluster is up, or begun. */
export const readCluster = (): ClusterRecord | null => readJson<ClusterRecord>(file());
export const writeCluster = (record: ClusterRecord): void => writeJson(file(), record);

/** Errors: `part/missing` when no cluster is up. */
export function requireCluster(): ClusterRecord {
  const record = readCluster();
  if (record === null) throw new AppError('part/missing', 'no lab cluster is up on this machine. Start it: npm run cluster:up');
  return record;
}

/** The nodes of that cluster, first the one the others need. */
export function nodesOf(record: ClusterRecord): readonly { readonly name: string; readonly octet: number }[] {
  return [topology.controlPlane, ...workersOf(record)];
}

export const workersOf = ({ guest }: ClusterRecord): readonly Worker[] => (guest === null ? workers : everyWorker);
