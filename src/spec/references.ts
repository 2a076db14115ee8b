import type { TargetRef } from '../domain/plan/plan.ts';
import { didYouMean, onlySlip } from './did-you-mean.ts';
import type { FaultRegistry } from './fault-registry.ts';
import type { Kind } from './kinds.ts';
import type { Issue } from './problem.ts';

/** Names that files may point at, by kind. */
export type KnownNames = Readonly<Record<Kind, readonly string[]>>;

/** A name that a file points at. */
export interface Pointer {
  readonly kind: Kind;
  readonly name: string;
}

/** Everything a file points at, there or not. Reads the plain value, as `referenceIssues`. */
export function pointersOf(kind: Kind, value: unknown): readonly Pointer[] {
  const spec = member(value, 'spec');
  const named = (kind: Kind, names: readonly unknown[]): Pointer[] =>
    names.flatMap((name) => (typeof name === 'string' ? [{ kind, name }] : []));
  switch (kind) {
    case 'Experiment':
      return named('Hypothesis', list(member(spec, 'hypotheses')));
    case 'Hypothesis':
      return named('SLO', [member(spec, 'slo')]);
    case 'GameDay':
      return named(
        'Experiment',
        list(member(spec, 'scenarios')).map((scenario) => member(scenario, 'experiment')),
      );
    case 'Environment':
    case 'SLO':
      return [];
  }
}

/**
 * Everything a file points at that is not there, and fault parameters that the fault does not take. Reads the plain value, and
 * passes over what has not the right form, so that a file with other faults still has all of these told at once.
 */
export function referenceIssues(kind: Kind, value: unknown, known: KnownNames, faults: FaultRegistry): Issue[] {
  const spec = member(value, 'spec');
  switch (kind) {
    case 'Experiment':
      return [
        ...list(member(spec, 'hypotheses')).flatMap((name, index) =>
          missing('hypothesis', name, known.Hypothesis, ['spec', 'hypotheses', index]),
        ),
        ...list(member(spec, 'faults')).flatMap((fault, index) => faultIssues(fault, ['spec', 'faults', index], faults)),
      ];
    case 'Hypothesis':
      return missing('SLO', member(spec, 'slo'), known.SLO, ['spec', 'slo']);
    case 'GameDay':
      return list(member(spec, 'scenarios')).flatMap((scenario, index) =>
        missing('experiment', member(scenario, 'experiment'), known.Experiment, ['spec', 'scenarios', index, 'experiment']),
      );
    case 'Environment':
    case 'SLO':
      return [];
  }
}

function faultIssues(step: unknown, path: Issue['path'], faults: FaultRegistry): Issue[] {
  const fault = member(step, 'fault');
  if (typeof fault !== 'string') return [];
  if (!faults.names.includes(fault)) {
    const meant = onlySlip(fault, faults.names);
    return missing('fault', fault, faults.names, [...path, 'fault']).map((issue) =>
      meant === null ? issue : { ...issue, meant },
    );
  }
  const parsed = faults.parse(fault, member(step, 'params') ?? {});
  const issues = parsed.ok ? [] : parsed.issues.map((issue) => ({ ...issue, path: [...path, 'params', ...issue.path] }));
  return [...issues, ...targetIssues(fault, member(step, 'target'), [...path, 'target'], faults.targets(fault))];
}

function targetIssues(fault: string, target: unknown, path: Issue['path'], allowed: readonly TargetRef['kind'][]): Issue[] {
  const kinds = selecting.filter(([key]) => member(target, key) !== undefined).map(([, kind]) => kind);
  const kind = kinds[0] ?? 'process';
  // A service alone is a process on a host, and a pod or what makes pods in a cluster: the file does not say where it will run.
  const meant = kinds.length === 0 ? memberKinds : kinds;
  if (typeof target !== 'object' || kinds.length > 1 || allowed.some((each) => meant.includes(each))) return [];
  const message = `${fault} does not act on a ${kind}. It acts on: ${allowed.map((each) => targetWords[each]).join('; ')}`;
  return [{ path, at: 'value', message }];
}

const memberKinds: readonly TargetRef['kind'][] = ['process', 'pod', 'container', 'workload'];

const selecting: readonly (readonly [string, TargetRef['kind']])[] = [
  ['to', 'link'],
  ['volume', 'volume'],
  ['postgres', 'postgres'],
  ['redis', 'redis'],
  ['config', 'config'],
  ['node', 'node'],
  ['zone', 'node'],
  ['nodes', 'node'],
];

const targetWords = {
  process: 'a process (service, with count or percent)',
  link: 'a link (service, to)',
  volume: 'a volume (service, volume)',
  postgres: 'a postgres (service, postgres)',
  redis: 'a redis (service, redis)',
  service: 'a service',
  pod: 'a pod (service, with count or percent)',
  container: 'a container (service, with count or percent)',
  workload: 'a workload (service)',
  config: 'a config (service, config)',
  node: 'a node (node, zone or nodes: any)',
} as const;

function missing(what: string, name: unknown, known: readonly string[], path: Issue['path']): Issue[] {
  if (typeof name !== 'string' || known.includes(name)) return [];
  const allowed = known.length === 0 ? `There is no ${what} yet` : `Known: ${known.join(', ')}`;
  return [{ path, at: 'value', message: `${what} "${name}" does not exist.${didYouMean(name, known)} ${allowed}` }];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
