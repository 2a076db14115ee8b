/** JSON of a plain value with sorted keys and no spaces: equal values are equal texts, whatever the order they were made in. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const members = entries.flatMap(([key, member]) =>
    member === undefined ? [] : [[key, `${JSON.stringify(key)}:${canonicalJson(member)}`] as const],
  );
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([, text]) => text).join(',')}}`;
}
