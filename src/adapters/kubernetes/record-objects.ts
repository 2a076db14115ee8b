import type { InjectionSpec, InjectionStatus, Permit } from '../../domain/injection/records.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Read } from '../../ports/injections.ts';
import type { KubeObject } from '../../ports/kubernetes.ts';
import { parseRecord } from '../records/parse.ts';
import { permitSchema, specSchema, statusSchema } from '../records/schemas.ts';
import { group, injectionLabels, keys, labelValue, objectName, revertFinalizer, sha256 } from './record-names.ts';

export function objectOfSpec(spec: InjectionSpec): object {
  const { id, ...rest } = spec;
  return {
    apiVersion: `${group}/v1`,
    kind: 'Injection',
    metadata: { name: objectName(id), labels: injectionLabels(spec), finalizers: [revertFinalizer] },
    spec: rest,
  };
}

/** null: an object that only says how an injection ended whose record was taken away. */
export function specOf(object: KubeObject): Read<InjectionSpec> | null {
  if (object.spec === undefined) return null;
  const id = object.metadata.name;
  return parseRecord(specSchema, { ...fields(object.spec), id }, { id, where: `injection ${id}, spec` });
}

/** null: no agent has answered yet. The undo is in the journal. */
export function statusOf({ metadata: { name: id, labels }, spec, status }: KubeObject): Read<InjectionStatus> | null {
  if (status === undefined) return null;
  const { undo: _undo, ...said } = fields(status);
  const runId = fields(spec)['runId'] ?? labels?.[keys.run];
  return parseRecord(statusSchema, { ...said, id, runId }, { id, where: `injection ${id}, status` });
}

/** What of a status is kept. Of the undo that is where it is, and its hash: it may hold what is secret. */
export function statusFields({ id, runId: _runId, undo, ...rest }: InjectionStatus): JsonObject {
  return { ...rest, ...(undo === undefined ? {} : { undo: { secret: journalName(id), sha256: sha256(JSON.stringify(undo)) } }) };
}

/** Whether a status says that an undo was journaled. */
export function hasUndo({ status }: KubeObject): boolean {
  return fields(status)['undo'] !== undefined;
}

export function objectOfPermit({ runId, ...rest }: Permit): object {
  return {
    apiVersion: `${group}/v1`,
    kind: 'Permit',
    metadata: { name: objectName(runId), labels: { [keys.run]: labelValue(runId) } },
    spec: rest,
  };
}

export function permitOf({ metadata: { name: runId }, spec }: KubeObject): Read<Permit> {
  return parseRecord(permitSchema, { ...fields(spec), runId }, { id: runId, where: `permit ${runId}` });
}

export function journalName(id: string): string {
  return `journal-${objectName(id)}`;
}

/** What is no object has no fields: the schema then says what is missing. */
function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
