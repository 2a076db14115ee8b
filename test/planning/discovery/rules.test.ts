import { describe, expect, test } from '@jest/globals';
import { detectionSeconds, namesSelection, questionOf, tellingLabels } from '../../../src/planning/discovery/rules-about.ts';
import { narrowed, parseSelection } from '../../../src/planning/discovery/selection.ts';

const matchers = 'service="shop"';
const rule = (query: string, labels: Record<string, string> = {}) => ({ query, labels });

describe('a selector on the command line', () => {
  test.each([
    ['payments-api', { kind: 'name', name: 'payments-api' }],
    ['service="payments-api"', { kind: 'matchers', matchers: 'service="payments-api"', name: 'payments-api' }],
    ['{env="prod", job="pay"}', { kind: 'matchers', matchers: 'env="prod", job="pay"', name: 'pay' }],
    ['app=books,env!=dev', { kind: 'matchers', matchers: 'app="books",env!="dev"', name: 'books' }],
    ['pod=~"books-.*"', { kind: 'matchers', matchers: 'pod=~"books-.*"', name: 'service' }],
  ])('%s is read', (text, selection) => {
    expect(parseSelection(text)).toEqual(selection);
  });

  test.each(['', '{}', 'service=', 'service="a', 'a b', 'sum(x)'])('%j is refused with what to write', (text) => {
    expect(() => parseSelection(text)).toThrow('Write payments-api');
  });
});

test('a selector is narrowed to another, whatever it has already', () => {
  expect(narrowed('up', matchers)).toBe('up{service="shop"}');
  expect(narrowed('up{job="a"}', matchers)).toBe('up{job="a",service="shop"}');
  expect(narrowed('up{ job="a", }', matchers)).toBe('up{job="a",service="shop"}');
  expect(narrowed('{__name__="up"}', matchers)).toBe('{__name__="up",service="shop"}');
});

describe('a rule is about the service', () => {
  test('when its own label says so', () => {
    expect(namesSelection(rule('vector(1)', { service: 'shop' }), matchers)).toBe(true);
    expect(namesSelection(rule('vector(1)', { service: 'books' }), matchers)).toBe(false);
  });

  test('when it reads series of it: that is asked', () => {
    const metrics = new Set(['up', 'a_total']);
    expect(questionOf(rule('rate(a_total{job="x"}[1m]) / rate(b_total[1m]) > up'), metrics, matchers)).toBe(
      'count(a_total{job="x",service="shop"}) or count(up{service="shop"})',
    );
    expect(questionOf(rule('b_total > 1'), metrics, matchers)).toBeNull();
  });
});

describe('an alert about the service is told from one about another', () => {
  test.each([
    ['by the label its rule gives it', rule('sum(up) < 1', { service: 'shop' }), { service: 'shop' }],
    ['by the label its series keep', rule('up == 0'), { service: 'shop' }],
    [
      'by the label it is aggregated by',
      rule('sum by (service) (rate(x[1m])) / sum(rate(y[1m])) by (service) > 1'),
      { service: 'shop' },
    ],
    ['by nothing, when its rule fits no other', rule('sum(rate(x{service="shop"}[1m])) > 1'), {}],
  ])('%s', (_, about, labels) => {
    expect(tellingLabels(about, matchers)).toEqual(labels);
  });

  test('not at all when its rule mixes services', () => {
    expect(tellingLabels(rule('sum(rate(x[1m])) > 1'), matchers)).toBeNull();
    expect(tellingLabels(rule('sum by (job) (rate(x[1m])) > 1'), matchers)).toBeNull();
  });
});

test('a rule has seen a change through after its window, its for and two evaluations', () => {
  expect(detectionSeconds({ query: 'rate(x[1m]) > 1', forSeconds: 30, intervalSeconds: 15 })).toBe(120);
});
