import type { Json, JsonObject } from '../../domain/json.ts';

/** Parameters and evidence on one line: `delay=200ms, jitter=none`. */
export function pairs(object: JsonObject): string {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${valueInWords(value ?? null)}`)
    .join(', ');
}

/** The one sentence a fault gives with its evidence, else what it read. */
export function evidenceInWords(evidence: JsonObject | undefined): string {
  if (evidence === undefined) return 'no evidence';
  return typeof evidence['summary'] === 'string' ? evidence['summary'] : pairs(evidence);
}

function valueInWords(value: Json): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => valueInWords(item)).join(', ')}]`;
  return `{${pairs(value as JsonObject)}}`;
}
