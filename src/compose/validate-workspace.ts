import { specFiles } from '../adapters/host/spec-files.ts';
import { faults } from '../faults/index.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { fixFiles } from '../planning/fix-files.ts';
import type { FixedFiles } from '../planning/fix-files.ts';
import { validateFiles } from '../planning/workspace.ts';

/** Holds files against their formats and each other; with `fix`, mends first what can be mended without doubt. */
export async function validateWorkspace(paths: readonly string[], { fix }: { readonly fix: boolean }): Promise<FixedFiles> {
  const deps = { files: specFiles, faults: faultRegistry(faults) };
  return fix ? fixFiles(paths, deps) : { ...(await validateFiles(paths, deps)), changes: [] };
}
