import type { z } from 'zod';
import { createUpstreamClient, upstreamError, withoutCredentials } from '../http/upstream-client.ts';
import {
  alertmanagersAnswer,
  alertmanagersOf,
  alertsAnswer,
  metadataAnswer,
  metadataOf,
  namesAnswer,
  queryAnswer,
  recordingRulesOf,
  rulesAnswer,
  rulesOf,
  seriesOf,
} from './answers.ts';
import { AppError } from '../../domain/errors.ts';
import type { MetricsSource } from '../../ports/metrics.ts';

const defaultTimeoutMs = 10_000;
const offsetRounds = 3;
const recentSeconds = 3600;

/** Warnings that data is missing from the answer; hints about the query are none. */
function partsMissing({ warnings }: z.infer<typeof queryAnswer>): readonly string[] {
  return warnings.filter((text) => !text.startsWith('PromQL info'));
}

/** Without a start Prometheus tells of every series it ever stored. */
function recent(selector: string | undefined): Record<string, string> {
  const start = (Date.now() / 1000 - recentSeconds).toFixed(3);
  return selector === undefined ? { start } : { start, 'match[]': selector };
}

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

  async function labelValues(label: string, selector?: string): Promise<readonly string[]> {
    return (await ask(`/api/v1/label/${encodeURIComponent(label)}/values`, namesAnswer, recent(selector))).data;
  }

  async function offsetOnce() {
    const sent = Date.now();
    const answer = await ask('/api/v1/query', queryAnswer, { query: 'time()' });
    const received = Date.now();
    const seconds = seriesOf(answer.data)[0]?.points[0]?.[1];
    if (seconds === undefined) throw upstreamError('Prometheus', url, new Error('it does not tell the time'));
    return { offsetMs: seconds * 1000 - (sent + received) / 2, errorMs: (received - sent) / 2 + 1 };
  }

  return {
    async instant(query, options = {}) {
      const timeout: Record<string, string> =
        options.timeoutMs === undefined ? {} : { timeout: `${Math.ceil(options.timeoutMs)}ms` };
      const answer = await ask('/api/v1/query', queryAnswer, { query, ...timeout }, { ...options, method: 'POST' });
      return { series: seriesOf(answer.data), warnings: partsMissing(answer) };
    },
    async raw(selector, windowSeconds, at) {
      const query = `${selector}[${Math.max(1, Math.ceil(windowSeconds * 1000))}ms]`;
      const answer = await ask('/api/v1/query', queryAnswer, { query, time: at.toFixed(3) }, { method: 'POST' });
      const missing = partsMissing(answer);
      if (missing.length > 0) throw upstreamError('Prometheus', url, new Error(`its answer is partial: ${missing.join('; ')}`));
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
    async recordingRules() {
      return recordingRulesOf(await ask('/api/v1/rules', rulesAnswer, { type: 'record' }));
    },
    async labelNames(selector) {
      return (await ask('/api/v1/labels', namesAnswer, recent(selector))).data;
    },
    labelValues,
    metricNames: (selector) => labelValues('__name__', selector),
    async metadata(metric) {
      return metadataOf(await ask('/api/v1/metadata', metadataAnswer, { metric }), metric);
    },
    async alertmanagers() {
      return alertmanagersOf(await ask('/api/v1/alertmanagers', alertmanagersAnswer, {}));
    },
    async ready() {
      return client.get('/-/ready').then(
        () => true,
        () => false,
      );
    },
  };
}
