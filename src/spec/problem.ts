/** One thing that is wrong in a file, and where. Line and column begin at 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path inside the document, such as `spec.faults[0].params.delay`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, and what is allowed. */
  readonly message: string;
  /** What to write instead, where there is no doubt. */
  readonly fix?: Fix;
}

/** Replaces `length` characters at `offset` of the file with `text`; afterwards it stands at `path`. */
export interface Fix {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  readonly path: string;
}

/** Something wrong with a value, before it is known where in a file that value stands. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where to point: at the key itself, or at the value. */
  readonly at: 'key' | 'value';
  /** Characters into the value, for texts with a grammar of their own. */
  readonly offset?: number;
  /** The one word that was meant, for the key or the value that `at` points at. */
  readonly meant?: string;
}

/** `file:line:column: path: message`, as editors and terminals link it. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

export function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
