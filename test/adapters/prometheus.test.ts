import { afterEach, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { startUpstream } from './loopback-upstream.ts';
import type { LoopbackUpstream } from './loopback-upstream.ts';

let server: LoopbackUpstream | undefined;
afterEach(async () => server?.close());

async function prometheusThatSays(answers: Parameters<typeof startUpstream>[0]) {
  server = await startUpstream(answers);
  return { prometheus: createPrometheus({ url: server.url }), asked: server.asked };
}

const vector = (...values: string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: { a: 'b' }, value: [10.5, value] })) },
});

test('an instant query gives one point a series, with the numbers Prometheus writes as words', async () => {
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': vector('1.5', 'NaN', '+Inf', '-Inf') });
  const { series } = await prometheus.instant('up');
  expect(series.map(({ points }) => points[0])).toEqual([
    [10.5, 1.5],
    [10.5, Number.NaN],
    [10.5, Infinity],
    [10.5, -Infinity],
  ]);
});

test('a scalar is one series without labels', async () => {
  const { prometheus } = await prometheusThatSays({
    '/api/v1/query': { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } },
  });
  expect((await prometheus.instant('time()')).series).toEqual([{ labels: {}, points: [[1, 2]] }]);
});

test('warnings of missing data are told, hints about the query are not', async () => {
  const warnings = ['a store is missing', 'PromQL info: metric might not be a counter'];
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': { ...vector('1'), warnings } });
  expect((await prometheus.instant('up')).warnings).toEqual(['a store is missing']);
});

test('raw samples are asked for as a range selector at one instant', async () => {
  const matrix = {
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [1, '2'],
            [2, '3'],
          ],
        },
      ],
    },
  };
  const { prometheus, asked } = await prometheusThatSays({ '/api/v1/query': matrix });
  expect(await prometheus.raw('up{a="b"}', 90.5, 1700000000.25)).toEqual([
    {
      labels: {},
      points: [
        [1, 2],
        [2, 3],
      ],
    },
  ]);
  expect(Object.fromEntries(asked[0]!.params)).toEqual({ query: 'up{a="b"}[90500ms]', time: '1700000000.250' });
});

test('only alerting rules are rules that can fire, each with the interval of its group', async () => {
  const rule = { name: 'Errors', query: 'q', duration: 60, health: 'ok', labels: { severity: 'page' } };
  const groups = [
    {
      interval: 15,
      rules: [
        { ...rule, type: 'alerting' },
        { type: 'recording', name: 'r', query: 'q', health: 'ok' },
      ],
    },
  ];
  const { prometheus } = await prometheusThatSays({ '/api/v1/rules': { status: 'success', data: { groups } } });
  expect(await prometheus.alertRules()).toEqual([
    { name: 'Errors', query: 'q', forSeconds: 60, intervalSeconds: 15, health: 'ok', labels: { severity: 'page' } },
  ]);
});

test('recording rules are those that write a series', async () => {
  const rule = { query: 'q', health: 'ok' };
  const groups = [
    {
      interval: 15,
      rules: [
        { ...rule, type: 'recording', name: 'a:b', labels: { team: 'shop' } },
        { ...rule, type: 'alerting', name: 'Errors' },
      ],
    },
  ];
  const { prometheus, asked } = await prometheusThatSays({ '/api/v1/rules': { status: 'success', data: { groups } } });
  expect(await prometheus.recordingRules()).toEqual([{ name: 'a:b', query: 'q', labels: { team: 'shop' } }]);
  expect(asked[0]?.params.get('type')).toBe('record');
});

test('names and values of labels are asked of the last hour, and of what a selector fits', async () => {
  const names = { status: 'success', data: ['code', 'job'] };
  const { prometheus, asked } = await prometheusThatSays({ '/api/v1/labels': names, '/api/v1/label/code/values': names });
  const from = Date.now() / 1000 - 3600;
  expect(await prometheus.labelNames()).toEqual(['code', 'job']);
  expect(await prometheus.labelValues('code', 'up{a="b"}')).toEqual(['code', 'job']);
  expect(asked.map(({ params }) => params.get('match[]'))).toEqual([null, 'up{a="b"}']);
  for (const { params } of asked) expect(Math.abs(Number(params.get('start')) - from)).toBeLessThan(5);
});

