import { AppError } from '../domain/errors.ts';
import type { Discovery } from '../planning/discovery/discovery.ts';
import { draftFiles } from '../planning/discovery/draft.ts';
import type { Selection } from '../planning/discovery/selection.ts';
import type { NewFiles } from '../ports/new-files.ts';
import { parseSpec } from '../spec/parse-spec.ts';
import { formatProblem } from '../spec/problem.ts';
import { discoverService } from './discover-service.ts';
import type { DiscoveryDeps } from './survey-service.ts';

export interface InitRequest {
  readonly selection: Selection;
  /** The environment file to go with; null to draft one. */
  readonly environmentFile: string | null;
}

/**
 * Looks at what a Prometheus has of a service and drafts the files of a first experiment on it. All of them or none: what
 * exists is never overwritten. Errors: as `discoverService`, `spec/invalid` with what exists, `archive/failed`.
 */
export async function initWorkspace(
  { selection, environmentFile }: InitRequest,
  deps: DiscoveryDeps & { readonly files: NewFiles },
): Promise<{ readonly found: Discovery; readonly written: readonly string[] }> {
  const found = await discoverService(selection, deps);
  const drafts = draftFiles(found, { withEnvironment: environmentFile === null });
  const existing = await deps.files.existing(drafts.map(({ path }) => path));
  if (existing.length > 0) {
    const keep = existing.some((path) => path.startsWith('environments/'))
      ? '. To keep the environment and add a service, give it with --environment'
      : '';
    throw new AppError(
      'spec/invalid',
      `${existing.join(', ')} exist${existing.length === 1 ? 's' : ''} already, and init overwrites nothing. Move ${existing.length === 1 ? 'it' : 'them'} away${keep}`,
    );
  }
  for (const { path, text } of drafts.filter((draft) => draft.path.endsWith('.yaml'))) {
    const { problems } = parseSpec(path, text);
    if (problems.length > 0)
      throw new AppError('internal/bug', `the draft is not valid: ${problems.map(formatProblem).join('; ')}`);
  }
  for (const { path, text } of drafts) await deps.files.write(path, text);
  return { found, written: drafts.map(({ path }) => path) };
}
