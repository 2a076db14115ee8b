import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpCaller } from '../../src/adapters/http/http-caller.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { createProbes } from '../../src/probes/index.ts';
import type { Experiment } from '../../src/spec/experiment.ts';
import type { Hypothesis } from '../../src/spec/hypothesis.ts';
import { parseSpec } from '../../src/spec/parse-spec.ts';
import type { Slo } from '../../src/spec/slo.ts';
import { eventually } from '../lab/eventually.ts';
import { buckets, counters, openMetricsPage } from './metrics-page.ts';
import type { MetricsPage } from './metrics-page.ts';
import { startPrometheus } from './own-prometheus.ts';
import type { OwnPrometheus } from './own-prometheus.ts';

let directory: string;
let workspace: string;
let prometheus: OwnPrometheus;
const pages: MetricsPage[] = [];

/** Three services, three ways to say the same; the third never failed. And one that nobody asks. */
const speaking = {
  shop: [
    { name: 'http_requests_total', labels: { code: '200' }, rate: 99 },
    { name: 'http_requests_total', labels: { code: '503' }, rate: 1 },
    ...buckets('http_request_duration_seconds', {}, 100, { '0.05': 0.9, '0.1': 1, '0.25': 1, '0.5': 1 }),
  ],
  books: [
    { name: 'requests_handled_total', labels: { app: 'books', outcome: 'success' }, rate: 50 },
    { name: 'requests_handled_total', labels: { app: 'books', outcome: 'error' }, rate: 5 },
    ...buckets('request_latency_ms', { app: 'books' }, 55, { '100': 1, '250': 1, '1000': 1 }),
  ],
  // Its counters are not there: a rule of another Prometheus recorded this.
  parcels: [{ name: 'parcel_weight_total', rate: 1 }],
  ledger: [{ name: 'grpc_server_handled_total', labels: { grpc_code: 'OK' }, rate: 20 }],
  idle: [
    { name: 'process_cpu_seconds_total', rate: 1 },
    { name: 'http_requests_total', labels: { code: '200' }, rate: 0 },
  ],
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-init-'));
  const open = async (service: keyof typeof speaking): Promise<string[]> => {
    const two = await Promise.all([1, 2].map(() => openMetricsPage((seconds) => counters(speaking[service], seconds))));
    pages.push(...two);
    return two.map(({ address }) => address);
  };
  const errors = 'sum by (service) (rate(http_requests_total{code=~"5.."}[5s]))';
  const all = 'sum by (service) (rate(http_requests_total[5s]))';
  prometheus = await startPrometheus(directory, {
    scrape_configs: [
      { job_name: 'web', static_configs: [{ targets: await open('shop'), labels: { service: 'shop' } }] },
      { job_name: 'web-too', static_configs: [{ targets: await open('books') }] },
      { job_name: 'ledger', static_configs: [{ targets: await open('ledger') }] },
      { job_name: 'parcels', static_configs: [{ targets: await open('parcels') }] },
      { job_name: 'idle', static_configs: [{ targets: await open('idle') }] },
    ],
    rules: [
      { record: 'service:http_errors:ratio', expr: `${errors} / ${all}` },
      { record: 'job:parcel_errors:ratio', expr: 'sum by (job) (rate(parcel_weight_total[5s])) / 100' },
      { alert: 'ErrorsHigh', expr: `${errors} / ${all} > 0.1`, for: '5s', labels: { severity: 'page' } },
      { alert: 'AnyErrors', expr: 'sum(rate(http_requests_total{code=~"5.."}[5s])) > 10' },
      { alert: 'LedgerDown', expr: 'up{job="ledger"} == 0' },
    ],
  });
  await eventually(async () => {
    const { series } = await createPrometheus(prometheus).instant('service:http_errors:ratio > 0');
    expect(series).toHaveLength(1);
    const rates = await createPrometheus(prometheus).instant(
      'rate(grpc_server_handled_total[5s]) or rate(requests_handled_total[5s])',
    );
    expect(rates.series).toHaveLength(6);
    expect((await createPrometheus(prometheus).instant('job:parcel_errors:ratio > 0.015')).series).toHaveLength(1);
  });
}, 60_000);

