import { describe, expect, test } from '@jest/globals';
import { tellBadSides } from '../../src/activities/bad-sides.ts';
import { unseenBadSide } from '../../src/probes/bad-side.ts';
import { probeLike } from '../domain/measure/samples.ts';

type Labels = Readonly<Record<string, string>>;
const requests: Labels = { __name__: 'requests_total', service: 'payments', outcome: 'ok' };
const failure: Labels = { ...requests, outcome: 'error' };

/** A Prometheus that holds these series; matchers are `label="value"`. */
function holding(...series: readonly Labels[]) {
  return {
    labelNames: async (selector = '') => {
      const wanted = [...selector.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value] as const);
      const metric = /^\w+/.exec(selector)?.[0];
      const fitting = series.filter(
        (labels) => labels['__name__'] === metric && wanted.every(([label, value]) => labels[label] === value),
      );
      return [...new Set(fitting.flatMap((labels) => Object.keys(labels)))];
    },
  };
}
const ratio = (bad: string) =>
  ({
    type: 'prometheus-ratio',
    bad: `sum(rate(${bad}[5s]))`,
    total: 'sum(rate(requests_total{service="payments"}[5s]))',
  }) as const;

describe('the bad side of a ratio', () => {
  test('that was seen needs no word', async () => {
    const source = ratio('requests_total{service="payments",outcome="error"}');
    expect(await unseenBadSide(source, holding(requests, failure))).toBeNull();
  });

  test('of a service that never failed was not seen, and may yet be', async () => {
    const source = ratio('requests_total{service="payments",outcome="error"}');
    expect(await unseenBadSide(source, holding(requests))).toMatchObject({ unknown: false });
  });

  test.each([
    ['requests_totl{service="payments",outcome="error"}', 'there is no metric requests_totl'],
    ['requests_total{service="payments",outcom="error"}', 'no series of requests_total{service="payments"} has a label outcom'],
    ['requests_total{service="payments",code="500"}', 'no series of requests_total{service="payments"} has a label code'],
  ])('with a slip in it is unknown: %s', async (bad, why) => {
    const another = { __name__: 'requests_total', service: 'search', code: '500' };
    expect(await unseenBadSide(ratio(bad), holding(requests, another))).toEqual({ unknown: true, why });
  });
});

test('probes whose bad side was never seen are told, each by its kind, and one that cannot be asked is told too', async () => {
  const told: string[] = [];
  const recorder = { event: ({ kind, text }: { kind: string; text: string }) => void told.push(`${kind} ${text}`) };
  const probes = [
    probeLike({ name: 'fine', source: ratio('requests_total{service="payments"}') }),
    probeLike({ name: 'slip', source: ratio('requests_totl') }),
    probeLike({ name: 'quiet', source: ratio('requests_total{outcome="error"}') }),
    probeLike({ name: 'plain', source: { type: 'prometheus', query: 'up' } }),
  ];
  await tellBadSides({ probes }, holding(requests), recorder);
  expect(told.toSorted()).toEqual([
    'run.bad-side-unknown slip: bad side never seen: there is no metric requests_totl',
    'run.bad-side-unseen quiet: bad side never seen: no series fits sum(rate(requests_total{outcome="error"}[5s])) within the last hour',
  ]);

  told.length = 0;
  await tellBadSides({ probes }, { labelNames: () => Promise.reject(new Error('down')) }, recorder);
  expect(told).toHaveLength(3);
  expect(told[0]).toContain('run.not-measured');
});
