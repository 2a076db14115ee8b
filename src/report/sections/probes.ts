import { neededCoverage } from '../../domain/measure/coverage.ts';
import { inUnit, ruleInUnit } from '../../domain/in-unit.ts';
import { isEvent } from '../../domain/measure/probe-events.ts';
import type { PlannedProbe } from '../../domain/plan/plan.ts';
import type { ProbeSummary } from '../../domain/run-record.ts';
import { cell, code, heading, paragraph, type Cell } from '../blocks.ts';
import { bandWords } from '../charts/fault-band.ts';
import { figureOf } from '../charts/figure.ts';
import { probeStrip } from '../charts/probe-strip.ts';
import { percent } from '../wording/numbers.ts';
import type { Section } from './section.ts';

/** What each probe saw: good, bad and unknown counted apart. */
export const probes: Section = {
  name: 'probes',
  async build(record) {
    const summaries = record.probes;
    const hardLimits = new Map(record.plan.probes.map(({ name, hardLimit }) => [name, hardLimit]));
    if (summaries.length === 0) return [];
    return [
      heading(2, 'Probes'),
      await figureOf(
        'probes',
        { title: 'Samples over time', alternative: `Low: good. High: bad. Hollow: unknown.${bandWords(record)}` },
        (id, narrow) => probeStrip(record, id, narrow),
      ),
      {
        type: 'table',
        columns: [
          { title: 'Probe' },
          { title: 'Roles' },
          { title: 'Good means' },
          { title: 'Good', align: 'right', tight: true },
          { title: 'Bad', align: 'right', tight: true },
          { title: 'Unknown', align: 'right', tight: true },
          { title: 'Coverage', align: 'right', tight: true },
          { title: 'Baseline median', align: 'right', tight: true },
          { title: 'Worst', align: 'right', tight: true },
          { title: 'State at end', tight: true },
        ],
        rows: summaries.map((probe) => rowOf(probe, hardLimits.get(probe.name) ?? null)),
      },
      paragraph('BREACH stays once it is reached; only that of an abort probe reverts the faults.', 'note'),
      {
        type: 'table',
        columns: [{ title: 'Probe' }, { title: 'Query' }],
        rows: summaries.map((probe) => [cell(probe.name), code(probe.query)]),
      },
    ];
  },
};

function rowOf(probe: ProbeSummary, hardLimit: PlannedProbe['hardLimit']): readonly Cell[] {
  const seen = probe.samples > 0;
  return [
    cell(probe.userJourney ? `${probe.name} (user journey)` : probe.name),
    cell(isEvent(probe) ? 'event' : probe.roles.join(', ')),
    cell(hardLimit === null ? probe.rule : `${probe.rule}, always ${ruleInUnit(hardLimit, probe.unit)}`),
    cell(String(probe.good)),
    probe.bad > 0 && !isEvent(probe) ? cell(String(probe.bad), 'bad') : cell(String(probe.bad)),
    probe.unknown > 0 ? cell(String(probe.unknown), 'unknown') : cell(String(probe.unknown)),
    !seen
      ? cell('no samples', 'unknown')
      : probe.coverage < neededCoverage
        ? cell(percent(probe.coverage), 'unknown')
        : cell(percent(probe.coverage)),
    cell(inUnit(probe.baselineMedian, probe.unit)),
    cell(inUnit(probe.worst, probe.unit)),
    cell(probe.finalState),
  ];
}