afterAll(async () => {
  await prometheus.close();
  await Promise.all(pages.map((page) => page.close()));
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  workspace = mkdtempSync(join(directory, 'workspace-'));
});

async function firedrill(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const program = join(import.meta.dirname, '../../bin/firedrill.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...argv], { cwd: workspace }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 70, out, err });
    });
  });
}

const init = (selector: string, ...more: string[]) =>
  firedrill('init', '--prometheus', prometheus.url, '--selector', selector, ...more);

function written<Spec>(path: string): Spec {
  const { spec, problems } = parseSpec(path, readFileSync(join(workspace, path), 'utf8'));
  expect(problems).toEqual([]);
  return spec as Spec;
}

/** Every query of the written files, asked as a run asks it. */
async function askAll(name: string): Promise<(number | null)[]> {
  const hypothesis = written<Hypothesis>(`hypotheses/${name}-survives-lost-process.yaml`);
  const experiment = written<Experiment>(`experiments/${name}-process-kill.yaml`);
  const probes = createProbes({ metrics: createPrometheus(prometheus), http: createHttpCaller() });
  const settings = [...hypothesis.checks.map(({ probe }) => probe), ...experiment.abort];
  return Promise.all(
    settings.map(async (probe) => {
      const { value, problem } = await probes.read({ ...probe, name: 'asked', roles: [] }, AbortSignal.timeout(10_000));
      expect(problem).toBeNull();
      return value;
    }),
  );
}

