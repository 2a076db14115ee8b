import { check } from './check.ts';
import { didYouMean, onlySlip } from './did-you-mean.ts';
import { readDocument } from './document.ts';
import type { SpecDocument } from './document.ts';
import { isKind, kindNames, kinds } from './kinds.ts';
import type { Kind, Spec } from './kinds.ts';
import { currentVersion } from './metadata.ts';
import { migrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { Issue, Problem } from './problem.ts';

/** One file that was read: its document for positions, its spec when nothing is wrong with it by itself. */
export interface ParsedFile {
  readonly file: string;
  readonly document: SpecDocument | null;
  readonly spec: Spec | null;
  readonly problems: readonly Problem[];
}

/** Reads one file's text. Never throws: everything that is wrong is a problem with its place. */
export function parseSpec(file: string, text: string, known: readonly Migration[] = migrations): ParsedFile {
  const read = readDocument(file, text);
  if (!read.ok) return { file, document: null, spec: null, problems: read.problems };
  const { document } = read;
  const { kind, apiVersion } = (document.value ?? {}) as { kind?: unknown; apiVersion?: unknown };
  if (!isKind(kind)) {
    const message =
      kind === undefined
        ? `is missing. Write one of ${kindNames.join(', ')}`
        : `${JSON.stringify(kind)} is not known.${didYouMean(String(kind), kindNames)} Write one of ${kindNames.join(', ')}`;
    const meant = kind === undefined ? null : onlySlip(String(kind), kindNames);
    const issue: Issue = { path: ['kind'], at: 'value', message, ...(meant === null ? {} : { meant }) };
    return { file, document, spec: null, problems: [document.problemOf(issue)] };
  }
  const other = otherVersion(kind, apiVersion, known);
  if (other !== null) {
    const issue: Issue = { path: ['apiVersion'], at: 'value', message: other };
    return { file, document, spec: null, problems: [document.problemOf(issue)] };
  }
  const checked = check<Spec>(kinds[kind], document.value);
  if (checked.ok) return { file, document, spec: checked.value, problems: [] };
  return { file, document, spec: null, problems: checked.issues.map((issue) => document.problemOf(issue)) };
}

/** A file of another version is not held against this one's schema: what is wrong with it is its version alone. */
function otherVersion(kind: Kind, version: unknown, known: readonly Migration[]): string | null {
  if (known.some((migration) => migration.kind === kind && migration.from === version)) {
    return `${JSON.stringify(version)} is an older version. \`firedrill validate --fix\` rewrites the file to the one of today`;
  }
  const [group, number] = currentVersion.split('/v');
  const written = typeof version === 'string' ? version.split('/v') : [];
  if (written[0] !== group || !(Number(written[1]) > Number(number))) return null;
  return `was written for a newer Firedrill, in ${JSON.stringify(version)}; this one reads ${currentVersion}. Update firedrill`;
}
