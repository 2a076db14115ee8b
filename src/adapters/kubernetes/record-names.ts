import { createHash } from 'node:crypto';
import type { ConfirmationWord } from '../../domain/injection/confirmation.ts';
import type { InjectionSpec } from '../../domain/injection/records.ts';
import type { KubeResource } from '../../ports/kubernetes.ts';
import { checkRecordName } from '../records/parse.ts';

export const group = 'firedrill.dev';
export const revertFinalizer = `${group}/revert`;
export const haltName = 'firedrill-halt';
export const journalType = `${group}/journal`;

/** The keys of labels and annotations. */
export const keys = {
  run: `${group}/run`,
  agent: `${group}/agent`,
  node: `${group}/node`,
  injection: `${group}/injection`,
  /** What kind of record a Lease or Secret is. */
  record: `${group}/record`,
  claim: `${group}/claim`,
  version: `${group}/version`,
  pid: `${group}/pid`,
  faults: `${group}/faults`,
} as const;

/** The annotation of an injection that holds what a person says of it. */
export function confirmationKey(word: ConfirmationWord): string {
  return `${group}/confirmed-${word}`;
}

/** The collections that records are kept in. */
export function recordResources(namespace: string) {
  const own = (resource: string): KubeResource => ({ group, version: 'v1', resource, namespace });
  return {
    injections: own('injections'),
    permits: own('permits'),
    leases: { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace },
    configMaps: { group: '', version: 'v1', resource: 'configmaps', namespace },
    secrets: { group: '', version: 'v1', resource: 'secrets', namespace },
  } as const satisfies Record<string, KubeResource>;
}

/** Whose injections an agent sees: the cluster's, or those of one run on one node. */
export type AgentScope = { readonly agent: 'cluster' } | { readonly agent: 'node'; readonly run: string; readonly node: string };

export function scopeLabels(scope: AgentScope): Record<string, string> {
  if (scope.agent === 'cluster') return { [keys.agent]: 'cluster' };
  return { [keys.agent]: 'node', [keys.run]: labelValue(scope.run), [keys.node]: labelValue(scope.node) };
}

export function injectionLabels(spec: InjectionSpec): Record<string, string> {
  const node = spec.target.locator['node'];
  return {
    [keys.run]: labelValue(spec.runId),
    ...scopeLabels(
      spec.agent === 'node' && typeof node === 'string' ? { agent: 'node', run: spec.runId, node } : { agent: 'cluster' },
    ),
  };
}

export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Labels are 63 characters at most: what is longer keeps its beginning, and a hash that tells it from others. */
export function labelValue(text: string): string {
  if (text.length <= 63) return text;
  return `${text.slice(0, 46)}-${sha256(text).slice(0, 16)}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The name of an object that stands for this record. Errors: `spec/invalid`. */
export function objectName(id: string): string {
  checkRecordName(id, /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'small letters, digits, dots and dashes');
  return id;
}