describe('firedrill init', () => {
  test.each([
    ['shop', 'shop', 'service="shop"', 'code=~"5.."', ['server-errors', 'latency']],
    ['app=books', 'books', 'app="books"', 'outcome="error"', ['server-errors', 'latency']],
    ['job="ledger"', 'ledger', 'job="ledger"', 'grpc_code=~"Unknown|', ['server-errors']],
  ])(
    'writes for %s what validates, plans and gives data now',
    async (selector, name, matchers, failure, checks) => {
      const { code, out, err } = await init(selector);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`{${matchers}}`);

      const hypothesis = written<Hypothesis>(`hypotheses/${name}-survives-lost-process.yaml`);
      expect(hypothesis.checks.map((check) => check.name)).toEqual(checks);
      expect(hypothesis.checks[0]?.probe.source).toMatchObject({ bad: expect.stringContaining(failure) });
      for (const value of await askAll(name)) expect(value).not.toBeNull();
      const { ratio } = written<Slo>(`slos/${name}-availability.yaml`);
      expect((await createPrometheus(prometheus).instant(ratio.total)).series).toHaveLength(1);

      expect(await firedrill('validate')).toMatchObject({ code: 0, err: '' });
      const environment = join(workspace, 'environments/local.yaml');
      const pids = join(workspace, 'pids');
      mkdirSync(pids);
      for (const n of [1, 2]) writeFileSync(join(pids, `${name}-${n}.pid`), String(process.pid));
      writeFileSync(environment, readFileSync(environment, 'utf8').replaceAll(`/run/${name}/`, `${pids}/`));
      const plan = await firedrill('plan', `experiments/${name}-process-kill.yaml`, '--environment', environment);
      expect({ code: plan.code, err: plan.err }).toEqual({ code: 0, err: '' });
      expect(plan.out).toContain(`1 of 2 ${name}`);
    },
    60_000,
  );

  test('goes by a recorded ratio where there are no counters', async () => {
    expect(await init('parcels')).toMatchObject({ code: 0, err: '' });
    const { checks } = written<Hypothesis>('hypotheses/parcels-survives-lost-process.yaml');
    expect(checks[0]?.probe).toMatchObject({
      source: { type: 'prometheus', query: 'max(job:parcel_errors:ratio{job="parcels"})' },
      unit: 'ratio',
      threshold: 0.05,
    });
    expect(await firedrill('validate')).toMatchObject({ code: 0, err: '' });
    await askAll('parcels');
  });

  test('holds a latency in milliseconds against a duration, at the bound of a bucket', async () => {
    await init('books');
    const hypothesis = written<Hypothesis>('hypotheses/books-survives-lost-process.yaml');
    expect(hypothesis.checks[1]?.probe).toMatchObject({ unit: 'seconds', comparator: '<', threshold: 0.25 });
    const [, p99] = await askAll('books');
    expect(p99).toBeCloseTo(0.099, 3);
  });

  test('expects the alerts that are about the service, and says of the others why not', async () => {
    await init('shop');
    const { expectedAlerts } = written<Experiment>('experiments/shop-process-kill.yaml');
    expect(expectedAlerts).toEqual([
      { alertname: 'ErrorsHigh', severity: 'page', withinSeconds: 20, labels: { service: 'shop' } },
    ]);
    const text = readFileSync(join(workspace, 'experiments/shop-process-kill.yaml'), 'utf8');
    expect(text).toContain('AnyErrors: mixes services');
    expect(text).not.toContain('LedgerDown');
    expect(readFileSync(join(workspace, 'hypotheses/shop-survives-lost-process.yaml'), 'utf8')).toContain(
      'service:http_errors:ratio',
    );
  });

  test('overwrites nothing, and writes nothing when a part is there already', async () => {
    mkdirSync(join(workspace, 'experiments'));
    writeFileSync(join(workspace, 'experiments/shop-process-kill.yaml'), 'mine');
    const { code, err } = await init('shop');
    expect(code).toBe(2);
    expect(err).toContain('experiments/shop-process-kill.yaml exists already');
    expect(readFileSync(join(workspace, 'experiments/shop-process-kill.yaml'), 'utf8')).toBe('mine');
    expect(() => readFileSync(join(workspace, 'environments/local.yaml'))).toThrow();
  });

  test('goes with an environment that is there, and asks its Prometheus', async () => {
    await init('shop');
    const { code } = await firedrill('init', '--selector', 'books', '--environment', 'environments/local.yaml');
    expect(code).toBe(0);
    expect(await firedrill('validate')).toMatchObject({ code: 0, err: '' });
  });

  test('says in JSON what it found and wrote', async () => {
    const { out } = await init('shop', '--json');
    const answer = JSON.parse(out) as {
      found: { matchers: string; errors: { now: number }[] };
      written: string[];
      next: string[];
    };
    expect(answer.found.matchers).toBe('service="shop"');
    expect(answer.found.errors[0]?.now).toBeCloseTo(0.01, 2);
    expect(answer.written).toContain('hypotheses/shop-survives-lost-process.yaml');
    expect(answer.next.join('\n')).toContain('firedrill plan experiments/shop-process-kill.yaml');
  });

  test('names what is there when the service is not, or says nothing of requests', async () => {
    const gone = await init('shopp');
    expect(gone.code).toBe(2);
    expect(gone.err).toContain('Did you mean "shop"?');
    expect(gone.err).toContain('app: books');
    const idle = await init('idle');
    expect(idle.code).toBe(2);
    expect(idle.err).toContain('process_cpu_seconds_total');
    expect(idle.err).toContain('http_requests_total: there is no traffic on it now');
    expect(idle.err).toContain('http_requests_total{code}');
    expect(idle.err).toContain('Send it some traffic');
  });

  test('does without rules, metadata and Alertmanagers where these cannot be asked', async () => {
    const withoutExtras = createServer((request, response) => {
      if (/alertmanagers|metadata|rules/.test(request.url ?? '')) return response.writeHead(404).end('no such page');
      const { method, headers } = request;
      const forward = (answer: IncomingMessage) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
      return request.pipe(ask(`${prometheus.url}${request.url}`, { method, headers }, forward));
    });
    await new Promise<void>((resolve) => withoutExtras.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(withoutExtras.address() as AddressInfo).port}`;
    const { code, out } = await firedrill('init', '--prometheus', url, '--selector', 'shop');
    withoutExtras.closeAllConnections();
    withoutExtras.close();
    expect(code).toBe(0);
    expect(out).toContain('left out  rules: Prometheus at');
    expect(written<Experiment>('experiments/shop-process-kill.yaml').expectedAlerts).toEqual([]);
  });

  test('says which Prometheus does not answer', async () => {
    const { code, err } = await firedrill('init', '--prometheus', 'http://127.0.0.1:1', '--selector', 'shop');
    expect(code).toBe(4);
    expect(err).toContain('upstream/unreachable: Prometheus at http://127.0.0.1:1 did not answer');
  });
});
