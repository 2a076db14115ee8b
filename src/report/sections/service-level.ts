import { inUnit, ruleInUnit } from '../../domain/in-unit.ts';
import type { PlannedProbe } from '../../domain/plan/plan.ts';
import type { RunRecord } from '../../domain/run-record.ts';
import { heading, type Figure } from '../blocks.ts';
import { bandWords } from '../charts/fault-band.ts';
import { figureOf } from '../charts/figure.ts';
import { sliChart } from '../charts/sli-chart.ts';
import type { Section } from './section.ts';

/** The measured service level around the fault, one drawing for each steady-state probe that was decided at least once. */
export const serviceLevel: Section = {
  name: 'service-level',
  async build(record) {
    const drawn = record.plan.probes.filter(
      ({ name, roles }) =>
        roles.includes('steady-state') && record.samples.some(({ probe, value }) => probe === name && value !== null),
    );
    if (drawn.length === 0) return [];
    return [heading(2, 'Service level'), ...(await Promise.all(drawn.map((probe, index) => figure(record, probe, index))))];
  },
};

async function figure(record: RunRecord, probe: PlannedProbe, index: number): Promise<Figure> {
  const summary = record.probes.find(({ name }) => name === probe.name);
  const [median, worst] = [summary?.baselineMedian ?? null, summary?.worst ?? null].map((value) => inUnit(value, probe.unit));
  const hard = probe.hardLimit === null ? '' : `, always ${ruleInUnit(probe.hardLimit, probe.unit)}`;
  return figureOf(
    `sli-${index}`,
    {
      title: probe.name,
      alternative: `Good means ${ruleInUnit(probe, probe.unit)}${hard}. Baseline median ${median}, worst ${worst}. Triangles are bad samples; gaps are unknown.${bandWords(record)}`,
    },
    (id, narrow) => sliChart(record, probe, id, narrow),
  );
}
