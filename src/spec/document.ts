import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, YAMLParseError } from 'yaml';
import { messageOf } from '../domain/errors.ts';
import { pathText } from './problem.ts';
import type { Fix, Issue, Problem } from './problem.ts';

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
  const undecoded = text.indexOf('\uFFFD');
  if (undecoded >= 0) return { ok: false, problems: [bad(undecoded, 'holds bytes that are not UTF-8. Save the file as UTF-8')] };
  if (document.errors.length > 0)
    return { ok: false, problems: document.errors.map((error) => bad(error.pos[0], grammar(error))) };
  try {
    const value: unknown = document.toJS();
    const problemOf = (issue: Issue): Problem => {
      const place = placeOf(document, issue.path, issue.at);
      const fix = issue.meant === undefined ? null : fixOf(place.node, text, issue, issue.meant);
      return {
        file,
        ...at(place.start + intoScalar(place.node, text, issue.offset ?? 0)),
        path: pathText(issue.path),
        message: issue.message,
        ...(fix === null ? {} : { fix }),
      };
    };
    return { ok: true, document: { file, value, problemOf } };
  } catch (error) {
    return { ok: false, problems: [bad(0, `not valid YAML: ${messageOf(error)}`)] };
  }
}

/** What the YAML grammar has against a file, for people who do not call a YAML library. */
function grammar({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'begins a second document. Write each in a file of its own';
  return `not valid YAML: ${message}`;
}

interface Place {
  /** Null when it is not there, and `start` is that of the nearest thing around it. */
  readonly node: unknown;
  readonly start: number;
}

/** The key or the value at a path. */
function placeOf(document: Document, path: Issue['path'], at: Issue['at']): Place {
  let node: unknown = document.contents;
  let start = startOf(document.contents);
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!isPair(pair)) return { node: null, start };
      if (last && at === 'key') return { node: pair.key, start: startOf(pair.key) };
      start = isNode(pair.value) && pair.value.range ? startOf(pair.value) : startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && node.items[part] !== undefined) {
      node = node.items[part];
      start = startOf(node);
    } else {
      return { node: null, start };
    }
  }
  return { node, start };
}

/** Exact when the text stands in the file as it is; escapes and folded lines point at the start of the value. */
function intoScalar(node: unknown, text: string, offset: number): number {
  if (offset === 0 || !isScalar(node) || !node.range || typeof node.value !== 'string') return 0;
  const found = text.slice(node.range[0], node.range[1]).indexOf(node.value);
  return found < 0 ? 0 : found + offset;
}

/** Only for a word that stands in the file as it is, quoted or not: quotes stay. */
function fixOf(node: unknown, text: string, { path, at }: Issue, meant: string): Fix | null {
  if (!isScalar(node) || !node.range) return null;
  const word = String(node.value);
  const written = text.slice(node.range[0], node.range[1]);
  const quote = /^['"]/.exec(written)?.[0] ?? '';
  if (written !== `${quote}${word}${quote}`) return null;
  const after = at === 'key' ? [...path.slice(0, -1), meant] : path;
  return { offset: node.range[0] + quote.length, length: word.length, text: meant, path: pathText(after) };
}

function startOf(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}
