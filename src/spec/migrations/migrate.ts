import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Migration } from './migration.ts';

export interface Migrated {
  readonly text: string;
  /** Where `apiVersion` stood, from 1. */
  readonly line: number;
  readonly steps: readonly Migration[];
}

/** The text in the newest version of its format, step by step; null when there is nothing to migrate, or it is not YAML. */
export function migrate(text: string, migrations: readonly Migration[]): Migrated | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) return null;
  const steps: Migration[] = [];
  for (let next = stepFor(document, migrations); next !== undefined; next = stepFor(document, migrations)) {
    next.rewrite(document);
    document.set('apiVersion', next.to);
    steps.push(next);
  }
  if (steps.length === 0) return null;
  return { text: document.toString({ lineWidth: 0 }), line: lineOfVersion(text, lines), steps };
}

function stepFor(document: Document, migrations: readonly Migration[]): Migration | undefined {
  const [kind, version] = [document.get('kind'), document.get('apiVersion')];
  return migrations.find((migration) => migration.kind === kind && migration.from === version);
}

function lineOfVersion(text: string, lines: LineCounter): number {
  return lines.linePos(Math.max(text.search(/apiVersion/), 0)).line;
}
