import type { Figure } from '../../harness/figure.ts';
import { agentImage } from './agent-image.ts';
import { apiServerStopped } from './api-server-stopped.ts';
import { clusterAgentsDead } from './cluster-agents-dead.ts';
import { clusterBreachToRevert } from './cluster-breach-to-revert.ts';
import { clusterKillMatrix } from './cluster-kill-matrix.ts';
import { clusterPodKill } from './cluster-pod-kill.ts';
import { clusterSkew } from './cluster-skew.ts';
import { delayAccuracy } from './delay-accuracy.ts';
import { injectionsAtRest } from './injections-at-rest.ts';
import { netemFelt } from './netem-felt.ts';
import { nodeAgentKilled } from './node-agent-killed.ts';
import { nodeAgentMemory } from './node-agent-memory.ts';
import { nodeFaultStart } from './node-fault-start.ts';

/** In the order of the table. */
export const kubernetesFigures: readonly Figure[] = [
  nodeFaultStart,
  clusterSkew,
  clusterPodKill,
  netemFelt,
  clusterBreachToRevert,
  nodeAgentKilled,
  clusterKillMatrix,
  apiServerStopped,
  clusterAgentsDead,
  nodeAgentMemory,
  agentImage,
  delayAccuracy,
  injectionsAtRest,
];
