import type { Json, JsonObject } from '../../domain/json.ts';
import type { JsonPatchStep } from '../cluster-tools.ts';

/** Names a field of an object. A list's member is named by fields of it, for others may be put before it. */
export type FieldPath = readonly (string | Readonly<Record<string, string>>)[];

/** Where a field is in an object now. The API knows no null: null is what is not there. */
export interface Place {
  readonly value: Json;
  /** Its index, where it is a member of a list. */
  readonly index: number | null;
  /** The steps that make it `wanted`; they fail when it is not `value` any more. A new member of a list is put at `index`. */
  set(wanted: Json, index: number | null): JsonPatchStep[];
}

export function findField(object: unknown, path: FieldPath): Place {
  const made: JsonPatchStep[] = [];
  const tests: JsonPatchStep[] = [];
  let holder = object as Json;
  let pointer = '';
  for (const [depth, segment] of path.slice(0, -1).entries()) {
    const found = step(holder, segment);
    pointer += `/${found.key}`;
    tests.push(...memberTests(pointer, segment, found.value));
    if (found.value === null) made.push({ op: 'add', path: pointer, value: typeof path[depth + 1] === 'string' ? {} : [] });
    holder = found.value ?? (typeof path[depth + 1] === 'string' ? {} : []);
  }
  const last = path.at(-1) ?? '';
  const { key, value, index } = step(holder, last);
  const length = Array.isArray(holder) ? holder.length : 0;
  return {
    value,
    index,
    set(wanted, index) {
      if (value === null && wanted === null) return tests;
      if (value === null) {
        const at = typeof last === 'string' ? key : String(Math.min(index ?? length, length));
        return [...tests, ...made, { op: 'add', path: `${pointer}/${at}`, value: wanted }];
      }
      const here = `${pointer}/${key}`;
      const unchanged: JsonPatchStep = { op: 'test', path: here, value };
      return [...tests, unchanged, wanted === null ? { op: 'remove', path: here } : { op: 'replace', path: here, value: wanted }];
    },
  };
}

/** For people: `spec.containers[web].image`. */
export function sayPath(path: FieldPath): string {
  return path
    .map((segment) => (typeof segment === 'string' ? `.${segment}` : `[${Object.values(segment).join(' ')}]`))
    .join('')
    .slice(1);
}

function step(holder: Json, segment: FieldPath[number]): { key: string; value: Json; index: number | null } {
  if (typeof segment === 'string') {
    const value = (holder as JsonObject)[segment] ?? null;
    return { key: segment.replaceAll('~', '~0').replaceAll('/', '~1'), value, index: null };
  }
  const members = Array.isArray(holder) ? (holder as readonly JsonObject[]) : [];
  const index = members.findIndex((member) => Object.entries(segment).every(([name, value]) => member[name] === value));
  return index < 0 ? { key: '-', value: null, index: null } : { key: String(index), value: members[index] ?? null, index };
}

/** That the member is still at its index. */
function memberTests(pointer: string, segment: FieldPath[number], value: Json): JsonPatchStep[] {
  if (typeof segment === 'string' || value === null) return [];
  return Object.entries(segment).map(([name, value]) => ({ op: 'test', path: `${pointer}/${name}`, value }));
}
