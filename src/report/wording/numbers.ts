import type { Metric, MetricName, MetricStatus } from '../../domain/run-record.ts';
import type { KeyNumber, Tone } from '../blocks.ts';
import { metricWords, statusWords } from './definitions.ts';

const notMeasured = 'not measured';

/** A metric in words, under one rule: a number is never printed without its bounds, its status and its source. */
export interface PrintedMetric {
  readonly value: string;
  readonly bounds: string;
  readonly status: string;
  readonly source: string;
  readonly note: string;
}

export function printMetric(metric: Metric): PrintedMetric {
  return {
    value: valueOf(metric),
    bounds: boundsOf(metric),
    status: statusWords[metric.status].word,
    source: metric.source === '' ? 'no source' : metric.source,
    note: metric.note,
  };
}

/** The same on one line: `12.1 s [11.0, 13.0] s · measured · from alert`. */
export function metricLine(metric: Metric): string {
  const printed = printMetric(metric);
  if (metric.status === 'censored' && metric.lo !== null) return `${printed.value} (censored: ${lowerFirst(printed.note)})`;
  if (printed.value === notMeasured) {
    const status = metric.status === 'not-measured' ? '' : ` · ${printed.status}`;
    return `${notMeasured}${status}${printed.note === '' ? '' : `: ${printed.note}`}`;
  }
  return `${printed.value} ${printed.bounds} · ${printed.status} · from ${printed.source}`;
}

export function keyNumber(name: MetricName, metric: Metric): KeyNumber {
  return { label: name.toUpperCase(), name: metricWords[name].name, ...printMetric(metric), tone: toneOfStatus(metric.status) };
}

export function toneOfStatus(status: MetricStatus): Tone {
  if (status === 'measured') return 'plain';
  if (status === 'no-impact') return 'good';
  if (status === 'missed' || status === 'unacked' || status === 'not-restored' || status === 'suppressed') return 'bad';
  if (status === 'censored' || status === 'late') return 'warning';
  return 'unknown';
}

function valueOf(metric: Metric): string {
  if (metric.status === 'censored') return metric.lo === null ? notMeasured : `≥ ${metric.lo.toFixed(1)} s`;
  return metric.seconds === null ? notMeasured : `${metric.seconds.toFixed(1)} s`;
}

function boundsOf(metric: Metric): string {
  if (metric.status === 'censored' && metric.lo !== null) return 'no upper bound';
  if (metric.seconds === null) return 'no bounds';
  if (metric.lo === null || metric.hi === null) return 'bounds unknown';
  return `[${metric.lo.toFixed(1)}, ${metric.hi.toFixed(1)}] s`;
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio === 1 || ratio === 0 ? 0 : 1)} %`;
}

export function milliseconds(value: number | null): string {
  return value === null ? notMeasured : `${Math.round(value).toLocaleString('en-US')} ms`;
}

export function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
