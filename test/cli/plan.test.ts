import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
const program = join(import.meta.dirname, '../../bin/firedrill.js');

const environment = `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: local }
spec:
  platform: host
  prometheus: { url: 'http://127.0.0.1:1' }
  temporal: { address: '127.0.0.1:1' }
  state: ./state
  archive: ./runs
  services:
    shop: { processes: [{ name: shop-1, pidFile: ./shop-1.pid }, { name: shop-2, pidFile: ./shop-2.pid }] }
`;
const probe = "http: { url: 'http://127.0.0.1:1/' }, must: '== 0'";
const experiment = `apiVersion: firedrill.dev/v1
kind: Experiment
metadata: { name: shop-kill }
spec:
  hypotheses: [shop-survives]
  hold: 30s
  faults: [{ fault: process-kill, target: { service: shop } }]
  abort: [{ probe: { name: page, ${probe} } }]
`;
const hypothesis = `apiVersion: firedrill.dev/v1
kind: Hypothesis
metadata: { name: shop-survives }
spec:
  statement: The shop stays open
  checks: [{ name: page, kind: hold, ${probe} }]
`;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-plan-'));
  put('environments/local.yaml', environment);
  for (const n of [1, 2]) put(`environments/shop-${n}.pid`, String(process.pid));
  put('experiments/kill.yaml', experiment);
  put('hypotheses/survives.yaml', hypothesis);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('firedrill plan works from another directory, and warns of what it does not need', async () => {
  put('hypotheses/other.yaml', 'kind: Hypothesis');
  const argv = ['plan', join(folder, 'experiments/kill.yaml'), '--environment', join(folder, 'environments/local.yaml')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...argv], { cwd: tmpdir() });
  expect(stdout).toContain('1 of 2 shop');
  expect(stderr).toMatch(/^firedrill: warning: problems in .*hypotheses\/other.yaml, which is not needed here/);
});
