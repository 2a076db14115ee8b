import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { faultByName, faults } from '../../src/faults/index.ts';

interface Experiment {
  readonly spec: { readonly faults: readonly { readonly fault: string; readonly params?: unknown }[] };
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const namesIn = (pattern: string, suffix: string): string[] =>
  globSync(pattern, { cwd: root })
    .map((path) => basename(path, suffix))
    .sort();
const registered = faults.map((fault) => fault.name);
/** What the members have in common, and no member. */
const contract = ['fault', 'cluster-tools', 'node-tools', 'index'];
const on = (platform: 'host' | 'cluster'): string[] =>
  faults.filter(({ agents }) => agents.some((agent) => (agent === 'host') === (platform === 'host'))).map(({ name }) => name);

describe('the family of faults', () => {
  test('every file of the folder is a registered fault of that name, and every fault has its file', () => {
    const files = namesIn('src/faults/*.ts', '.ts').filter((name) => !contract.includes(name));
    expect(files).toEqual([...registered].sort());
  });

  test('every fault has a page, and every page its fault', () => {
    expect(namesIn('docs/faults/*.md', '.md')).toEqual([...registered].sort());
  });

  test.each(registered)('the page of %s begins with its name and its summary', (name) => {
    const page = readFileSync(`${root}/docs/faults/${name}.md`, 'utf8');
    expect(page.startsWith(`# ${name}\n\n${faultByName(name)?.summary}.\n`)).toBe(true);
  });

  test.each(on('host'))('on a host, the contract is held against %s', (name) => {
    expect(readFileSync(`${root}/test/faults/${name}.test.ts`, 'utf8')).toContain(`faultContract('${name}'`);
  });

  test('in a cluster, the contract is held against every fault that goes there', () => {
    const missing = on('cluster').filter((name) => {
      const file = `${root}/test/kubernetes/faults/${name}.k8s.test.ts`;
      return !existsSync(file) || !readFileSync(file, 'utf8').includes(`faultContract('${name}'`);
    });
    expect(missing).toEqual([]);
  });

  test.each(registered)('%s has an example whose parameters it takes', (name) => {
    const uses = globSync('experiments/*.yaml', { cwd: root })
      .map((path) => parse(readFileSync(`${root}/${path}`, 'utf8')) as Experiment)
      .flatMap((experiment) => experiment.spec.faults.filter((step) => step.fault === name));
    expect(uses).not.toEqual([]);
    for (const { params = {} } of uses) expect(faultByName(name)?.params.safeParse(params).error).toBeUndefined();
  });

  test('an unknown name is no fault', () => {
    expect(faultByName('network-latencies')).toBeUndefined();
  });
});
