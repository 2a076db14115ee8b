import type { ProbeContext } from '../../src/probes/probe.ts';
import type { HttpAnswer } from '../../src/ports/http.ts';
import type { MetricsSource } from '../../src/ports/metrics.ts';

/** An upstream that says one thing, and remembers what it was asked. */
export function upstream(says: {
  readonly parts?: Readonly<Record<string, readonly number[]>>;
  readonly unlabelled?: readonly number[];
  readonly warnings?: readonly string[];
  readonly fails?: unknown;
  readonly http?: HttpAnswer;
}): ProbeContext & { readonly asked: { query: string; timeoutMs: number | undefined }[] } {
  const asked: { query: string; timeoutMs: number | undefined }[] = [];
  const one = (labels: Record<string, string>) => (value: number) => ({ labels, points: [[100, value] as const] });
  const metrics: Pick<MetricsSource, 'instant'> = {
    async instant(query, options = {}) {
      asked.push({ query, timeoutMs: options.timeoutMs });
      if (says.fails !== undefined) throw says.fails;
      const parts = Object.entries(says.parts ?? {}).flatMap(([name, values]) => values.map(one({ firedrill_part: name })));
      return { series: [...parts, ...(says.unlabelled ?? []).map(one({}))], warnings: says.warnings ?? [] };
    },
  };
  const http = { call: async () => says.http ?? ({ kind: 'not-sent', why: 'nothing was set' } as const) };
  return { metrics: metrics as MetricsSource, http, asked };
}
