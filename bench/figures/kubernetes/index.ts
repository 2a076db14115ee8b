import type { Figure } from '../../harness/figure.ts';
import { clusterPodKill } from './cluster-pod-kill.ts';
import { clusterSkew } from './cluster-skew.ts';
import { nodeFaultStart } from './node-fault-start.ts';

/** In the order of the table. */
export const kubernetesFigures: readonly Figure[] = [nodeFaultStart, clusterSkew, clusterPodKill];
