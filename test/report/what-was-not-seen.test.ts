import { describe, expect, test } from '@jest/globals';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import type { RunRecord } from '../../src/domain/run-record.ts';
import { sliChart } from '../../src/report/charts/sli-chart.ts';
import { renderReport } from '../../src/report/index.ts';
import { records } from './fixtures/record.ts';

const held = records.held();
const probe = held.plan.probes.find(({ name }) => name === 'checkout-errors')!;

/** Strokes that the line of the values is made of. */
async function strokesOf(record: RunRecord): Promise<number> {
  const svg = await sliChart(record, probe, 'c', false);
  const line = [...svg.matchAll(/<path [^>]*>/g)].map(([path]) => path).find((path) => /stroke="var\(--line\)"/.test(path));
  return line?.match(/M/g)?.length ?? 0;
}

describe('the line of a service level', () => {
  test('is one where everything was seen', async () => {
    expect(await strokesOf(held)).toBe(1);
  });

  test('does not lead over samples that are not in the record', async () => {
    const own = held.samples.filter(({ probe: name }) => name === probe.name);
    const lost = new Set(own.slice(10, 20));
    expect(await strokesOf({ ...held, samples: held.samples.filter((sample) => !lost.has(sample)) })).toBe(2);
  });

  test('does not show the value of a sample that was not decided', async () => {
    const own = held.samples.filter(({ probe: name }) => name === probe.name);
    const stale = new Set(own.slice(10, 20));
    const samples = held.samples.map((sample) => (stale.has(sample) ? { ...sample, class: 'stale' as const } : sample));
    expect(await strokesOf({ ...held, samples })).toBe(2);
  });
});

/** As a run whose fault was an event: it happened and was over. */
function spent(record: RunRecord): RunRecord {
  const injections = record.injections.map(({ spec, status }) => {
    const { revertStartedAt: _1, revertedAt: _2, revertVerifiedAt: _3, revertEvidence: _4, ...rest } = status as InjectionStatus;
    return { spec, status: { ...rest, phase: 'spent' as const } };
  });
  return {
    ...record,
    injections,
    clocks: { ...record.clocks, reverted: null },
    outcome: { ...record.outcome, mitigatedBy: 'auto-heal' },
  };
}

test('an event has no band, no revert that was verified and none that is missing', async () => {
  const { markdown } = await renderReport(spent(held));
  expect(markdown).toContain('The system healed itself. Cleanup is clean: what happened is over, and leaves nothing to revert.');
  expect(markdown).not.toMatch(/Shaded|reading back|while the fault was still on|Verified gone|no cause recorded/);
  expect((await renderReport(held)).markdown).toContain('Shaded: the fault.');
});

test('the ticks of a drawing are whole steps from T0', async () => {
  const svg = await sliChart({ ...held, samples: held.samples.slice(3) }, probe, 'c', false);
  const ticks = [...svg.matchAll(/>([+−]?\d+)<\/text>/g)].map(([, text]) => Number(text!.replace('−', '-')));
  expect(ticks).toContain(0);
  expect(ticks.every((tick) => tick % 10 === 0)).toBe(true);
});

test('a run of hours is drawn in minutes', async () => {
  const startedAt = new Date(Date.parse(held.run.startedAt) - 7_200_000).toISOString();
  const first = held.samples[0]!;
  const samples = [{ ...first, at: startedAt }, ...held.samples];
  const svg = await sliChart({ ...held, run: { ...held.run, startedAt }, samples }, probe, 'c', false);
  expect(svg).toContain('minutes from T0');
  expect(svg).toContain('−90<');
});

test('a revert that is the word of a person is never given as a number of ours', async () => {
  const aborted = records.aborted();
  const { reverted } = aborted.clocks;
  const record = { ...aborted, clocks: { ...aborted.clocks, reverted: { ...reverted!, source: 'person bob' } } };
  expect((await renderReport(record)).markdown).toMatch(/Breach to revert verified.*, the word of person bob/);
  expect((await renderReport(aborted)).markdown).not.toContain('the word of');
});
