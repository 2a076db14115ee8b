import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { messageOf } from '../domain/errors.ts';
import { pathText } from './problem.ts';
import type { Issue, Problem } from './problem.ts';

/** One YAML file that was read: its plain value, and where each part of it stands. */
export interface SpecDocument {
  readonly file: string;
  readonly value: unknown;
  problemOf(issue: Issue): Problem;
}

export type ReadDocument =
  { readonly ok: true; readonly document: SpecDocument } | { readonly ok: false; readonly problems: Problem[] };

/** Reads one YAML document. Everything the YAML grammar has against it is told at once. */
export function readDocument(file: string, text: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const bad = (offset: number, message: string): Problem => ({ file, ...at(offset), path: '', message });
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => bad(error.pos[0], `not valid YAML: ${error.message}`)) };
  }
  try {
    const value: unknown = document.toJS();
    const problemOf = (issue: Issue): Problem => ({
      file,
      ...at(offsetOf(document, text, issue)),
      path: pathText(issue.path),
      message: issue.message,
    });
    return { ok: true, document: { file, value, problemOf } };
  } catch (error) {
    return { ok: false, problems: [bad(0, `not valid YAML: ${messageOf(error)}`)] };
  }
}

/** Where the issue's key or value begins; of the nearest thing around it when it is not there. */
function offsetOf(document: Document, text: string, { path, at, offset = 0 }: Issue): number {
  let node: unknown = document.contents;
  let start = startOf(document.contents);
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!isPair(pair)) return start;
      if (last && at === 'key') return startOf(pair.key);
      start = isNode(pair.value) && pair.value.range ? startOf(pair.value) : startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && node.items[part] !== undefined) {
      node = node.items[part];
      start = startOf(node);
    } else {
      return start;
    }
  }
  return offset > 0 ? intoScalar(node, text, offset) : start;
}

/** Exact when the text stands in the file as it is; escapes and folded lines point at the start of the value. */
function intoScalar(node: unknown, text: string, offset: number): number {
  const start = startOf(node);
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return start;
  const found = text.slice(start, node.range[1]).indexOf(node.value);
  return found < 0 ? start : start + found + offset;
}

function startOf(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}
