import { badRollout } from './bad-rollout.ts';
import { certificateExpiry } from './certificate-expiry.ts';
import type { ApiNeed } from './cluster-tools.ts';
import { configDrift } from './config-drift.ts';
import { consumerPause } from './consumer-pause.ts';
import { containerKill } from './container-kill.ts';
import { cpuStress } from './cpu-stress.ts';
import { diskFill } from './disk-fill.ts';
import { dnsFailure } from './dns-failure.ts';
import type { Fault } from './fault.ts';
import { hook } from './hook.ts';
import { hpaPin } from './hpa-pin.ts';
import { ioStress } from './io-stress.ts';
import { kafkaBrokerKill } from './kafka-broker-kill.ts';
import { manual } from './manual.ts';
import { memoryStress } from './memory-stress.ts';
import { networkLatency } from './network-latency.ts';
import { networkLoss } from './network-loss.ts';
import { networkPartition } from './network-partition.ts';
import { networkPolicyPartition } from './network-policy-partition.ts';
import { nodeCordon } from './node-cordon.ts';
import { nodeDrain } from './node-drain.ts';
import { nodeTaint } from './node-taint.ts';
import { podEvict } from './pod-evict.ts';
import { podKill } from './pod-kill.ts';
import { poolExhaustion } from './pool-exhaustion.ts';
import { processKill } from './process-kill.ts';
import { queryLock } from './query-lock.ts';
import { redisEviction } from './redis-eviction.ts';
import { redisNodeKill } from './redis-node-kill.ts';
import { replicationPause } from './replication-pause.ts';
import { scale } from './scale.ts';
import { telemetryLoss } from './telemetry-loss.ts';
import { trafficSurge } from './traffic-surge.ts';
import { zoneEvict } from './zone-evict.ts';

/** Every way to break a target: one line per member. */
// prettier-ignore
export const faults: readonly Fault[] = [
  badRollout,
  certificateExpiry,
  configDrift,
  consumerPause,
  containerKill,
  cpuStress,
  diskFill,
  dnsFailure,
  hook,
  hpaPin,
  ioStress,
  kafkaBrokerKill,
  manual,
  memoryStress,
  networkLatency,
  networkLoss,
  networkPartition,
  networkPolicyPartition,
  nodeCordon,
  nodeDrain,
  nodeTaint,
  podEvict,
  podKill,
  poolExhaustion,
  processKill,
  queryLock,
  redisEviction,
  redisNodeKill,
  replicationPause,
  scale,
  telemetryLoss,
  trafficSurge,
  zoneEvict,
];

/** What they need of the cluster's API, all together. */
export const apiNeeds: readonly ApiNeed[] = faults.flatMap(({ needs = [] }) => needs);

export function faultByName(name: string): Fault | undefined {
  return faults.find((fault) => fault.name === name);
}
