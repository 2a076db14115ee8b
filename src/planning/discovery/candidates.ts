import { metricShapes, notRequests } from './metric-shapes.ts';
import type { MetricShape } from './metric-shapes.ts';

/** A metric that by its name tells how requests end, or how long they take. */
export interface Candidate {
  readonly metric: string;
  readonly measures: 'errors' | 'latency';
  readonly shape: MetricShape;
}

/** Something that was looked at and not taken, and why. */
export interface LeftOut {
  readonly metric: string;
  readonly why: string;
}

/** Each metric under the first shape it fits; best first. */
export function candidatesOf(metrics: readonly string[]): {
  readonly candidates: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
} {
  const fitting = metrics.flatMap((metric) => candidateOf(metric));
  const leftOut = fitting.flatMap(({ metric }) => {
    const reason = notRequests.find(({ name }) => name.test(metric));
    return reason === undefined ? [] : [{ metric, why: reason.why }];
  });
  const out = new Set(leftOut.map(({ metric }) => metric));
  const rank = ({ shape }: Candidate): number => metricShapes.indexOf(shape);
  return { candidates: fitting.filter(({ metric }) => !out.has(metric)).toSorted((a, b) => rank(a) - rank(b)), leftOut };
}

function candidateOf(metric: string): Candidate[] {
  for (const shape of metricShapes) {
    if (shape.buckets?.test(metric) === true) return [{ metric, measures: 'latency', shape }];
    if (shape.requests.test(metric)) return [{ metric, measures: 'errors', shape }];
  }
  return [];
}
