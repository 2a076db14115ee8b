import { cell, heading, type Block } from '../blocks.ts';
import { percent } from '../wording/numbers.ts';
import type { Section } from './section.ts';

/** How far the numbers can be trusted: coverage, clocks, and the parameters they depend on. */
export const dataQuality: Section = {
  name: 'data-quality',
  build({ dataQuality: quality, plan, probes }) {
    const blocks: Block[] = [
      heading(2, 'Data quality'),
      {
        type: 'facts',
        items: [
          { label: 'Scrape interval', value: seconds(quality.scrapeIntervalSeconds) },
          { label: 'Evaluation interval', value: seconds(quality.evaluationIntervalSeconds) },
          { label: 'Baseline', value: `${plan.baselineSeconds} s` },
          { label: 'Stability window', value: `${plan.recovery.stableSeconds} s` },
          { label: 'Recovery timeout', value: `${plan.recovery.timeoutSeconds} s` },
          { label: 'Grace for late alerts', value: `${plan.graceSeconds} s` },
          { label: 'Coverage (needs 80 %)', value: coverageOf(probes) },
        ],
      },
    ];
    if (quality.clockOffsets.length > 0) {
      blocks.push({
        type: 'table',
        columns: [
          { title: 'Clock of' },
          { title: 'Offset to ours', align: 'right', tight: true },
          { title: 'Error', align: 'right', tight: true },
        ],
        rows: quality.clockOffsets.map(({ upstream, offsetMs, errorMs }) => [
          cell(upstream),
          cell(`${offsetMs < 0 ? '−' : '+'}${Math.abs(offsetMs).toFixed(0)} ms`),
          cell(`± ${errorMs.toFixed(0)} ms`),
        ]),
      });
    }
    if (quality.notes.length > 0) blocks.push({ type: 'list', items: quality.notes });
    return blocks;
  },
};

function seconds(value: number | null): string {
  return value === null ? 'unknown' : `${value} s`;
}

function coverageOf(probes: readonly { readonly samples: number; readonly coverage: number }[]): string {
  const sampled = probes.filter(({ samples }) => samples > 0);
  if (sampled.length === 0) return 'unknown';
  return `at least ${percent(Math.min(...sampled.map(({ coverage }) => coverage)))} per probe`;
}
