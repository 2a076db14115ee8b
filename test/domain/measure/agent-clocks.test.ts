import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { msOf } from '../../../src/domain/measure/bounds.ts';
import type { MeasurementInput } from '../../../src/domain/measure/input.ts';
import { at, start } from './samples.ts';
import { event, reverted, story } from './stories.ts';

/** True times of one fault's life, in ms after the release; the agent stamps them by a clock of its own. */
interface Life {
  readonly heard: number;
  readonly absent: number;
  readonly verified: number;
  readonly seen: number;
}

const released = 9.5;
const calm: Life = { heard: 20, absent: 30, verified: 100, seen: 150 };

function inCluster(
  life: Life,
  offsetMs: number,
  environment: object = { platform: 'kubernetes', cluster: { context: null, kubeconfig: null, namespace: 'firedrill' } },
) {
  const { plan, ...rest } = story();
  const stamp = (ms: number): string => at(released + (ms + offsetMs) / 1000);
  const agent = { name: 'cluster', version: '0', pid: 1 };
  const times = {
    armedAt: stamp(-500),
    lastAbsentAt: stamp(life.absent),
    activeAt: stamp(life.absent + 1),
    verifiedAt: stamp(life.verified),
    revertStartedAt: stamp(30_000),
    revertedAt: stamp(30_001),
    revertVerifiedAt: stamp(30_002),
  };
  const phase = (phase: string, agentMs: number, seenMs: number) => ({
    at: stamp(agentMs),
    source: 'agent' as const,
    kind: `injection.${phase}`,
    text: phase,
    data: { id: 'r1-1-1', phase, seenAt: at(released + seenMs / 1000) },
  });
  return {
    ...rest,
    plan: { ...plan, environment: { ...plan.environment, ...environment } as MeasurementInput['plan']['environment'] },
    injections: rest.injections.map(({ spec }) => ({ spec, status: { ...reverted, ...times, agent } })),
    timeline: [
      { ...event(released, 'run.commanded'), data: { stage: 1 } },
      phase('armed', -500, -400),
      phase('active', life.verified, life.seen),
      ...rest.timeline.slice(1),
    ],
  } satisfies MeasurementInput;
}

const sinceRelease = (iso: string): number => msOf(iso) - start - released * 1000;

test.each([3000, -3000])("T0 of an agent whose clock is off by %d ms is told on the worker's, within bounds", (offsetMs) => {
  const { clocks, dataQuality, injections, timeline } = buildRunRecord(inCluster(calm, offsetMs));
  const t0 = clocks.t0!;
  expect(sinceRelease(t0.lo)).toBeLessThanOrEqual(calm.verified);
  expect(sinceRelease(t0.hi)).toBeGreaterThanOrEqual(calm.verified);
  expect(Math.abs(sinceRelease(t0.at) - calm.verified)).toBeLessThanOrEqual(calm.seen);
  expect(msOf(t0.hi) - msOf(t0.lo)).toBeLessThan(300);
  expect(injections[0]!.status!.verifiedAt).toBe(t0.at);
  expect(timeline.find(({ kind }) => kind === 'injection.active')!.at).toBe(t0.at);
  expect(dataQuality.clockOffsets).toContainEqual(expect.objectContaining({ upstream: 'agent cluster' }));
  expect(dataQuality.notes.join()).toContain(`The clock of agent cluster is ${offsetMs > 0 ? 'ahead' : 'behind'} by`);
});

test('delays alone correct nothing: they only widen', () => {
  const { clocks, dataQuality } = buildRunRecord(inCluster(calm, 0));
  expect(sinceRelease(clocks.t0!.at)).toBe(calm.verified);
  expect(dataQuality.notes.join()).not.toContain('clock of agent');
});

test('a clock that was set while the run went on leaves T0 between the release and the first look', () => {
  const life = inCluster(calm, 0);
  const [{ spec, status }] = life.injections as [(typeof life.injections)[0]];
  // An hour ahead while it armed, right when it acted.
  const set = { ...status, armedAt: at(3600) };
  const { clocks, dataQuality } = buildRunRecord({ ...life, injections: [{ spec, status: set }] });
  expect([clocks.t0!.lo, clocks.t0!.hi].map(sinceRelease)).toEqual([0, calm.seen]);
  expect(dataQuality.notes.join()).toContain('was set while the run went on');
});

test('what was not measured is said, not guessed', () => {
  const life = inCluster(calm, 3000);
  const { clocks, dataQuality } = buildRunRecord({ ...life, timeline: life.timeline.slice(1) });
  expect(sinceRelease(clocks.t0!.at)).toBe(calm.verified + 3000);
  expect(dataQuality.notes.join()).toContain('The offset of the clock of agent cluster was not measured');
});

test('on one machine there is one clock', () => {
  const { clocks, dataQuality } = buildRunRecord(inCluster(calm, 0, { platform: 'host' }));
  expect([clocks.t0!.lo, clocks.t0!.at].map(sinceRelease)).toEqual([calm.absent, calm.verified]);
  expect(dataQuality.clockOffsets).toHaveLength(1);
});

test('whatever the offset and the delays, the true T0 is within the bounds', () => {
  const delay = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(fc.integer({ min: -86_400_000, max: 86_400_000 }), delay, delay, delay, (offsetMs, heard, verified, seen) => {
      const life = { heard, absent: heard, verified: heard + verified, seen: heard + verified + seen };
      const { t0 } = buildRunRecord(inCluster(life, offsetMs)).clocks;
      expect(sinceRelease(t0!.lo)).toBeLessThanOrEqual(life.verified);
      expect(sinceRelease(t0!.hi)).toBeGreaterThanOrEqual(life.verified);
    }),
    { numRuns: 200 },
  );
});
