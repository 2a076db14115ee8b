import type { GameDayRecord, ScenarioRecord } from '../../domain/game-day/record.ts';
import { cell, heading, paragraph } from '../blocks.ts';
import type { Block, Cell } from '../blocks.ts';
import { printMetric } from '../wording/numbers.ts';
import { hypothesisTone } from '../wording/verdict.ts';

/** Scenario beside scenario. */
export function glance({ scenarios }: GameDayRecord): readonly Block[] {
  return [
    heading(2, 'The scenarios at a glance'),
    tableOf(scenarios),
    paragraph(
      'TTD: until an alert fired or a person noticed. TTN: until somebody was told. TTM: until users were well again, only if the fault had not ended by then. All from the first verified effect; [lo, hi] are bounds. Sources and reasons stand with each scenario.',
      'note',
    ),
  ];
}

function tableOf(scenarios: GameDayRecord['scenarios']): Block {
  return {
    type: 'table',
    columns: [
      { title: 'Scenario', tight: true },
      { title: 'Result', tight: true },
      { title: 'TTD' },
      { title: 'TTN' },
      { title: 'TTM' },
      { title: 'Findings', align: 'right', tight: true },
    ],
    rows: scenarios.map((scenario) => [
      cell(scenario.name),
      resultOf(scenario),
      ...(['ttd', 'ttn', 'ttm'] as const).map((name) => numberOf(scenario, name)),
      cell(String(scenario.findings.length)),
    ]),
  };
}

function resultOf({ state, run }: ScenarioRecord): Cell {
  if (run === null) return cell(state, state === 'done' ? 'good' : 'warning');
  const { ending, hypothesis } = run.outcome;
  return ending === 'completed'
    ? cell(hypothesis, hypothesisTone[hypothesis])
    : cell(ending.replace('-', ' '), ending === 'failed' ? 'bad' : 'warning');
}

function numberOf({ run }: ScenarioRecord, name: 'ttd' | 'ttn' | 'ttm'): Cell {
  if (run === null || run.outcome.ending === 'not-started') return cell('–');
  const { value, bounds, status } = printMetric(run.metrics[name]);
  if (run.metrics[name].status === 'measured') return cell(`${value} ${bounds}`);
  return cell(/\d/.test(value) ? `${value}, ${status}` : status);
}
