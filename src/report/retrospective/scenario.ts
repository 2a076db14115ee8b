import type { ScenarioRecord } from '../../domain/game-day/record.ts';
import type { HypothesisResult } from '../../domain/run-record.ts';
import { cell, heading, paragraph } from '../blocks.ts';
import type { Block, Tone } from '../blocks.ts';
import { metricWords } from '../wording/definitions.ts';
import { printMetric, toneOfStatus } from '../wording/numbers.ts';
import { utcTime } from '../wording/times.ts';

type Run = NonNullable<ScenarioRecord['run']>;

const toneOf: Readonly<Record<HypothesisResult, Tone>> = { held: 'good', broken: 'bad', inconclusive: 'unknown' };

/** What was expected of one scenario, and what came of it. */
export function scenarioBlocks(scenario: ScenarioRecord, n: number): readonly Block[] {
  const title = heading(2, `Scenario ${n}: ${scenario.name}`);
  const objective = paragraph(`Objective: ${scenario.objective}.`);
  if (scenario.run === null) {
    return [
      title,
      objective,
      ...(scenario.steps.length === 0 ? [] : [{ type: 'list' as const, items: scenario.steps }]),
      paragraph(`${scenario.state === 'timed-out' ? 'Timed out' : capital(scenario.state)}: ${scenario.reason}.`),
    ];
  }
  const { outcome } = scenario.run;
  return [
    title,
    objective,
    paragraph(
      `Run ${scenario.runId} of ${scenario.run.experiment}: hypothesis ${outcome.hypothesis}, ${outcome.ending}, ${outcome.cleanup}. ${outcome.reason}`,
    ),
    // A run that never began says nothing about the system, the alerts or the people.
    ...(outcome.ending === 'not-started' ? [] : [...hypotheses(scenario.run), ...numbers(scenario.run), ...alerts(scenario.run)]),
    ...findings(scenario.run),
  ];
}

function hypotheses({ hypotheses: all }: Run): readonly Block[] {
  return [
    heading(3, 'Hypothesis against reality'),
    {
      type: 'table',
      columns: [{ title: 'What we expected' }, { title: 'Result', tight: true }, { title: 'What happened' }],
      rows: all.map(({ statement, result, checks }) => [
        cell(statement),
        cell(result, toneOf[result]),
        cell(checks.map(({ name, note }) => `${name}: ${note}`).join('; ')),
      ]),
    },
  ];
}

function numbers({ metrics }: Run): readonly Block[] {
  return [
    heading(3, 'People and alerts in numbers'),
    {
      type: 'table',
      columns: [
        { title: 'Number' },
        { title: 'Value', align: 'right', tight: true },
        { title: '[lo, hi]', tight: true },
        { title: 'Status' },
        { title: 'Why' },
      ],
      rows: (['ttd', 'ttn', 'ttm'] as const).map((name) => {
        const printed = printMetric(metrics[name]);
        return [
          cell(`${name.toUpperCase()} ${metricWords[name].name}`),
          cell(printed.value),
          cell(printed.bounds),
          cell(printed.status, toneOfStatus(metrics[name].status)),
          cell(printed.note),
        ];
      }),
    },
  ];
}

function alerts({ alerts: all }: Run): readonly Block[] {
  if (all.length === 0) return [heading(3, 'Alerts'), paragraph('No alert was expected, and none fired.')];
  return [
    heading(3, 'Alerts'),
    {
      type: 'table',
      columns: [{ title: 'Alert' }, { title: 'Expected' }, { title: 'Class' }, { title: 'Fired' }, { title: 'Notified' }],
      rows: all.map(({ alertname, expected, class: alertClass, firedAt, notifiedAt }) => [
        cell(alertname),
        cell(expected ? 'yes' : 'no'),
        cell(alertClass),
        cell(firedAt === null ? 'no' : utcTime(firedAt)),
        cell(notifiedAt === null ? 'no' : utcTime(notifiedAt)),
      ]),
    },
  ];
}

function findings({ findings: all }: Run): readonly Block[] {
  return [
    heading(3, 'Findings'),
    all.length === 0
      ? paragraph('None.')
      : { type: 'list', items: all.map(({ severity, category, text }) => `${severity}, ${category}: ${text}`) },
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
