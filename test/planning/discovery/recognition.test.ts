import { describe, expect, test } from '@jest/globals';
import { candidatesOf } from '../../../src/planning/discovery/candidates.ts';
import { failureOf } from '../../../src/planning/discovery/failure-labels.ts';
import { boundAbove, unitOf } from '../../../src/planning/discovery/latency.ts';
import { abortLimit, belowSeconds, belowShare, errorLimit } from '../../../src/planning/discovery/limits.ts';
import { proposalOf } from '../../../src/planning/discovery/proposals.ts';
import type { Observed, Proposal, Surroundings } from '../../../src/planning/discovery/proposals.ts';

const around: Surroundings = { matchers: 'service="shop"', metrics: [], instances: ['shop:8080'], windowSeconds: 60 };

/** The proposal for one metric, from what a Prometheus said of it. */
function proposed(
  metric: string,
  labels: Observed['labels'],
  more: Partial<Surroundings> & Pick<Partial<Observed>, 'metadata'> = {},
) {
  const { metadata = null, ...surroundings } = more;
  const [candidate] = candidatesOf([metric]).candidates;
  if (candidate === undefined) throw new Error(`${metric} is not recognised`);
  return proposalOf({ ...candidate, labels, metadata }, { ...around, ...surroundings });
}

const sourceOf = (proposal: Proposal | string) => (typeof proposal === 'string' ? proposal : proposal.source);

describe('a counter of requests is recognised', () => {
  test.each([
    ['http_requests_total', { code: ['200', '404', '503'] }, 'code=~"5.."'],
    ['http_requests_total', { status: ['2xx', '5xx'] }, 'status=~"5.."'],
    ['http_server_request_duration_seconds_count', { http_response_status_code: ['200'] }, 'http_response_status_code=~"5.."'],
    ['http_server_duration_milliseconds_count', { http_status_code: ['200', '500'] }, 'http_status_code=~"5.."'],
    ['http_server_requests_seconds_count', { outcome: ['SUCCESS'], status: ['200'] }, 'status=~"5.."'],
    [
      'grpc_server_handled_total',
      { grpc_code: ['OK', 'NotFound'] },
      'grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"',
    ],
    ['rpc_server_duration_milliseconds_count', { rpc_grpc_status_code: ['0', '14'] }, 'rpc_grpc_status_code=~"2|4|12|13|14|15"'],
    ['envoy_cluster_upstream_rq_xx', { envoy_response_code_class: ['2', '4'] }, 'envoy_response_code_class="5"'],
    ['nginx_ingress_controller_requests', { status: ['200'] }, 'status=~"5.."'],
    ['jobs_handled_total', { error: ['false', 'true'] }, 'error="true"'],
    ['orders_requests_total', { success: ['true'] }, 'success="false"'],
    ['orders_requests_total', { outcome: ['success', 'error', 'timeout'] }, 'outcome=~"error|timeout"'],
  ])('%s, with failures by %j', (metric, labels, matcher) => {
    expect(sourceOf(proposed(metric, labels))).toEqual({
      type: 'prometheus-ratio',
      bad: `sum(rate(${metric}{service="shop",${matcher}}[60s]))`,
      total: `sum(rate(${metric}{service="shop"}[60s]))`,
    });
  });

  test('that never failed, by words: everything that is not a success is bad', () => {
    expect(failureOf({ result: ['ok'] })).toEqual({ matcher: 'result!="ok"', means: 'result is not ok' });
    expect(failureOf({ outcome: ['SUCCESS', 'CLIENT_ERROR'] })?.matcher).toBe('outcome!~"SUCCESS|CLIENT_ERROR"');
  });

  test('with a counter of failures beside it', () => {
    const metrics = ['shop_requests_total', 'shop_errors_total'];
    expect(sourceOf(proposed('shop_requests_total', {}, { metrics }))).toMatchObject({
      bad: 'sum(rate(shop_errors_total{service="shop"}[60s]))',
    });
  });

  test('once, where a mesh counts each request on both sides', () => {
    const labels = { response_code: ['200'], reporter: ['destination', 'source'] };
    expect(sourceOf(proposed('istio_requests_total', labels))).toMatchObject({
      total: 'sum(rate(istio_requests_total{service="shop",reporter="source"}[60s]))',
    });
  });
});

