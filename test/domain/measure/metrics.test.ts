import { describe, expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { Metric, MetricName } from '../../../src/domain/run-record.ts';
import { at, probeLike } from './samples.ts';
import { event, spent, story } from './stories.ts';
import type { Changes } from './stories.ts';

const aborted = { ending: 'aborted', reason: 'probe', abortedBy: { kind: 'probe', name: 'errors' } } as const;
const noReceiver = story().plan.environment;

describe('each metric says how it was come by', () => {
  test.each<[string, MetricName, Changes, Partial<Metric>]>([
    ['impact is measured to the first bad interval', 'tti', {}, { status: 'measured', seconds: 2, lo: 1, hi: 2.2 }],
    ['no bad interval is no impact, a success', 'tti', { hurt: null }, { status: 'no-impact', seconds: null }],
    ['without samples after the fault nothing is said of impact', 'tti', { samples: [] }, { status: 'not-measured' }],
    ['one bad interval is no impact where two of three make a breach', 'tti', { hurt: [12, 13] }, { status: 'no-impact' }],

    [
      'detection is measured to the expected alert',
      'ttd',
      {},
      { status: 'measured', seconds: 7, lo: 7, hi: 8.2, source: 'alert' },
    ],
    [
      'a person who notices first is the detection',
      'ttd',
      { people: { noticed: 14 } },
      { status: 'measured', seconds: 4, source: 'person' },
    ],
    ['a word from before the fault is no detection', 'ttd', { people: { noticed: 5 }, firing: null }, { status: 'missed' }],
    ['an alert after the revert is late', 'ttd', { firing: [44, 50] }, { status: 'late', seconds: 34 }],
    [
      'an alert that fired before the fault is pre-existing',
      'ttd',
      { firing: [4, 50], pending: 1 },
      { status: 'pre-existing', seconds: null },
    ],
    ['an alert pending before the fault is primed', 'ttd', { firing: [11, 50], pending: 6 }, { status: 'primed', seconds: null }],
    ['an expected alert that never fired is missed', 'ttd', { firing: null }, { status: 'missed' }],
    [
      'an alert whose `for` outlasts the fault is undetectable by design',
      'ttd',
      {
        firing: null,
        input: { rules: [{ name: 'Errors', query: 'q', forSeconds: 60, intervalSeconds: 1, health: 'ok', labels: {} }] },
      },
      { status: 'undetectable-by-design' },
    ],
    [
      'an abort before the alert was due censors detection',
      'ttd',
      { firing: null, status: { revertStartedAt: at(20) }, input: { ending: aborted } },
      { status: 'censored', seconds: null, lo: 10 },
    ],
    ['no impact and no alert is no missed detection', 'ttd', { hurt: null, firing: null }, { status: 'no-impact' }],
    [
      'without expected alerts and words nothing is said of detection',
      'ttd',
      { firing: null, plan: { expectedAlerts: [] } },
      { status: 'not-measured' },
    ],

    ['notification is measured to the delivery', 'ttn', {}, { status: 'measured', seconds: 8 }],
    ['a firing nobody was told of is suppressed', 'ttn', { delivered: null }, { status: 'suppressed', seconds: null }],
    [
      'without a receiver nothing is said of notification',
      'ttn',
      { delivered: null, plan: { environment: { ...noReceiver, receiverUrl: null } } },
      { status: 'not-measured' },
    ],
    ['no alert, no notification', 'ttn', { firing: null }, { status: 'missed' }],

    ['acknowledgement is measured from the delivery', 'tta', {}, { status: 'measured', seconds: 7 }],
    ['a delivery nobody acknowledged counts as such', 'tta', { people: {} }, { status: 'unacked' }],
    [
      'an acknowledgement before the delivery is no answer to it',
      'tta',
      { people: { acknowledged: 16 } },
      { status: 'not-measured' },
    ],

    ['recovery by the revert never passes for mitigation', 'ttm', {}, { status: 'censored', seconds: null, lo: 30 }],
    ['recovery before the revert is mitigation', 'ttm', { hurt: [12, 30] }, { status: 'measured', seconds: 20 }],
    [
      'a good stretch shorter than the stability window is no recovery',
      'ttm',
      { hurt: [12, 57], status: spent },
      { status: 'censored', lo: 50 },
    ],
    ['an event that heals has no revert to wait for', 'ttm', { status: spent }, { status: 'measured', seconds: 33 }],
    ['without impact there is nothing to mitigate', 'ttm', { hurt: null }, { status: 'no-impact' }],

    ['restoration is measured to verified steady state', 'ttr', {}, { status: 'measured', seconds: 40 }],
    ['steady state that did not come back is said so', 'ttr', { restored: null }, { status: 'not-restored' }],
    ['no verified fault starts no clock', 'ttr', { status: null }, { status: 'not-measured' }],
  ])('%s', (_title, name, changes, expected) => {
    expect(buildRunRecord(story(changes)).metrics[name]).toMatchObject(expected);
  });
});

describe('recovery is credited to who brought it', () => {
  test.each<[string, Changes, string | null]>([
    ['a person acted before recovery', { hurt: [12, 30], people: { acted: 28 } }, 'responder'],
    ['nobody did, and it recovered before the revert', { hurt: [12, 30] }, 'auto-heal'],
    ['a person acted only after recovery', { hurt: [12, 30], people: { acted: 35 } }, 'auto-heal'],
    ['the fault ran out', { people: { acted: 20 } }, 'expiry'],
    ['a probe aborted', { input: { ending: aborted } }, 'abort'],
    ['the halt switch was thrown', { input: { ending: { ...aborted, abortedBy: { kind: 'halt', name: 'ada' } } } }, 'halt'],
    ['a responder removed the fault itself', { status: { cause: 'responder' }, people: { mitigated: 39 } }, 'responder'],
    ['nothing was hurt', { hurt: null }, null],
  ])('%s', (_title, changes, expected) => {
    expect(buildRunRecord(story(changes)).outcome.mitigatedBy).toBe(expected);
  });
});

test('a clock ahead of ours is corrected, and its error widens the bounds', () => {
  const clockOffsets = [{ upstream: 'http://prometheus', offsetMs: 2000, errorMs: 300 }];
  const { clocks } = buildRunRecord(story({ input: { clockOffsets } }));
  expect(clocks.fired).toMatchObject({ at: at(15), lo: at(14.7), hi: at(16.3) });
});

test("a person's own clock is only the lower bound of when they said it", () => {
  const timeline = [event(25, 'person.acknowledged', { sentAt: at(23) })];
  expect(buildRunRecord(story({ input: { timeline } })).clocks.acknowledged).toMatchObject({
    at: at(25),
    lo: at(23),
    hi: at(25),
  });
});

test('impact and recovery come from raw counters where there are some', () => {
  const count = (perSecond: (second: number) => number) => {
    let sum = 0;
    return Array.from({ length: 61 }, (_, second) => [Date.parse(at(second)) / 1000, (sum += perSecond(second))] as const);
  };
  const hurt = (second: number) => (second >= 12 && second < 43 ? 5 : 0);
  const rawSli = [
    {
      kind: 'ratio' as const,
      probe: 'errors',
      total: [{ labels: {}, points: count(() => 10) }],
      bad: [{ labels: {}, points: count(hurt) }],
    },
  ];
  const { clocks } = buildRunRecord(story({ samples: [], input: { rawSli } }));
  expect(clocks.impact).toMatchObject({ at: at(12), lo: at(10), source: 'raw counters of errors' });
  expect(clocks.recovered).toMatchObject({ at: at(43), lo: at(41) });
});

test("a query's window widens the lower bounds of impact and recovery, and the record says so", () => {
  const { metrics, clocks, dataQuality } = buildRunRecord(
    story({ hurt: [12, 30], plan: { probes: [probeLike({ windowSeconds: 5 })] } }),
  );
  expect(metrics.tti).toMatchObject({ seconds: 2, lo: 0, hi: 2.2 });
  expect(clocks.impact).toMatchObject({ lo: at(9.8) });
  expect(metrics.ttm).toMatchObject({ seconds: 20, lo: 14, hi: 20.2 });
  expect(metrics.ttm.note).toContain('looks back 5 s');
  expect(dataQuality.notes.join()).toContain('the 5 s window of the query');
});

test('a single bad scrape after recovery does not undo it', () => {
  const samples = story().samples.map((sample) => (sample.at === at(45) ? { ...sample, class: 'bad' as const } : sample));
  expect(buildRunRecord(story({ samples })).clocks.recovered).toMatchObject({ at: at(43) });
});

test('a counter reset and a counter born during the run are no phantom errors', () => {
  const series = (from: number, value: (second: number) => number) => ({
    labels: {},
    points: Array.from({ length: 61 - from }, (_, index) => [Date.parse(at(from + index)) / 1000, value(from + index)] as const),
  });
  const total = series(0, (second) => (second < 30 ? 1000 + second * 10 : (second - 29) * 10));
  const rawSli = [
    { kind: 'ratio' as const, probe: 'errors', total: [total], bad: [series(20, (second) => (second >= 20 ? 4 : 0))] },
  ];
  const plan = { probes: [probeLike({ breach: { n: 1, m: 1 } })] };
  const { clocks } = buildRunRecord(story({ plan, samples: [], input: { rawSli } }));
  expect(clocks.impact).toMatchObject({ at: at(20) });
  expect(clocks.recovered).toMatchObject({ at: at(21) });
});

test('without a verified fault the clocks stand still and the run is judged inconclusive', () => {
  const record = buildRunRecord(
    story({
      status: null,
      input: { timeline: [], injections: [], ending: { ending: 'not-started', reason: 'a guard', abortedBy: null } },
    }),
  );
  expect(Object.values(record.clocks).every((clock) => clock === null)).toBe(true);
  expect(record.outcome).toMatchObject({ hypothesis: 'inconclusive', cleanup: 'clean' });
});

test('steady state that came back while nobody could look is as early as the last look before, at its lower bound', () => {
  const { timeline } = story({ restored: null });
  const back = event(50, 'run.recovered', { notBefore: at(41) });
  const { metrics } = buildRunRecord(story({ input: { timeline: [...timeline, back] } }));
  expect(metrics.ttr).toMatchObject({ status: 'measured', seconds: 40, lo: 31 });
});
