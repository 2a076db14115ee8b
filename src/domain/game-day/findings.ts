import type { Finding, RunRecord } from '../run-record.ts';
import type { PlannedScenario } from './plan.ts';
import type { ScenarioResult } from './record.ts';

/** What a scenario teaches, worst first: that it proved nothing, before what its run found. */
export function scenarioFindings(
  planned: PlannedScenario,
  result: ScenarioResult,
  run: RunRecord | undefined,
): readonly Finding[] {
  return [...ofCourse(planned, result, run), ...(run?.findings ?? [])];
}

function ofCourse(planned: PlannedScenario, result: ScenarioResult, run: RunRecord | undefined): readonly Finding[] {
  const { name, reason } = result;
  const again = planned.kind === 'manual' ? 'then practise its steps' : `then run ${planned.plan.experiment.name}`;
  const process = (severity: Finding['severity'], text: string, draftAction: string): readonly Finding[] => [
    { severity, category: 'process', text, draftAction },
  ];
  switch (result.state) {
    case 'done':
      return [];
    case 'skipped':
      return process('medium', `${name} never began: ${reason}.`, `Remove what kept ${name} from beginning, ${again}.`);
    case 'timed-out':
      return process(
        'medium',
        `${name} was not finished: ${reason}.`,
        `Find out what took so long, or give ${name} more time, ${again}.`,
      );
    case 'ran':
      if (run === undefined)
        return [
          {
            severity: 'high',
            category: 'safety',
            text: `${name} left no record, so nobody has seen that every fault is gone: ${reason}.`,
            draftAction: `Look at the targets now, and at \`firedrill status\` until nothing is open, ${again}.`,
          },
        ];
      switch (run.outcome.ending) {
        case 'completed':
          return [];
        case 'not-started':
          return process(
            'medium',
            `${name} never began: ${run.outcome.reason}.`,
            `Remove what kept ${name} from beginning, ${again}.`,
          );
        case 'aborted':
        case 'failed':
          return process(
            'medium',
            `${name} was cut short (${run.outcome.ending}): ${run.outcome.reason}.`,
            `Find out why ${name} was cut short, ${again} to its end.`,
          );
      }
  }
}
