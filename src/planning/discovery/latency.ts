import type { MetricMetadata } from '../../ports/metrics.ts';
import type { MetricShape } from './metric-shapes.ts';

/** How many of the histogram's own unit make a second, and how that is known; null when nothing says it. */
export function unitOf(
  buckets: string,
  shape: Pick<MetricShape, 'unit'>,
  metadata: MetricMetadata | null,
): { readonly perSecond: number; readonly knownFrom: string } | null {
  const name = buckets.replace(/_bucket$/, '');
  if (/(^|_)(milliseconds?|millis|ms)(_|$)/.test(name)) return { perSecond: 1000, knownFrom: 'its name' };
  if (/(^|_)seconds?(_|$)/.test(name)) return { perSecond: 1, knownFrom: 'its name' };
  const said = metadata?.unit ?? '';
  if (/^(ms|milliseconds?)$/.test(said)) return { perSecond: 1000, knownFrom: 'its metadata' };
  if (/^(s|seconds?)$/.test(said)) return { perSecond: 1, knownFrom: 'its metadata' };
  if (shape.unit === 'milliseconds') return { perSecond: 1000, knownFrom: 'its convention' };
  const help = metadata?.help ?? '';
  if (/\b(milliseconds?|millis|ms)\b/i.test(help)) return { perSecond: 1000, knownFrom: 'its help text' };
  if (/\bseconds?\b/i.test(help)) return { perSecond: 1, knownFrom: 'its help text' };
  return null;
}

/**
 * The bound to hold a quantile against: the first bucket that leaves it room to double. At a bucket's bound the comparison is
 * exact; between two bounds the quantile is interpolated. null when the highest bound leaves no room.
 */
export function boundAbove(quantileNow: number, bounds: readonly number[]): number | null {
  return bounds.toSorted((a, b) => a - b).find((bound) => bound > 0 && bound >= 2 * quantileNow) ?? null;
}
