import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** One forbidden import per layer, as somebody in a hurry would write it. */
const leaks: readonly { layer: string; file: string; source: string }[] = [
  { layer: 'domain', file: 'src/domain/planted-leak.ts', source: "export * from 'zod';" },
  { layer: 'workflows', file: 'workflows/planted-leak.ts', source: "export * from '../src/faults/index.ts';" },
  { layer: 'ports', file: 'src/ports/planted-leak.ts', source: "export * from '../adapters/host/tools.ts';" },
  { layer: 'faults', file: 'src/faults/planted-leak.ts', source: "export * from '../adapters/host/tools.ts';" },
  { layer: 'probes', file: 'src/probes/planted-leak.ts', source: "export * from 'axios';" },
  { layer: 'guards', file: 'src/guards/planted-leak.ts', source: "export * from '../app/follow-run.ts';" },
  { layer: 'spec', file: 'src/spec/planted-leak.ts', source: "export * from '../faults/index.ts';" },
  { layer: 'planning', file: 'src/planning/planted-leak.ts', source: "export * from '../app/follow-run.ts';" },
  { layer: 'report', file: 'src/report/planted-leak.ts', source: "export * from '../ports/clock.ts';" },
  { layer: 'activities', file: 'src/activities/planted-leak.ts', source: "export * from '../adapters/host/tools.ts';" },
  { layer: 'agent', file: 'src/agent/planted-leak.ts', source: "export * from '@temporalio/client';" },
  { layer: 'adapters', file: 'src/adapters/planted-leak.ts', source: "export * from '../guards/index.ts';" },
  { layer: 'app', file: 'src/app/planted-leak.ts', source: "export * from '../adapters/host/tools.ts';" },
  { layer: 'cli', file: 'src/cli/planted-leak.ts', source: "export * from '../adapters/host/tools.ts';" },
];

describe('the layer rules', () => {
  test.each(leaks)('catch a leak in $layer', async ({ file, source }) => {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${source}\n`);
    try {
      const outcome = await run(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=unix', path], {
        cwd: root,
      }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );

      expect(outcome).toContain('no-restricted-imports');
    } finally {
      await rm(path);
    }
  });
});
