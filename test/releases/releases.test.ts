import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createInjectionStore } from '../../src/adapters/host/injection-store.ts';
import { createJournal } from '../../src/adapters/host/journal.ts';
import { specFiles } from '../../src/adapters/host/spec-files.ts';
import type { ListedGameDay, ListedRun } from '../../src/app/list-archive.ts';
import { list } from '../../src/cli/commands/list.ts';
import { report } from '../../src/cli/commands/report.ts';
import { createOutput } from '../../src/cli/output.ts';
import { faults } from '../../src/faults/index.ts';
import { faultRegistry } from '../../src/planning/fault-registry.ts';
import { fixFiles } from '../../src/planning/fix-files.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { SpecFiles } from '../../src/ports/spec-files.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { version } from '../../src/version.ts';

const releases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test('the version of today is among the releases that are kept', () => {
  expect(releases).toContain(version);
});

describe.each(releases)('what %s wrote', (release) => {
  let folder: string;
  let environment: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    cpSync(join(import.meta.dirname, release), folder, { recursive: true });
    environment = join(folder, 'environment.yaml');
    writeFileSync(environment, JSON.stringify(environmentOf(join(folder, 'runs'))));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('its files are valid today, or are after validate --fix', async () => {
    const deps = { files: below(join(folder, 'files')), faults: faultRegistry(faults) };
    const { files, problems } = await fixFiles(['environments'], deps);
    expect(files).toEqual(['environments/demo.yaml']);
    expect(problems.map(formatProblem)).toEqual([]);
    const all = await fixFiles([], deps);
    expect(all.files.length).toBeGreaterThanOrEqual(10);
    expect(all.problems.map(formatProblem)).toEqual([]);
    expect(await loadEnvironment(join(folder, 'files/environments/demo.yaml'), specFiles)).toMatchObject({ name: 'demo' });
  });

  test('its runs and game days are listed, and each has its report in every form', async () => {
    const entries = (await printed((output) => list.run({ environment, json: true, debug: false }, output), true)) as (
      ListedRun | ListedGameDay
    )[];
    const runs = entries.flatMap((entry) => (entry.kind === 'run' ? [entry] : entry.scenarios.flatMap(({ run }) => run ?? [])));
    const days = entries.filter((entry) => entry.kind === 'game-day');
    expect({ runs: runs.length > 0, days: days.length > 0 }).toEqual({ runs: true, days: true });
    for (const { id, problem, outcome } of [...runs, ...days]) {
      expect({ id, problem, hasOutcome: outcome !== null }).toEqual({ id, problem: null, hasOutcome: true });
      for (const format of ['summary', 'markdown', 'html'] as const) {
        const text = await printed((output) => report.run({ environment, json: false, debug: false, run: id, format }, output));
        expect(text).toContain(id);
        expect(text).toMatch(/\b(clean|dirty)\b/);
        expect(text).not.toMatch(/undefined|\[object|NaN/);
      }
    }
  });

  test('an agent reads the records of its injections', async () => {
    const store = createInjectionStore(join(folder, 'state'));
    const journal = createJournal(join(folder, 'state'));
    const specs = await store.readSpecs();
    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs) {
      if (isCorrupt(spec)) throw new Error(spec.problem);
      const records = [await store.readStatus(spec.id), await store.readPermit(spec.runId), await journal.read(spec.id)];
      expect(records.map((record) => record !== null && !isCorrupt(record))).toEqual([true, true, true]);
    }
  });
});

/** What a command answers; parsed when it is JSON. */
async function printed(run: (output: ReturnType<typeof createOutput>) => Promise<number>, json = false): Promise<unknown> {
  let text = '';
  expect(await run(createOutput(json, (part) => (text += part)))).toBe(0);
  return json ? JSON.parse(text) : text;
}

function below(root: string): SpecFiles {
  return {
    list: async (path) => (await specFiles.list(join(root, path))).map((file) => file.slice(root.length + 1)),
    read: (path) => specFiles.read(join(root, path)),
    write: (path, text) => specFiles.write(join(root, path), text),
  };
}

function environmentOf(archive: string) {
  return {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: 'demo' },
    spec: {
      platform: 'host',
      prometheus: { url: 'http://127.0.0.1:9' },
      temporal: { address: '127.0.0.1:9', namespace: 'default' },
      state: './state',
      archive,
      services: {},
    },
  };
}
