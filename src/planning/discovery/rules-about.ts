import { reachOf, selectorsOf } from '../../probes/shared/promql.ts';
import { matchersIn, narrowed } from './selection.ts';

interface Rule {
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether a rule says by its own labels that it is about the selection. */
export function namesSelection(rule: Rule, matchers: string): boolean {
  return matchersIn(matchers).some(({ label, op, value }) => op === '=' && rule.labels[label] === value);
}

/**
 * What to ask to learn whether a rule reads series of the selection: each of its selectors on a metric that the selection
 * has, narrowed to it. Any answer means yes. null when it reads none of these metrics.
 */
export function questionOf(rule: Rule, metrics: ReadonlySet<string>, matchers: string): string | null {
  const parts = selectorsOf(rule.query)
    .filter((selector) => metrics.has(metricOf(selector)))
    .map((selector) => `count(${narrowed(selector, matchers)})`);
  return parts.length === 0 ? null : parts.join(' or ');
}

/** The metrics a rule reads. */
export function metricsOf(rule: Rule): readonly string[] {
  return selectorsOf(rule.query).map(metricOf);
}

/**
 * The labels by which an alert about the selection is told from the same alert about another service. Empty when the rule
 * fits no other service; null when it fits others and mixes them.
 */
export function tellingLabels(rule: Rule, matchers: string): Readonly<Record<string, string>> | null {
  const own = matchersIn(matchers).filter(({ op }) => op === '=');
  const kept = own.filter(({ label, value }) => rule.labels[label] === value || keeps(rule.query, label));
  const pinned = own.some(({ label }) => selectorsOf(rule.query).some((selector) => hasLabel(selector, label)));
  return kept.length > 0 || pinned ? Object.fromEntries(kept.map(({ label, value }) => [label, value])) : null;
}

/** Seconds from a change that suffices to the alert, at the latest: the rule's own window, its `for`, and two evaluations. */
export function detectionSeconds(rule: {
  readonly query: string;
  readonly forSeconds: number;
  readonly intervalSeconds: number;
}): number {
  return reachOf(rule.query) + rule.forSeconds + 2 * rule.intervalSeconds;
}

/** Every aggregation in the query is by this label. */
function keeps(query: string, label: string): boolean {
  const aggregations =
    query.match(/\b(sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|quantile|count_values)\b\s*(by\s*)?\(/g) ?? [];
  const groupings = [...query.matchAll(/\bby\s*\(([^)]*)\)/g)].map(([, labels = '']) =>
    labels.split(',').map((each) => each.trim()),
  );
  return groupings.length === aggregations.length && groupings.every((labels) => labels.includes(label));
}

function hasLabel(selector: string, label: string): boolean {
  return matchersIn(selector).some((matcher) => matcher.label === label);
}

function metricOf(selector: string): string {
  return /^\s*([\w:]*)/.exec(selector)?.[1] ?? '';
}
