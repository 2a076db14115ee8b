import type { ClusterRecords, HostRecords } from './plan.ts';

/** One write that halts everything, and needs neither us nor Temporal: a line for a shell. */
export function haltCommand(records: HostRecords | ClusterRecords): string {
  if (records.platform === 'host') return `touch ${shellWord(`${records.stateDirectory}/halt.json`)}`;
  const { context, kubeconfig, namespace } = records.cluster;
  const cluster = [
    ...(kubeconfig === null ? [] : ['--kubeconfig', shellWord(kubeconfig)]),
    ...(context === null ? [] : ['--context', shellWord(context)]),
  ];
  return ['kubectl', ...cluster, '-n', namespace, 'create configmap firedrill-halt'].join(' ');
}

/** Paths with spaces or quotes must survive being pasted. */
function shellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
