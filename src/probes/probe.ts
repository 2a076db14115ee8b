import type { Reading } from '../domain/measure/sample.ts';
import type { PlannedProbe, ProbeSource } from '../domain/plan/plan.ts';
import type { HttpCaller } from '../ports/http.ts';
import type { MetricsSource } from '../ports/metrics.ts';

/** What a probe may ask. */
export interface ProbeContext {
  readonly metrics: MetricsSource;
  readonly http: HttpCaller;
}

export type ProbeOf<Type extends ProbeSource['type']> = PlannedProbe & { readonly source: Extract<ProbeSource, { type: Type }> };

/** One way to get one number from an upstream. */
export interface Probe<Type extends ProbeSource['type'] = ProbeSource['type']> {
  readonly name: Type;
  /** One reading, within `timeoutMs`. Never throws: what went wrong is a reading with a problem. */
  sample(context: ProbeContext, probe: ProbeOf<Type>, options: { signal: AbortSignal; timeoutMs: number }): Promise<Reading>;
}

export function problem(kind: NonNullable<Reading['problem']>['class'], note: string): Reading {
  return { value: null, sourceAt: null, events: null, problem: { class: kind, note } };
}