test('metadata is what a metric says of itself, and null when it says nothing', async () => {
  const data = { latency: [{ type: 'histogram', help: 'in ms', unit: '' }] };
  const { prometheus } = await prometheusThatSays({ '/api/v1/metadata': { status: 'success', data } });
  expect(await prometheus.metadata('latency')).toEqual({ type: 'histogram', help: 'in ms', unit: '' });
  expect(await prometheus.metadata('other')).toBeNull();
});

test('the Alertmanagers it posts to are told by their base', async () => {
  const activeAlertmanagers = [{ url: 'http://127.0.0.1:9093/api/v2/alerts' }, { url: 'http://am/prefix/api/v2/alerts' }];
  const { prometheus } = await prometheusThatSays({
    '/api/v1/alertmanagers': { status: 'success', data: { activeAlertmanagers, droppedAlertmanagers: [] } },
  });
  expect(await prometheus.alertmanagers()).toEqual(['http://127.0.0.1:9093', 'http://am/prefix']);
});

test('the clock offset is the server time over the middle of the round trip', async () => {
  const { prometheus } = await prometheusThatSays({
    '/api/v1/query': (response: import('node:http').ServerResponse) => {
      const seconds = Date.now() / 1000 + 30;
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [seconds, String(seconds)] } }));
    },
  });
  const { offsetMs, errorMs } = await prometheus.clockOffset();
  expect(Math.abs(offsetMs - 30_000)).toBeLessThanOrEqual(errorMs);
});

test('a query Prometheus refuses is refused with its words', async () => {
  const { prometheus } = await prometheusThatSays({
    '/api/v1/query': (response: import('node:http').ServerResponse) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ status: 'error', error: 'parse error at char 3' })),
  });
  await expect(prometheus.instant('up{')).rejects.toMatchObject({
    code: 'upstream/refused',
    message: expect.stringContaining('parse error'),
  });
});

test('something else that answers is no Prometheus', async () => {
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': { hello: 'world' } });
  await expect(prometheus.instant('up')).rejects.toMatchObject({ code: 'upstream/refused' });
});

test('an answer that never comes is given up at the timeout, and at the signal', async () => {
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': () => undefined });
  await expect(prometheus.instant('up', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'upstream/unreachable' });
  await expect(prometheus.instant('up', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'upstream/unreachable' });
});

test('a server error may pass and is told apart from a refusal', async () => {
  const { prometheus } = await prometheusThatSays({
    '/api/v1/query': (response: import('node:http').ServerResponse) => response.writeHead(503).end('starting'),
  });
  await expect(prometheus.instant('up')).rejects.toMatchObject({ code: 'upstream/unreachable' });
});

test('an error tells nothing of the credentials that were sent', async () => {
  const prometheus = createPrometheus({ url: 'http://ada:hunter2@127.0.0.1:1' });
  const error: unknown = await prometheus.instant('up').catch((reason: unknown) => reason);
  expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
});

test('readiness is what /-/ready says', async () => {
  const { prometheus } = await prometheusThatSays({ '/-/ready': 'ok' });
  expect(await prometheus.ready()).toBe(true);
  expect(await createPrometheus({ url: 'http://127.0.0.1:1' }).ready()).toBe(false);
});

test('a partial answer is no raw sample series: what is missing would read as nothing', async () => {
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': { ...vector('1'), warnings: ['a store is missing'] } });
  await expect(prometheus.raw('up', 10, 10)).rejects.toThrow(/partial: a store is missing/);
});

test('a server that does not tell the time has no clock offset', async () => {
  const { prometheus } = await prometheusThatSays({ '/api/v1/query': vector() });
  await expect(prometheus.clockOffset()).rejects.toThrow(/does not tell the time/);
});
