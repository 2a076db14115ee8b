import { expect, test } from '@jest/globals';
import { specFiles } from '../../src/adapters/host/spec-files.ts';
import { faults } from '../../src/faults/index.ts';
import { faultRegistry } from '../../src/planning/fault-registry.ts';
import { loadWorkspace, validateFiles } from '../../src/planning/workspace.ts';
import { workspaceDirectories } from '../../src/planning/workspace-root.ts';

const deps = { files: specFiles, faults: faultRegistry(faults) };

test('every example is valid', async () => {
  expect((await validateFiles([], deps)).problems).toEqual([]);
});

test('every fault has an example that uses it', async () => {
  const { specs } = await loadWorkspace(workspaceDirectories, deps);
  const used = specs.flatMap(({ spec }) => (spec.kind === 'Experiment' ? spec.faults.map(({ fault }) => fault) : []));
  expect(new Set(used)).toEqual(new Set(faults.map(({ name }) => name)));
});
