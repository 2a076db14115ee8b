import { check } from './check.ts';
import { didYouMean } from './did-you-mean.ts';
import { readDocument } from './document.ts';
import type { SpecDocument } from './document.ts';
import { isKind, kindNames, kinds } from './kinds.ts';
import type { Spec } from './kinds.ts';
import type { Problem } from './problem.ts';

/** One file that was read: its document for positions, its spec when nothing is wrong with it by itself. */
export interface ParsedFile {
  readonly file: string;
  readonly document: SpecDocument | null;
  readonly spec: Spec | null;
  readonly problems: readonly Problem[];
}

/** Reads one file's text. Never throws: everything that is wrong is a problem with its place. */
export function parseSpec(file: string, text: string): ParsedFile {
  const read = readDocument(file, text);
  if (!read.ok) return { file, document: null, spec: null, problems: read.problems };
  const { document } = read;
  const kind = (document.value as { kind?: unknown } | null)?.kind;
  if (!isKind(kind)) {
    const message =
      kind === undefined
        ? `is missing. Write one of ${kindNames.join(', ')}`
        : `${JSON.stringify(kind)} is not known.${didYouMean(String(kind), kindNames)} Write one of ${kindNames.join(', ')}`;
    return { file, document, spec: null, problems: [document.problemOf({ path: ['kind'], at: 'value', message })] };
  }
  const checked = check<Spec>(kinds[kind], document.value);
  if (checked.ok) return { file, document, spec: checked.value, problems: [] };
  return { file, document, spec: null, problems: checked.issues.map((issue) => document.problemOf(issue)) };
}
