import { nextStepOfDay } from '../../domain/game-day/next-step.ts';
import type { GameDayRecord, ScenarioRecord } from '../../domain/game-day/record.ts';
import { verdictMetrics } from '../wording/definitions.ts';
import { metricLine } from '../wording/numbers.ts';

/** The day for a terminal: plain text, no colour. */
export function renderDaySummary(record: GameDayRecord): string {
  const { day, ending, cleanup, reason, scenarios, actions, closedAt } = record;
  const lines = [
    `${day.title} in ${day.environment}, game day ${day.id}`,
    `${ending} · ${cleanup} · ${closedAt === null ? 'not closed' : `closed ${closedAt.slice(0, 10)}`}`,
    `  ${reason}`,
    ...scenarios.flatMap((scenario, index) => ['', ...scenarioLines(scenario, index + 1)]),
    '',
    ...(actions.length === 0 ? ['no actions'] : ['actions']),
    ...actions.map(({ id, owner, due, text }) => `  ${id.padEnd(3)} ${owner ?? 'nobody yet'}, due ${due ?? 'never'}: ${text}`),
    `next: ${nextStepOfDay(record)}`,
  ];
  return `${lines.map((line) => line.replace(/\s*[\r\n]+\s*/g, ' ')).join('\n')}\n`;
}

function scenarioLines({ name, state, reason, runId, run }: ScenarioRecord, n: number): readonly string[] {
  if (run === null) return [`${n} ${name}: ${state}, ${reason}`];
  const { hypothesis, ending, cleanup } = run.outcome;
  return [
    `${n} ${name}: hypothesis ${hypothesis} · ${ending} · ${cleanup}`,
    `  run ${runId ?? 'unknown'}`,
    ...verdictMetrics.map((metric) => `  ${metric.toUpperCase()}  ${metricLine(run.metrics[metric])}`),
  ];
}
