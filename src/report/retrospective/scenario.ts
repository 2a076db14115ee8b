import type { ScenarioRecord } from '../../domain/game-day/record.ts';
import { cell, heading, paragraph } from '../blocks.ts';
import type { Block } from '../blocks.ts';
import { alertClassWords, verdictMetrics } from '../wording/definitions.ts';
import { keyNumber } from '../wording/numbers.ts';
import { timeFromT0, utcDateTime } from '../wording/times.ts';
import { alertClassTone, hypothesisTone, severityTone } from '../wording/verdict.ts';
import { capital } from './capital.ts';

type Run = NonNullable<ScenarioRecord['run']>;

/** What was expected of one scenario, and what came of it. */
export function scenarioBlocks(scenario: ScenarioRecord, n: number): readonly Block[] {
  const { name, objective, run } = scenario;
  const frame = [heading(2, `Scenario ${n}: ${name}`), paragraph(`Objective: ${objective}.`)];
  if (run === null) return [...frame, ...withoutRun(scenario), ...findings(scenario)];
  return [
    ...frame,
    aboutRun(scenario, run),
    paragraph(`Every probe, sample and injection: ../${scenario.runId}/report.html`, 'note'),
    // A run that never began says nothing about the system, the alerts or the people.
    ...(run.outcome.ending === 'not-started' ? [] : [...hypotheses(run), ...numbers(run), ...alerts(run)]),
    ...findings(scenario),
  ];
}

function withoutRun({ state, reason, steps }: ScenarioRecord): readonly Block[] {
  return [
    paragraph(`${state === 'timed-out' ? 'Timed out' : capital(state)}: ${reason}.`),
    ...(steps.length === 0 ? [] : [{ type: 'list' as const, items: steps }]),
  ];
}

function aboutRun({ startedAt, plannedHash }: ScenarioRecord, { experiment, planHash, outcome }: Run): Block {
  const hash = planHash.slice(0, 12);
  return {
    type: 'facts',
    items: [
      { label: 'Experiment', value: experiment },
      { label: 'Ending', value: `${outcome.ending.replace('-', ' ')}, ${outcome.cleanup}: ${outcome.reason}` },
      ...(startedAt === null ? [] : [{ label: 'Began (UTC)', value: utcDateTime(startedAt) }]),
      {
        label: 'Plan',
        value:
          planHash === plannedHash
            ? `${hash}, as shown at the start`
            : `${hash}: the one shown at the start (${plannedHash?.slice(0, 12)}) on the same targets, restarted since`,
      },
    ],
  };
}

function hypotheses({ hypotheses: all }: Run): readonly Block[] {
  return [
    heading(3, 'Hypothesis against reality'),
    ...all.flatMap(({ statement, slo, result, checks }): readonly Block[] => [
      paragraph(`We expected: ${statement}${slo === null ? '' : ` (SLO ${slo})`}. It ${verdictOf[result]}.`),
      {
        type: 'table',
        columns: [{ title: 'Check', tight: true }, { title: 'Result', tight: true }, { title: 'What happened' }],
        rows: checks.map((check) => [cell(check.name), cell(check.result, hypothesisTone[check.result]), cell(check.note)]),
      },
    ]),
  ];
}

const verdictOf = { held: 'held', broken: 'did not hold', inconclusive: 'could not be judged' } as const;

function numbers({ metrics }: Run): readonly Block[] {
  return [
    heading(3, 'People and alerts in numbers'),
    { type: 'key-numbers', items: verdictMetrics.map((name) => keyNumber(name, metrics[name])) },
  ];
}

function alerts({ alerts: all, clocks }: Run): readonly Block[] {
  if (all.length === 0) return [heading(3, 'Alerts'), paragraph('No alert was expected, and none fired.')];
  const t0 = clocks.t0?.at ?? null;
  return [
    heading(3, 'Alerts'),
    {
      type: 'table',
      columns: [
        { title: 'Alert' },
        { title: 'Class', tight: true },
        { title: 'Expected', tight: true },
        { title: 'Fired (from T0)', tight: true },
        { title: 'Notified', tight: true },
        { title: 'Cleared', tight: true },
      ],
      rows: all.map(({ alertname, expected, class: alertClass, firedAt, notifiedAt, clearedAt }) => [
        cell(alertname),
        cell(alertClassWords[alertClass].word, alertClassTone[alertClass]),
        cell(expected ? 'yes' : 'no'),
        ...[firedAt, notifiedAt, clearedAt].map((at) => cell(timeFromT0(at, t0))),
      ]),
    },
  ];
}

function findings({ findings: all }: ScenarioRecord): readonly Block[] {
  if (all.length === 0) return [heading(3, 'Findings'), paragraph('None.')];
  return [
    heading(3, 'Findings'),
    {
      type: 'table',
      columns: [{ title: 'Severity', tight: true }, { title: 'Category', tight: true }, { title: 'Finding' }],
      rows: all.map(({ severity, category, text }) => [cell(severity, severityTone[severity]), cell(category), cell(text)]),
    },
  ];
}
