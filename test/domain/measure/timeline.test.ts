import { describe, expect, test } from '@jest/globals';
import { at, probeLike, sampleLike } from './samples.ts';
import { event, story } from './stories.ts';
import type { Changes } from './stories.ts';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';

function lines(changes: Changes, source: 'alert' | 'probe'): [string, string][] {
  return buildRunRecord(story(changes)).timeline.flatMap((event) => (event.source === source ? [[event.at, event.kind]] : []));
}

test('the timeline tells what the run, its people, its alerts and its probes did, in the order of the times', () => {
  const { timeline } = buildRunRecord(story());
  expect(timeline.map(({ kind }) => kind)).toEqual([
    'run.commanded',
    'alert.pending',
    'probe.bad',
    'alert.firing',
    'alert.notified',
    'person.acknowledged',
    'probe.good',
    'alert.cleared',
    'run.recovered',
  ]);
  expect(timeline.find(({ kind }) => kind === 'probe.bad')).toMatchObject({
    source: 'probe',
    text: 'errors is bad: 20 %, must be < 5 %',
    data: { probe: 'errors', value: 0.2 },
  });
});

test('an alert tells when it was pending, fired, was delivered and cleared', () => {
  expect(lines({}, 'alert')).toEqual([
    [at(12), 'alert.pending'],
    [at(17), 'alert.firing'],
    [at(18), 'alert.notified'],
    [at(46), 'alert.cleared'],
  ]);
});

test('an alert that nobody was told of, or that still fires, has no line for what did not happen', () => {
  expect(lines({ delivered: null, firing: [17, 60] }, 'alert').map(([, kind]) => kind)).toEqual([
    'alert.pending',
    'alert.firing',
  ]);
});

test('a probe turns at the first of two samples in a row; one alone, good or bad, is noise', () => {
  const classes = ['good', 'bad', 'good', 'bad', 'bad', 'good', 'bad', 'good', 'good', 'good'] as const;
  const samples = classes.map((sampleClass, second) => sampleLike(second, sampleClass));
  expect(lines({ samples }, 'probe')).toEqual([
    [at(3), 'probe.bad'],
    [at(7), 'probe.good'],
  ]);
});

test('what a probe could not measure turns it neither way', () => {
  const classes = ['good', 'bad', 'error', 'bad', 'stale', 'good'] as const;
  const samples = classes.map((sampleClass, second) => sampleLike(second, sampleClass));
  expect(lines({ samples }, 'probe')).toEqual([[at(1), 'probe.bad']]);
});

test('a probe of an event is neither bad before it happens nor good again after', () => {
  expect(lines({ plan: { probes: [probeLike({ roles: [] })] } }, 'probe')).toEqual([]);
});

describe('what was told while it happened', () => {
  const seen = (seconds: number, kind: string, data = {}): TimelineEvent => ({
    ...event(seconds, kind, data),
    source: kind.startsWith('alert') ? 'alert' : 'probe',
  });
  const withSeen = (...events: TimelineEvent[]): Changes => ({ input: { timeline: events } });

  test('of alerts gives way to what was measured of them', () => {
    const labels = { alertname: 'Errors' };
    const seenLive = [seen(13.4, 'alert.pending', labels), seen(18.2, 'alert.firing', labels), seen(20, 'alert.cleared', labels)];
    expect(lines(withSeen(...seenLive), 'alert')).toEqual(lines({}, 'alert'));
  });

  test('of an alert that was not measured stays', () => {
    const other = seen(13.4, 'alert.pending', { alertname: 'Other' });
    expect(lines(withSeen(other), 'alert')).toContainEqual([at(13.4), 'alert.pending']);
    expect(lines({ firing: null, ...withSeen(seen(17, 'alert.firing', { alertname: 'Errors' })) }, 'alert')).toEqual([
      [at(17), 'alert.firing'],
    ]);
  });

  test('of good and bad probes gives way to the turns in the samples; of blindness and breaches it stays', () => {
    const live = ['suspect', 'bad', 'good', 'blind', 'hold', 'sees', 'breach'].map((turn, index) =>
      seen(20 + index, `probe.${turn}`),
    );
    expect(lines({ samples: [], ...withSeen(...live) }, 'probe').map(([, kind]) => kind)).toEqual([
      'probe.blind',
      'probe.hold',
      'probe.sees',
      'probe.breach',
    ]);
  });
});
