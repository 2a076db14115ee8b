import type { ClusterRecords, HostRecords } from './plan.ts';

/** What brings an agent to life where these records are. */
export function agentAdvice(records: HostRecords | ClusterRecords): string {
  if (records.platform === 'host') return 'Start one with `firedrill agent --policy FILE`';
  const { namespace } = records.cluster;
  return `Look at it with \`kubectl -n ${namespace} get pods\`, or install it with \`firedrill install\``;
}
