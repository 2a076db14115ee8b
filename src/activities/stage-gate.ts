import { baselineProblem } from '../domain/measure/baseline.ts';
import type { Sample } from '../domain/measure/sample.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';

/** What was measured while a stage was watched; whether the next one may be released. */
export interface StageGate {
  /** Forgets what was measured before. */
  begin(): void;
  take(sample: Sample): void;
  /** Why the stage may not be followed by another, in words; null when every probe was good. The rule is that of the baseline. */
  problem(): string | null;
}

/** Events are no part of it: they are what a fault is to bring about. */
export function createStageGate(probes: readonly PlannedProbe[]): StageGate {
  const judged = probes.filter(({ roles }) => roles.length > 0);
  let seen = new Map<string, Sample[]>();
  return {
    begin: () => (seen = new Map()),
    take(sample) {
      seen.set(sample.probe, [...(seen.get(sample.probe) ?? []), sample]);
    },
    problem() {
      const problems = judged.flatMap((probe) => {
        const samples = seen.get(probe.name) ?? [];
        return samples.length === 0 ? [`${probe.name} was not measured`] : (baselineProblem(probe, samples) ?? []);
      });
      return problems.length === 0 ? null : problems.join('; ');
    },
  };
}
