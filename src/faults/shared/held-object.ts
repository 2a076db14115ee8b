import { AppError } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { canonicalJson } from '../../domain/plan/canonical-json.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { JsonPatchStep, KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { Evidence, FaultContext } from '../fault.ts';
import { findField, sayPath } from './field-path.ts';
import type { FieldPath } from './field-path.ts';

// One object of the API, some of whose fields are changed for a while. The change and a mark with the injection's id are one
// patch: what bears no mark of ours was never changed by us, or somebody took it over, and is left alone.

/** Stored as undo: which object, and what its fields were. null: absent. */
export type HeldObject = {
  readonly ref: {
    readonly apiVersion: string;
    readonly resource: string;
    readonly namespace: string | null;
    readonly name: string;
  };
  readonly uid: string;
  readonly fields: readonly {
    readonly path: FieldPath;
    readonly before: Json;
    readonly after: Json;
    /** Where it was in its list. */
    readonly index: number | null;
  }[];
  /** The record bears the hash of all this: a short secret could be guessed from it otherwise. Absent in the first version. */
  readonly salt?: string;
};

export interface HeldState {
  /** null when the object is gone, or another has its name. */
  readonly object: KubeObject | null;
  readonly marked: boolean;
  /** Marked, and every field is as the fault made it. */
  readonly inEffect: boolean;
  /** Fields that are neither as before nor as the fault made them: somebody's later change. */
  readonly changedByOthers: readonly string[];
  /** Fields that are as the fault makes them where our mark is not: somebody took it off, and nobody of ours restores them. */
  readonly leftInPlace: readonly string[];
}

/**
 * The object's label that names the injection that changed it. No annotation: a Deployment's are copied to its ReplicaSets, where
 * they stay, and come back with `kubectl rollout undo`.
 */
export const markLabel = 'firedrill.dev/injection';
const markPath: FieldPath = ['metadata', 'labels', markLabel];
const longestLabel = 63;
const mostConflicts = 10;

/** What a change of these fields will have to undo. Errors: `claim/taken`; `target/none` when it would change nothing. */
export function holdObject(
  object: KubeObject,
  ref: ObjectRef,
  changes: readonly { readonly path: FieldPath; readonly after: Json }[],
): HeldObject {
  refuseForeignMark(object, ref, null);
  const fields = changes.map(({ path, after }) => {
    const { value, index } = findField(object, path);
    return { path, before: value, after, index };
  });
  if (fields.every(({ before, after }) => isSame(before, after))) {
    throw new AppError('target/none', `${sayRef(ref)} is so already: ${fields.map(({ path }) => sayPath(path)).join(', ')}`);
  }
  const { apiVersion, resource, namespace, name } = ref;
  return {
    ref: { apiVersion, resource, namespace, name },
    uid: object.metadata.uid,
    fields,
    salt: crypto.randomUUID(),
  };
}

/** All fields and the mark, or nothing. Errors: `target/none`, `claim/taken`, `fault/inject-failed`. */
export async function changeObject(context: FaultContext, held: HeldObject): Promise<void> {
  const cluster = clusterOf(context);
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    const object = await cluster.get(held.ref);
    if (object === null || object.metadata.uid !== held.uid) throw goneBefore(held);
    if (markOf(object) === markFor(context)) return;
    refuseForeignMark(object, held.ref, markFor(context));
    const places = held.fields.map((field) => ({ ...field, place: findField(object, field.path) }));
    const changed = places.filter(({ place, before }) => !isSame(place.value, before));
    if (changed.length > 0) {
      const names = changed.map(({ path }) => sayPath(path)).join(', ');
      throw new AppError('fault/inject-failed', `${sayRef(held.ref)} was changed by somebody meanwhile: ${names}. Plan again`);
    }
    const steps = places.flatMap(({ place, after, index }) => place.set(after, index));
    context.signal.throwIfAborted();
    const done = await cluster.patch(held.ref, [...steps, ...findField(object, markPath).set(markFor(context), null)]);
    if (done === 'gone') throw goneBefore(held);
    if (done === 'patched') return;
  }
  throw new AppError(
    'fault/inject-failed',
    `${sayRef(held.ref)} is changed by others all the time. Look who does, then plan again`,
  );
}

