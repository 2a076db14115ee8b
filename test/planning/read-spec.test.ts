import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { specFiles } from '../../src/adapters/host/spec-files.ts';
import { asideText, readSpec } from '../../src/planning/read-spec.ts';
import { validateFiles } from '../../src/planning/workspace.ts';
import { workspaceRootOf } from '../../src/planning/workspace-root.ts';
import { experiment, faults, filesOf, hypothesis } from '../spec/workspace-fixture.ts';

const wanted = { kind: 'Experiment', what: 'an experiment' } as const;
const slo = 'apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: pays }\n';

const read = (texts: Readonly<Record<string, string>>) =>
  readSpec('experiments/slow.yaml', wanted, { files: filesOf(texts), faults });

describe('an experiment is read', () => {
  test('whatever is wrong in files that it does not need, and these are named', async () => {
    const { spec, aside } = await read({
      'experiments/slow.yaml': experiment,
      'hypotheses/survive.yaml': hypothesis,
      'experiments/other.yaml': 'kind: Experimant',
      'hypotheses/other.yaml': '{ not yaml',
    });
    expect(spec.name).toBe('slow');
    expect(asideText(aside)).toBe(
      'problems in experiments/other.yaml, hypotheses/other.yaml, which are not needed here: `firedrill validate` tells them',
    );
  });

  test('without a word when nothing is wrong', async () => {
    const { aside } = await read({ 'experiments/slow.yaml': experiment, 'hypotheses/survive.yaml': hypothesis });
    expect(asideText(aside)).toBeNull();
  });
});

describe('an experiment is refused for what is wrong', () => {
  test('in itself', async () => {
    const texts = { 'experiments/slow.yaml': experiment.replace('40s', '40'), 'hypotheses/survive.yaml': hypothesis };
    await expect(read(texts)).rejects.toMatchObject({
      code: 'spec/invalid',
      message: expect.stringMatching(/^experiments\/slow.yaml:6:9/),
    });
  });

  test('in its hypothesis', async () => {
    const texts = { 'experiments/slow.yaml': experiment, 'hypotheses/survive.yaml': hypothesis.replace('== 0', '= 0') };
    await expect(read(texts)).rejects.toMatchObject({
      code: 'spec/invalid',
      message: expect.stringMatching(/^hypotheses\/survive.yaml:10/),
    });
  });

  test('in the SLO of its hypothesis', async () => {
    const texts = {
      'experiments/slow.yaml': experiment,
      'hypotheses/survive.yaml': hypothesis.replace('checks:', 'slo: pays\n  checks:'),
      'slos/pays.yaml': slo,
    };
    await expect(read(texts)).rejects.toMatchObject({
      code: 'spec/invalid',
      message: expect.stringMatching(/^slos\/pays.yaml:1:1: spec: is missing/),
    });
  });

  test('in a second hypothesis of the same name: it could be the one that is meant', async () => {
    const texts = { 'experiments/slow.yaml': experiment, 'hypotheses/a.yaml': hypothesis, 'hypotheses/b.yaml': hypothesis };
    await expect(read(texts)).rejects.toMatchObject({ message: expect.stringContaining('is also in hypotheses/a.yaml') });
  });
});

test('a file of another kind is no experiment', async () => {
  const files = filesOf({ 'hypotheses/survive.yaml': hypothesis });
  await expect(readSpec('hypotheses/survive.yaml', wanted, { files, faults })).rejects.toMatchObject({
    code: 'spec/not-found',
    message:
      'hypotheses/survive.yaml is not an experiment. Give a file of kind Experiment; `firedrill validate` lists what is here',
  });
});

describe('the workspace of a file', () => {
  let folder: string;
  const put = (path: string, text: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-root-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is the nearest directory above it that holds experiments', async () => {
    const outer = put('experiments/outer.yaml', experiment);
    const inner = put('team/experiments/deep/slow.yaml', experiment);
    expect(await workspaceRootOf(inner, specFiles)).toBe(relative('', join(folder, 'team')));
    expect(await workspaceRootOf(outer, specFiles)).toBe(relative('', folder));
  });

  test('may be shown by its environments', async () => {
    put('environments/local.yaml', 'kind: Environment');
    expect(await workspaceRootOf(put('drafts/slow.yaml', experiment), specFiles)).toBe(relative('', folder));
  });

  test('is the current directory when nothing shows another', async () => {
    expect(await workspaceRootOf(put('slow.yaml', experiment), specFiles)).toBe('.');
  });

  test('is where its hypotheses are found, from wherever the command is called', async () => {
    const file = put('experiments/slow.yaml', experiment);
    put('hypotheses/survive.yaml', hypothesis);
    expect((await readSpec(file, wanted, { files: specFiles, faults })).spec.name).toBe('slow');
    expect((await validateFiles([file], { files: specFiles, faults })).problems).toEqual([]);
  });
});
