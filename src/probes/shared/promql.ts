import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** The vector selectors inside an expression, as written and without their ranges; each once. */
export function selectorsOf(query: string): readonly string[] {
  const selectors = new Set<string>();
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.name === 'VectorSelector') selectors.add(query.slice(node.from, node.to).trim());
    },
  });
  return [...selectors];
}

/** The metric of a vector selector, and the labels it matches; a metric that is written as a matcher is null. */
export function partsOf(selector: string): { readonly metric: string | null; readonly labels: readonly string[] } {
  let metric: string | null = null;
  const labels: string[] = [];
  parser.parse(selector).iterate({
    enter: ({ name, from, to }) => {
      const text = selector.slice(from, to);
      if (name === 'Identifier') metric = text;
      if (name === 'LabelName' && text !== '__name__') labels.push(text);
    },
  });
  return { metric, labels };
}

/** `scalar(x)`: a number that cannot carry a label. */
export function isScalar(query: string): boolean {
  const call = parser.parse(query).topNode.getChild('FunctionCall');
  const name = call?.getChild('FunctionIdentifier');
  return name !== null && name !== undefined && query.slice(name.from, name.to) === 'scalar';
}

export interface CounterSum {
  readonly function: 'rate' | 'irate' | 'increase';
  readonly selector: string;
  readonly windowSeconds: number;
}

/**
 * The counter behind `sum(rate(counter[1m]))` and its like; null for anything else, whose value is no plain count of events
 * (products, differences, offsets, other aggregations).
 */
export function counterSumOf(query: string): CounterSum | null {
  const nodes: { name: string; text: string }[] = [];
  parser.parse(query).iterate({ enter: (node) => void nodes.push({ name: node.name, text: query.slice(node.from, node.to) }) });
  const having = (name: string) => nodes.filter((node) => node.name === name);
  const plain = nodes.every((node) => !notPlain.includes(node.name));
  const aggregations = having('AggregateOp');
  if (!plain || aggregations.length > 1 || aggregations.some((node) => node.text !== 'sum')) return null;
  const call = having('FunctionIdentifier');
  const selector = having('VectorSelector');
  const range = having('MatrixSelector');
  if (call.length !== 1 || selector.length !== 1 || range.length !== 1) return null;
  const name = call[0]!.text;
  if (name !== 'rate' && name !== 'irate' && name !== 'increase') return null;
  const windowSeconds = secondsOf(range[0]!.text.slice(selector[0]!.text.length));
  return windowSeconds === null ? null : { function: name, selector: selector[0]!.text.trim(), windowSeconds };
}

export interface HistogramQuantile {
  /** 0..1 */
  readonly quantile: number;
  /** Of the classic buckets. */
  readonly selector: string;
}

/** The buckets behind `histogram_quantile(0.99, sum by (le) (rate(x_bucket[1m])))`; null for anything else. */
export function histogramQuantileOf(query: string): HistogramQuantile | null {
  const call = parser.parse(query).topNode.getChild('FunctionCall');
  if (call?.getChild('FunctionIdentifier')?.firstChild?.name !== 'HistogramQuantile') return null;
  const [quantile, buckets, ...more] = childrenOf(call.getChild('FunctionCallBody')!).map((argument) =>
    query.slice(argument.from, argument.to),
  );
  const counter = counterSumOf(buckets ?? '');
  if (counter === null || more.length > 0 || !/_bucket\s*(\{|$)/.test(counter.selector)) return null;
  const value = Number(quantile);
  return value >= 0 && value <= 1 ? { quantile: value, selector: counter.selector } : null;
}

/** How far back an expression looks, in seconds: ranges inside subqueries and offsets add up, the longest branch counts. */
export function reachOf(query: string): number {
  return reachOfNode(query, parser.parse(query).topNode);
}

function reachOfNode(query: string, node: SyntaxNode): number {
  const inside = childrenOf(node).map((child) => reachOfNode(query, child));
  return Math.max(0, ...inside) + ownReachOf(query, node);
}

/** A subquery's second duration is its step. A negative offset looks ahead and does not lag. */
function ownReachOf(query: string, node: SyntaxNode): number {
  const isRange = node.name === 'MatrixSelector' || node.name === 'SubqueryExpr';
  const duration = isRange
    ? node.getChild('DurationExpr')
    : node.name === 'OffsetExpr'
      ? node.getChild('OffsetDurationExpr')
      : null;
  return duration === null ? 0 : (secondsOf(query.slice(duration.from, duration.to)) ?? 0);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

const notPlain = ['BinaryExpr', 'UnaryExpr', 'SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr', '⚠'];

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** `[1m30s]`, or a plain number of seconds, in seconds; null for an expression. */
function secondsOf(range: string): number | null {
  const text = range.trim().replace(/^\[\s*|\s*\]$/g, '');
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * unitSeconds[unit!]!,
    0,
  );
}
