import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { doctor } from '../../src/cli/commands/doctor.ts';
import { createOutput } from '../../src/cli/output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('firedrill doctor says what is broken and how to mend it, even where nothing at all is there', async () => {
  const file = join(folder, 'environment.yaml');
  const environment = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: {
      platform: 'host',
      prometheus: { url: 'http://127.0.0.1:1' },
      alertmanagers: [{ url: 'http://127.0.0.1:1' }],
      temporal: { address: '127.0.0.1:1' },
      // Below a file: no right in the world makes this a directory.
      state: './environment.yaml/state',
      archive: './environment.yaml/runs',
      services: {},
    },
  };
  writeFileSync(file, JSON.stringify(environment));
  let said = '';
  const output = createOutput(true, (text) => (said += text));

  expect(await doctor.run({ environment: file, json: true, debug: false }, output)).toBe(4);

  const findings = JSON.parse(said) as { what: string; ok: boolean; text: string }[];
  expect(findings.filter(({ ok }) => ok)).toEqual([]);
  for (const { text } of findings) expect(text).toMatch(/\. (Start|Check|Free|Add|Mend) /);
  expect(findings[0]?.text).toContain('no Temporal server answers at 127.0.0.1:1. Start one with `temporal server start-dev`');
});
