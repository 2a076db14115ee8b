import { AppError } from '../../domain/errors.ts';
import { promql } from '../../spec/promql.ts';

/** What `--selector` asked for. */
export type Selection =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'matchers'; readonly matchers: string; readonly name: string };

/** Labels that services are known by; the most deliberate first. */
export const serviceLabels: readonly string[] = [
  'service',
  'app',
  'service_name',
  'app_kubernetes_io_name',
  'k8s_app',
  'job',
  'deployment',
  'container',
];

/**
 * A service's bare name, or the matchers of a PromQL selector, with or without braces. A shell may have eaten the quotes.
 * Errors: `spec/invalid`.
 */
export function parseSelection(text: string): Selection {
  const inner = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim();
  if (/^[\w./:-]+$/.test(inner)) return { kind: 'name', name: inner };
  const matchers = inner.replace(/(^|,)\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*([^"'\s,{}]+)\s*(?=,|$)/g, '$1$2$3"$4"');
  if (inner === '' || !promql.safeParse(`{${matchers}}`).success) {
    throw new AppError(
      'spec/invalid',
      `--selector ${JSON.stringify(text)} is neither a service's name nor label matchers. Write payments-api, or 'service="payments-api"'`,
    );
  }
  const exact = new Map(matchersIn(matchers).flatMap(({ label, op, value }) => (op === '=' ? [[label, value]] : [])));
  const label = serviceLabels.find((label) => exact.has(label)) ?? [...exact.keys()][0];
  return { kind: 'matchers', matchers, name: (label === undefined ? undefined : exact.get(label)) ?? 'service' };
}

export interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

/** The matchers inside a selector that is known to parse. */
export function matchersIn(selector: string): readonly Matcher[] {
  const all = selector.matchAll(/([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g);
  return [...all].map(([, label = '', op = '', quoted = '']) => ({ label, op, value: quoted.slice(1, -1) }));
}

/** A selector that fits only what both fit: `up{job="a"}` and `service="b"` → `up{job="a",service="b"}`. */
export function narrowed(selector: string, matchers: string): string {
  const [, name = '', own = ''] = /^\s*([\w:]*)\s*(?:\{(.*?),?\s*\})?\s*$/s.exec(selector) ?? [];
  return `${name}{${[own.trim(), matchers].filter((part) => part !== '').join(',')}}`;
}
