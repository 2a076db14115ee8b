import { didYouMean } from './did-you-mean.ts';
import type { FaultRegistry } from './fault-registry.ts';
import type { Kind, Spec } from './kinds.ts';
import type { Issue } from './problem.ts';

/** Names that files may point at, by kind. */
export type KnownNames = Readonly<Record<Kind, readonly string[]>>;

/** Everything a file points at that is not there, and fault parameters that the fault does not take. */
export function referenceIssues(spec: Spec, known: KnownNames, faults: FaultRegistry): Issue[] {
  switch (spec.kind) {
    case 'Experiment':
      return [
        ...spec.hypotheses.flatMap((name, index) => missing('hypothesis', name, known.Hypothesis, ['spec', 'hypotheses', index])),
        ...spec.faults.flatMap((fault, index) => faultIssues(fault, ['spec', 'faults', index], faults)),
      ];
    case 'Hypothesis':
      return spec.slo === null ? [] : missing('SLO', spec.slo, known.SLO, ['spec', 'slo']);
    case 'GameDay':
      return spec.scenarios.flatMap(({ experiment }, index) =>
        experiment === undefined
          ? []
          : missing('experiment', experiment, known.Experiment, ['spec', 'scenarios', index, 'experiment']),
      );
    case 'Environment':
    case 'SLO':
      return [];
  }
}

type PlannedFault = Extract<Spec, { kind: 'Experiment' }>['faults'][number];

function faultIssues({ fault, target, params }: PlannedFault, path: Issue['path'], faults: FaultRegistry): Issue[] {
  if (!faults.names.includes(fault)) return missing('fault', fault, faults.names, [...path, 'fault']);
  const parsed = faults.parse(fault, params);
  const issues = parsed.ok ? [] : parsed.issues.map((issue) => ({ ...issue, path: [...path, 'params', ...issue.path] }));
  const kind = target.selector.kind;
  const allowed = faults.targets(fault);
  if (allowed.includes(kind)) return issues;
  const message = `${fault} does not act on a ${kind}. It acts on: ${allowed.map((each) => targetWords[each]).join('; ')}`;
  return [...issues, { path: [...path, 'target'], at: 'value', message }];
}

const targetWords = {
  process: 'a process (service, with count or percent)',
  link: 'a link (service, to)',
  volume: 'a volume (service, volume)',
  postgres: 'a postgres (service, postgres)',
  service: 'a service',
} as const;

function missing(what: string, name: string, known: readonly string[], path: Issue['path']): Issue[] {
  if (known.includes(name)) return [];
  const allowed = known.length === 0 ? `There is no ${what} yet` : `Known: ${known.join(', ')}`;
  return [{ path, at: 'value', message: `${what} "${name}" does not exist.${didYouMean(name, known)} ${allowed}` }];
}
