import type { z } from 'zod';
import { createUpstreamClient, upstreamError, withoutCredentials } from '../http/upstream-client.ts';
import { alertsAnswer, namesAnswer, queryAnswer, rulesAnswer, rulesOf, seriesOf } from './answers.ts';
import { AppError } from '../../domain/errors.ts';
import type { MetricsSource } from '../../ports/metrics.ts';

const defaultTimeoutMs = 10_000;
const offsetRounds = 3;

/** A Prometheus, or anything that speaks its query API. Errors: `upstream/unreachable`, `upstream/refused`. */
export function createPrometheus({ url }: { readonly url: string }): MetricsSource {
  const client = createUpstreamClient(url, defaultTimeoutMs);

  async function ask<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    params: Record<string, string>,
    options: { method?: 'GET' | 'POST'; signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<z.infer<Schema>> {
    // axios stops counting when the answer begins; the signal bounds the whole exchange.
    const deadline = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
    try {
      const request =
        options.method === 'POST'
          ? client.post<unknown>(path, new URLSearchParams(params), { signal })
          : client.get<unknown>(path, { params, signal });
      const parsed = schema.safeParse((await request).data);
      if (parsed.success) return parsed.data;
      throw new AppError(
        'upstream/refused',
        `${withoutCredentials(url)}${path} does not answer like a Prometheus. Check the environment's prometheus.url`,
        {
          cause: parsed.error,
        },
      );
    } catch (error) {
      throw upstreamError('Prometheus', url, error);
    }
  }

  async function offsetOnce() {
    const sent = Date.now();
    const answer = await ask('/api/v1/query', queryAnswer, { query: 'time()' });
    const received = Date.now();
    const seconds = seriesOf(answer.data)[0]?.points[0]?.[1] ?? Number.NaN;
    return { offsetMs: seconds * 1000 - (sent + received) / 2, errorMs: (received - sent) / 2 + 1 };
  }

  return {
    async instant(query, options = {}) {
      const timeout: Record<string, string> =
        options.timeoutMs === undefined ? {} : { timeout: `${Math.ceil(options.timeoutMs)}ms` };
      const answer = await ask('/api/v1/query', queryAnswer, { query, ...timeout }, { ...options, method: 'POST' });
      return { series: seriesOf(answer.data), warnings: answer.warnings.filter((text) => !text.startsWith('PromQL info')) };
    },
    async raw(selector, windowSeconds, at) {
      const query = `${selector}[${Math.max(1, Math.ceil(windowSeconds * 1000))}ms]`;
      const answer = await ask('/api/v1/query', queryAnswer, { query, time: at.toFixed(3) }, { method: 'POST' });
      return seriesOf(answer.data);
    },
    async alertRules() {
      return rulesOf(await ask('/api/v1/rules', rulesAnswer, { type: 'alert' }));
    },
    async activeAlerts(options = {}) {
      return (await ask('/api/v1/alerts', alertsAnswer, {}, options)).data.alerts;
    },
    async clockOffset() {
      let best = await offsetOnce();
      for (let round = 1; round < offsetRounds; round += 1) {
        const next = await offsetOnce();
        if (next.errorMs < best.errorMs) best = next;
      }
      return best;
    },
    async labelValues(label) {
      return (await ask(`/api/v1/label/${encodeURIComponent(label)}/values`, namesAnswer, {})).data;
    },
    async metricNames(selector) {
      return (await ask('/api/v1/label/__name__/values', namesAnswer, { 'match[]': selector })).data;
    },
    async ready() {
      return client.get('/-/ready').then(
        () => true,
        () => false,
      );
    },
  };
}
