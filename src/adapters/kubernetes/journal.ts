import { AppError } from '../../domain/errors.ts';
import type { InjectionSpec } from '../../domain/injection/records.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { CorruptRecord } from '../../ports/injections.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { Journal, JournalEntry } from '../../ports/journal.ts';
import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import { parseRecord } from '../records/parse.ts';
import { specSchema } from '../records/schemas.ts';
import { injectionLabels, journalType, keys, recordResources, scopeLabels, selectorOf } from './record-names.ts';
import type { AgentScope } from './record-names.ts';
import { hasUndo, journalName } from './record-objects.ts';

const openLabel = { [keys.record]: 'journal' };
/** Journals whose undo has not been used yet. */
export const journalSelector = selectorOf(openLabel);
const endedLabel = { [keys.record]: 'ended-journal' };

export interface KubernetesJournalOptions {
  readonly api: KubeApi;
  /** Where this agent's journals are. */
  readonly namespace: string;
  /** Where the records are. */
  readonly recordsNamespace: string;
  readonly scope: AgentScope;
}

/** One Secret per injection: undo may hold what is secret. A change is made to the version that was read, or not at all. */
export function createKubernetesJournal({ api, namespace, recordsNamespace, scope }: KubernetesJournalOptions): Journal {
  const { secrets } = recordResources(namespace);
  const { injections } = recordResources(recordsNamespace);
  const labels = scopeLabels(scope);

  return {
    async open(spec, undo) {
      const created = await api.create(secrets, {
        metadata: {
          name: journalName(spec.id),
          labels: { ...injectionLabels(spec), ...labels, ...openLabel },
          annotations: scope.agent === 'node' ? wholeNames(scope) : {},
        },
        type: journalType,
        data: { spec: encode(spec), undo: encode(undo) },
      });
      if (created.ok) return true;
      if (created.status === 409) return false;
      throw notStored(spec.id, created.message);
    },
    async append(id, delta) {
      for (;;) {
        const found = await api.get(secrets, journalName(id));
        if (found === null) throw notStored(id, 'it is gone');
        const entry = entryOf(found, id);
        if (isCorrupt(entry)) throw notStored(id, entry.problem);
        const data = { undo: encode({ ...entry.undo, ...delta }) };
        const { resourceVersion } = found.metadata;
        const body = { metadata: { resourceVersion }, data };
        const patched = await api.patch(secrets, journalName(id), { type: 'merge', body });
        if (patched.ok) return;
        if (patched.status !== 409) throw notStored(id, patched.message);
      }
    },
    async read(id) {
      const found = await api.get(secrets, journalName(id));
      if (found !== null) return isEnded(found) ? null : entryOf(found, id);
      // A journal that was there, and that somebody took away, is damage: its record says that it was there.
      const record = await api.get(injections, id);
      if (record === null || !hasUndo(record)) return null;
      return { corrupt: true, id, problem: `the Secret ${journalName(id)} in namespace ${namespace} is gone` };
    },
    async ids() {
      const labelSelector = selectorOf({ ...labels, ...openLabel });
      const { items } = await api.list(secrets, { labelSelector, metadataOnly: true });
      return items.map(({ metadata }) => journalIdOf(metadata.name));
    },
  };
}

/**
 * Takes the undo away, for it may hold what is secret, and leaves the name: it has been begun, and no life of an agent begins it
 * again. Nothing happens when there is none.
 */
export async function endJournal(api: KubeApi, secrets: KubeResource, id: string): Promise<void> {
  const body = { metadata: { labels: endedLabel }, data: null };
  const patched = await api.patch(secrets, journalName(id), { type: 'merge', body });
  if (!patched.ok && patched.status !== 404) throw notStored(id, patched.message);
}

/**
 * Takes the name before any agent does: from now on none begins this injection. False when one has begun it, and its undo is open.
 * Errors: as `KubeApi`.
 */
export async function forestallJournal(api: KubeApi, secrets: KubeResource, spec: InjectionSpec): Promise<boolean> {
  const name = journalName(spec.id);
  const labels = { ...injectionLabels(spec), ...endedLabel };
  const { node } = spec.target.locator;
  const annotations = typeof node === 'string' ? wholeNames({ run: spec.runId, node }) : {};
  const created = await api.create(secrets, { metadata: { name, labels, annotations }, type: journalType });
  if (created.ok) return true;
  if (created.status !== 409) throw notStored(spec.id, created.message);
  const found = await api.get(secrets, name);
  return found !== null && isEnded(found);
}

/** Whose a Secret is. */
export function journalIdOf(secret: string): string {
  return secret.replace(/^journal-/, '');
}

/** Whole, where a label is cut short: by them its agent is made anew when its record is gone, and may write what is its own. */
function wholeNames({ run, node }: { readonly run: string; readonly node: string }): Record<string, string> {
  return { [keys.run]: run, [keys.node]: node };
}

function isEnded({ metadata }: KubeObject): boolean {
  return metadata.labels?.[keys.record] === endedLabel[keys.record];
}

function entryOf({ data = {} }: KubeObject, id: string): JournalEntry | CorruptRecord {
  const where = `Secret ${journalName(id)}`;
  const corrupt = (): CorruptRecord => ({ corrupt: true, id, problem: `${where} does not hold the spec and undo of "${id}"` });
  const undo = decode(data['undo']);
  const spec = parseRecord(specSchema, decode(data['spec']), { id, where });
  if (isCorrupt(spec)) return spec;
  return isObject(undo) && spec.id === id ? { id, spec, undo } : corrupt();
}

function encode(value: InjectionSpec | JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

function decode(text: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'base64').toString('utf8'));
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notStored(id: string, problem: string): AppError {
  return new AppError('upstream/refused', `The journal of "${id}" was not stored: ${problem}`);
}
