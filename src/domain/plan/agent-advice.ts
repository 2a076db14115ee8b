import type { ClusterRecords, HostRecords } from './plan.ts';

/** What brings an agent to life where these records are. */
export function agentAdvice(records: HostRecords | ClusterRecords): string {
  if (records.platform === 'host') return 'Start one with `firedrill agent --policy FILE`';
  const { namespace } = records.cluster;
  return `Look at it with \`kubectl -n ${namespace} get pods\`, or install it with \`firedrill install\``;
}

/** What ends faults whose end is not verified, until it says that nothing is left: in words that go on after a verb or a comma. */
export function cleanupAdvice(records: HostRecords | ClusterRecords): string {
  if (records.platform === 'host') return 'run `firedrill sweep` until it reports clean';
  const { namespace } = records.cluster;
  return `see that an agent lives and reverts (\`kubectl -n ${namespace} get pods,injections\`) until nothing is left`;
}
