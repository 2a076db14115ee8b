import { specFiles } from '../adapters/host/spec-files.ts';
import { faults } from '../faults/index.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { validateFiles } from '../planning/workspace.ts';

export function validateWorkspace(paths: readonly string[]): ReturnType<typeof validateFiles> {
  return validateFiles(paths, { files: specFiles, faults: faultRegistry(faults) });
}