describe('a counter is left out', () => {
  test('when no label says how a request ended', () => {
    expect(proposed('http_requests_total', { status: ['blue', 'green'] })).toMatch('no label says how a request ended');
  });

  test('when it is the service that asks others', () => {
    const labels = { outcome: ['success'], instance: ['shop:8080'] };
    expect(proposed('client_requests_total', labels)).toBe('counts what the service asks of others');
  });

  test('when nobody knows whose requests a client counts', () => {
    const labels = { outcome: ['success'], instance: ['load:1'] };
    expect(proposed('client_requests_total', labels, { instances: [] })).toMatch('not known whose requests');
  });

  test.each([
    'promhttp_metric_handler_requests_total',
    'http_requests_in_flight',
    'http_request_errors_total',
    'http_requests_created',
  ])('when it is %s', (metric) => {
    expect(candidatesOf([metric]).candidates).toEqual([]);
  });
});

test('a client that is not the service itself sees what users see', () => {
  const proposal = proposed('client_requests_total', { outcome: ['error', 'success'], instance: ['load:1'] });
  expect(proposal).toMatchObject({ view: 'client' });
});

test('what is counted nearest to the user comes first', () => {
  const names = ['my_requests_total', 'http_requests_total', 'client_requests_total', 'nginx_ingress_controller_requests'];
  expect(candidatesOf(names).candidates.map(({ metric }) => metric)).toEqual(names.toReversed());
});

describe('a latency', () => {
  const bounds = { le: ['100', '250', '+Inf'] };

  test('in seconds is asked as it is', () => {
    expect(proposed('http_request_duration_seconds_bucket', { le: ['0.1', '+Inf'] })).toMatchObject({
      source: {
        query: 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service="shop"}[60s])))',
      },
      bounds: [0.1],
    });
  });

  test.each([
    ['http_server_duration_milliseconds_bucket', null],
    ['request_latency_ms_bucket', null],
    ['shop_calls_ms_bucket', null],
    ['shop_call_milliseconds_bucket', null],
    ['http_server_duration_bucket', null],
    ['http_latency_bucket', { type: 'histogram', unit: 'milliseconds', help: '' }],
    ['http_latency_bucket', { type: 'histogram', unit: '', help: 'Latency of requests in ms' }],
  ])('in milliseconds is asked in seconds: %s %j', (metric, metadata) => {
    const proposal = proposed(metric, bounds, { metadata });
    expect(proposal).toMatchObject({
      source: { query: expect.stringMatching(/\)\) \/ 1000$/) },
      bounds: [0.1, 0.25],
    });
  });

  test('of an unknown unit is left out, not guessed', () => {
    expect(proposed('http_latency_bucket', bounds)).toMatch('seconds or milliseconds');
    expect(unitOf('http_latency_bucket', {}, { type: 'histogram', unit: '', help: 'Latency' })).toBeNull();
  });

  test('is held against the bound of a bucket that leaves it room to double', () => {
    expect(boundAbove(0.09, [0.05, 0.1, 0.25, 1])).toBe(0.25);
    expect(boundAbove(0.6, [0.5, 1])).toBeNull();
  });
});

test('limits leave room to double, and the abort is beyond the hypothesis', () => {
  expect([0, 0.004, 0.009, 0.3].map(errorLimit)).toEqual([0.01, 0.01, 0.02, 0.5]);
  expect([0.01, 0.02, 0.05, 0.5].map((limit) => abortLimit(limit, 100))).toEqual([0.1, 0.2, 0.5, 0.5]);
  expect([1, 2, 6, 10].map((instances) => abortLimit(0.01, instances))).toEqual([0.5, 0.5, 0.5, 0.2]);
  expect([belowShare(0.01), belowSeconds(0.25), belowSeconds(2.5)]).toEqual(['< 1%', '< 250ms', '< 2.5s']);
});
