import { dirname, join, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { SpecFiles } from '../ports/spec-files.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';
import { isKind, kindNames } from '../spec/kinds.ts';
import type { Kind, Spec } from '../spec/kinds.ts';
import { parseSpec } from '../spec/parse-spec.ts';
import type { ParsedFile } from '../spec/parse-spec.ts';
import { formatProblem } from '../spec/problem.ts';
import type { Problem } from '../spec/problem.ts';
import { pointersOf, referenceIssues } from '../spec/references.ts';
import type { KnownNames, Pointer } from '../spec/references.ts';
import { directoriesIn, workspaceRootOf } from './workspace-root.ts';

export interface WorkspaceDeps {
  readonly files: SpecFiles;
  readonly faults: FaultRegistry;
}

/** Everything that was read, and everything that is wrong with it. */
export interface Workspace {
  readonly specs: readonly { readonly file: string; readonly spec: Spec }[];
  readonly files: readonly string[];
  /** What each file calls itself and points at, right or wrong otherwise; both empty where it cannot be read. */
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
}

export interface Entry {
  readonly file: string;
  readonly kind: unknown;
  readonly name: string | null;
  readonly pointsAt: readonly Pointer[];
}

/** Reads files and directories, and holds them against each other. Errors: `spec/not-found` for a path without a file. */
export async function loadWorkspace(paths: readonly string[], { files, faults }: WorkspaceDeps): Promise<Workspace> {
  const listed = await Promise.all(paths.map((path) => files.list(path)));
  const unique = new Map(listed.flat().map((file) => [resolve(file), file]));
  const parsed = await Promise.all([...unique.values()].map(async (file) => parseSpec(file, await files.read(file))));
  const known = namesOf(parsed);
  const problems = parsed.flatMap((file) => [...file.problems, ...twice(file, parsed), ...references(file, known, faults)]);
  return {
    specs: parsed.flatMap(({ file, spec }) => (spec === null ? [] : [{ file, spec }])),
    files: parsed.map(({ file }) => file),
    entries: parsed.map(entryOf),
    problems: problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column),
  };
}

/**
 * What `firedrill validate` asks: the problems of these paths, each held against everything in its workspace's directories;
 * without paths, of the current directory's workspace. Errors: `spec/not-found`.
 */
export async function validateFiles(
  paths: readonly string[],
  deps: WorkspaceDeps,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly Problem[] }> {
  const asked = await Promise.all(
    paths.map(async (path) => {
      const files = await deps.files.list(path);
      if (files.length === 0)
        throw new AppError('spec/not-found', `${path} is not there, or a folder without a YAML file. Check the path`);
      return files;
    }),
  );
  if (paths.length === 0) {
    const here = await loadWorkspace(directoriesIn('.'), deps);
    if (here.files.length > 0) return here;
    throw new AppError(
      'spec/not-found',
      `nothing to validate here: no YAML file in ${directoriesIn('.').join(', ')}. Name files or folders`,
    );
  }
  const byRoot = new Map<string, string[]>();
  for (const [directory, inside] of Map.groupBy(asked.flat(), (file) => dirname(resolve(file)))) {
    const root = await workspaceRootOf(join(directory, 'any'), deps.files);
    byRoot.set(root, [...(byRoot.get(root) ?? []), ...inside]);
  }
  const found = await Promise.all(
    [...byRoot].map(async ([root, wantedHere]) => {
      const { files, problems } = await loadWorkspace([...wantedHere, ...directoriesIn(root)], deps);
      const wanted = new Set(wantedHere.map((file) => resolve(file)));
      const isWanted = (file: string): boolean => wanted.has(resolve(file));
      return { files: files.filter(isWanted), problems: problems.filter(({ file }) => isWanted(file)) };
    }),
  );
  return { files: found.flatMap(({ files }) => files), problems: found.flatMap(({ problems }) => problems) };
}

/** The one spec of that kind and name. Errors: `spec/not-found` with the names there are. */
export function findSpec<K extends Kind>(workspace: Workspace, kind: K, name: string): Extract<Spec, { kind: K }> {
  const ofKind = workspace.specs.map(({ spec }) => spec).filter((spec) => spec.kind === kind);
  const found = ofKind.find((spec) => spec.name === name);
  if (found !== undefined) return found as Extract<Spec, { kind: K }>;
  const names = ofKind.map((spec) => spec.name).join(', ') || 'none';
  throw new AppError('spec/not-found', `${kind} "${name}" is not there. Known: ${names}`);
}

/** Errors: `spec/invalid`, with every problem on a line of its own. */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new AppError('spec/invalid', problems.map(formatProblem).join('\n'), { details: { problems } });
}

/** By what the files call themselves, right or wrong otherwise: one bad file should not make every file that names it bad. */
function namesOf(parsed: readonly ParsedFile[]): KnownNames {
  const named = parsed.map(declared);
  const of = (kind: Kind): string[] => named.flatMap((each) => (each?.kind === kind ? [each.name] : []));
  return Object.fromEntries(kindNames.map((kind) => [kind, of(kind)])) as Record<Kind, string[]>;
}

function declared({ document }: ParsedFile): { kind: unknown; name: string } | null {
  const value = document?.value as { kind?: unknown; metadata?: { name?: unknown } | null } | null | undefined;
  const name = value?.metadata?.name;
  return typeof name === 'string' ? { kind: value?.kind, name } : null;
}

function entryOf(parsed: ParsedFile): Entry {
  const own = declared(parsed);
  const { file, document } = parsed;
  const kind = (document?.value as { kind?: unknown } | null | undefined)?.kind;
  return { file, kind, name: own?.name ?? null, pointsAt: isKind(kind) ? pointersOf(kind, document?.value) : [] };
}

function twice(file: ParsedFile, parsed: readonly ParsedFile[]): Problem[] {
  const own = declared(file);
  if (own === null || file.document === null) return [];
  const twin = parsed.find((other) => {
    const theirs = declared(other);
    return other !== file && theirs?.kind === own.kind && theirs?.name === own.name;
  });
  if (twin === undefined) return [];
  const message = `${String(own.kind)} "${own.name}" is also in ${twin.file}. Give each its own name`;
  return [file.document.problemOf({ path: ['metadata', 'name'], at: 'value', message })];
}

function references({ document }: ParsedFile, known: KnownNames, faults: FaultRegistry): Problem[] {
  const kind = (document?.value as { kind?: unknown } | null | undefined)?.kind;
  if (document === null || !isKind(kind)) return [];
  return referenceIssues(kind, document.value, known, faults).map((issue) => document.problemOf(issue));
}
