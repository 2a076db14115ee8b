import type { Damaged } from './adoption.ts';
import { isTerminal } from './records.ts';
import type { InjectionSpec, InjectionStatus, Phase } from './records.ts';

type Found<T> = T | (Damaged & { readonly id: string });

/** An injection that may be in effect, or of which nobody knows that it ended. */
export interface OpenInjection {
  readonly id: string;
  /** `unseen`: no agent has answered for it. */
  readonly phase: Phase | 'unseen' | 'corrupt';
  /** null when it is gone or cannot be read. */
  readonly spec: InjectionSpec | null;
  /** What the agent, or whoever read the record, says of it. */
  readonly problem: string | null;
}

/** What is broken on purpose, by the records: a final status ends an injection, whatever became of its spec. */
export function openInjections(
  specs: readonly Found<InjectionSpec>[],
  statuses: readonly Found<InjectionStatus>[],
): readonly OpenInjection[] {
  const specOf = new Map(specs.map((spec) => [spec.id, spec]));
  const statusOf = new Map(statuses.map((status) => [status.id, status]));
  return [...new Set([...specOf.keys(), ...statusOf.keys()])].flatMap((id): OpenInjection[] => {
    const found = specOf.get(id);
    const status = statusOf.get(id);
    const spec = found === undefined || 'corrupt' in found ? null : found;
    if (status === undefined) {
      if (found !== undefined && 'corrupt' in found) return [{ id, phase: 'corrupt', spec, problem: found.problem }];
      return [{ id, phase: 'unseen', spec, problem: null }];
    }
    if ('corrupt' in status) return [{ id, phase: 'corrupt', spec, problem: status.problem }];
    return isTerminal(status.phase) ? [] : [{ id, phase: status.phase, spec, problem: status.error?.message ?? null }];
  });
}