/** Harmless when nothing was changed. What somebody else changed since stays. Errors: `fault/revert-failed`. */
export async function restoreObject(context: FaultContext, held: HeldObject): Promise<void> {
  const cluster = clusterOf(context);
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    const { object, marked } = await lookAt(context, held);
    if (object === null || !marked) return;
    const steps = held.fields.flatMap(({ path, before, after, index }): JsonPatchStep[] => {
      const place = findField(object, path);
      return isSame(place.value, after) ? place.set(before, index) : [];
    });
    const done = await cluster.patch(held.ref, [...steps, ...findField(object, markPath).set(null, null)]);
    if (done !== 'conflict') return;
  }
  throw new AppError('fault/revert-failed', `${sayRef(held.ref)} is changed by others all the time. Trying again`);
}

/** `by`: how the object is read, see `ClusterTools`. */
export async function lookAt(context: FaultContext, held: HeldObject, by: 'get' | 'look' = 'get'): Promise<HeldState> {
  const found = await clusterOf(context)[by](held.ref);
  // One that was made anew from a copy of it bears our mark, and our change with it.
  const object = found !== null && (found.metadata.uid === held.uid || markOf(found) === markFor(context)) ? found : null;
  if (object === null) return { object, marked: false, inEffect: false, changedByOthers: [], leftInPlace: [] };
  const marked = markOf(object) === markFor(context);
  const states = held.fields.map((field) => ({ ...field, value: findField(object, field.path).value }));
  const asAfter = states.filter(({ value, before, after }) => isSame(value, after) && !isSame(value, before));
  return {
    object,
    marked,
    inEffect: marked && states.every(({ value, after }) => isSame(value, after)),
    changedByOthers: states
      .filter(({ value, before, after }) => !isSame(value, before) && !isSame(value, after))
      .map(({ path }) => sayPath(path)),
    leftInPlace: marked ? [] : asAfter.map(({ path }) => sayPath(path)),
  };
}

/** Whether an object has every field as the fault makes it, marked or not. */
export function hasFields(object: KubeObject, { fields }: HeldObject): boolean {
  return fields.every(({ path, after }) => isSame(findField(object, path).value, after));
}

/** As `lookAt`, of an object that must still be there. Errors: `target/none`. */
export async function lookForEffect(
  context: FaultContext,
  held: HeldObject,
): Promise<HeldState & { readonly object: KubeObject }> {
  const { object, ...state } = await lookAt(context, held, 'look');
  if (object !== null) return { object, ...state };
  throw new AppError('target/none', `${sayRef(held.ref)} is gone, and what was changed of it with it`);
}

/** Present while it bears our mark. */
export async function readRestored(context: FaultContext, held: HeldObject): Promise<Evidence> {
  const state = await lookAt(context, held);
  return {
    present: state.marked,
    summary: `${sayRef(held.ref)} ${sayRestored(state)}`,
    data: restoredData(state),
  };
}

/** As evidence: `leftInPlaceOf` reads it again. */
export function restoredData({ changedByOthers, leftInPlace }: HeldState): JsonObject {
  return { changedByOthers: [...changedByOthers], leftInPlace: [...leftInPlace] };
}

/** How a revert left it, in words: the end of a sentence about the object. */
export function sayRestored({ object, marked, changedByOthers, leftInPlace }: HeldState): string {
  if (object === null) return 'is not there any more';
  if (marked) return 'is still changed by us';
  if (leftInPlace.length > 0)
    return `still has our change (${leftInPlace.join(', ')}): its label ${markLabel} was taken off, so it is left as it is`;
  return changedByOthers.length === 0
    ? 'is as it was'
    : `has somebody's later change, which stays: ${changedByOthers.join(', ')}`;
}

export function sayRef({ resource, namespace, name }: Pick<ObjectRef, 'resource' | 'namespace' | 'name'>): string {
  return `${resource} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

const markOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[markLabel];
/** The id, or as much of its end as a label can hold: time, chance, step and ordinal are there. */
export const markFor = ({ injectionId }: FaultContext): string => injectionId.slice(-longestLabel).replace(/^[^A-Za-z0-9]+/, '');
const isSame = (one: Json, other: Json): boolean => canonicalJson(one) === canonicalJson(other);

function refuseForeignMark(object: KubeObject, ref: ObjectRef, own: string | null): void {
  const mark = markOf(object);
  if (mark === undefined || mark === own) return;
  throw new AppError(
    'claim/taken',
    `${sayRef(ref)} is held by injection "${mark}" (label ${markLabel}). Wait for its revert; take the label off only when no record has that id`,
  );
}

function goneBefore({ ref }: HeldObject): AppError {
  return new AppError('target/none', `${sayRef(ref)} was gone before it could be changed. Plan again`);
}
