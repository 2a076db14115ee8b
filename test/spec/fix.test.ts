import { describe, expect, test } from '@jest/globals';
import { isMap } from 'yaml';
import { fixFiles } from '../../src/planning/fix-files.ts';
import { validateFiles } from '../../src/planning/workspace.ts';
import { onlySlip } from '../../src/spec/did-you-mean.ts';
import type { Migration } from '../../src/spec/migrations/migration.ts';
import { parseSpec } from '../../src/spec/parse-spec.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { experiment, faults, filesOf, hypothesis } from './workspace-fixture.ts';

const file = 'experiments/slow.yaml';

/** Fixes an experiment twice: what it is then, the changes of the first time as `line: text`, and what is left. */
async function fixed(text: string, migrations: readonly Migration[] = []) {
  const texts: Record<string, string> = { [file]: text, 'hypotheses/survive.yaml': hypothesis };
  const deps = { files: filesOf(texts), faults };
  const first = await fixFiles([], deps, migrations);
  const after = texts[file];
  const second = await fixFiles([], deps, migrations);
  expect(second.changes).toEqual([]);
  expect(texts[file]).toBe(after);
  expect(second.problems).toEqual(first.problems);
  return {
    text: after,
    changes: first.changes.map(({ line, column, text }) => `${line}:${column} ${text}`),
    problems: first.problems.map(formatProblem),
  };
}

function changed(from: string, to: string): string {
  expect(experiment).toContain(from);
  return experiment.replace(from, to);
}

describe('what can only have been meant one way is written so, and a second time changes nothing', () => {
  test('a key and a value of a closed list, with everything around them as it was', async () => {
    const messy = `# why we do this\n${experiment}`
      .replace('kind: Experiment', `kind: "Experimnt"   # a kind`)
      .replace('hold: 40s', `'hodl':   40s # as long as the alert needs`)
      .replace('fault: network-latency', 'fault: network-latncy')
      .replace('params: { delay', 'params: { dely');
    const right = messy
      .replace('Experimnt', 'Experiment')
      .replace('hodl', 'hold')
      .replace('latncy', 'latency')
      .replace('dely', 'delay');
    expect(await fixed(messy)).toEqual({
      text: right,
      changes: [
        '3:7 "Experimnt" is now "Experiment"',
        '7:3 "hodl" is now "hold"',
        '9:14 "network-latncy" is now "network-latency"',
        '11:17 "dely" is now "delay"',
      ],
      problems: [],
    });
  });
});

describe('what is not sure is left as it is, and told', () => {
  async function isLeft(text: string): Promise<readonly string[]> {
    const result = await fixed(text);
    expect(result).toMatchObject({ text, changes: [] });
    return result.problems;
  }

  test('a key whose right form is there already', async () => {
    expect(await isLeft(changed('delay: 800ms', 'delay: 800ms, dely: 1s'))).toHaveLength(1);
  });

  test('a key whose value would not fit the one that seems meant', async () => {
    expect(await isLeft(changed('hold: 40s', 'hold: 40s\n  graze: [1]'))).toHaveLength(1);
  });

  test('a key that would then contradict another', async () => {
    expect(await isLeft(changed('to: fraud-detector }', 'to: fraud-detector, percent: 50%, coutn: 2 }'))).toHaveLength(1);
  });

  test('a word that two known ones are near to', () => {
    expect(onlySlip('bat', ['bad', 'bar'])).toBeNull();
    expect(onlySlip('bat', ['bad', 'query'])).toBe('bad');
  });

  test('the name of another file: a file of that name may be missing', async () => {
    expect(await isLeft(changed('[payments-survive]', '[payments-survives]'))).toHaveLength(1);
  });

  test('a number without its unit, and YAML that does not parse', async () => {
    expect(await isLeft(changed('40s', '40'))).toHaveLength(1);
    expect(await isLeft(changed('{ name: slow }', '{ name: slow, name: slow }'))).toHaveLength(1);
  });
});

/** Formats that only this test has: the product's first version is its only one so far. */
const migrations: readonly Migration[] = [
  {
    kind: 'Experiment',
    from: 'firedrill.dev/v1alpha1',
    to: 'firedrill.dev/v1beta1',
    summary: 'spec.duration is called spec.hold',
    rewrite(document) {
      const spec = document.get('spec');
      const pair = isMap(spec) ? spec.items.find(({ key }) => String(key) === 'duration') : undefined;
      if (pair !== undefined) pair.key = document.createNode('hold');
    },
  },
  {
    kind: 'Experiment',
    from: 'firedrill.dev/v1beta1',
    to: 'firedrill.dev/v1',
    summary: 'hypotheses are a list',
    rewrite(document) {
      const name = document.getIn(['spec', 'hypothesis']);
      document.deleteIn(['spec', 'hypothesis']);
      document.setIn(['spec', 'hypotheses'], document.createNode([name], { flow: true }));
    },
  },
];

describe('a file of an older version', () => {
  const old = `# why we do this\n${experiment}`
    .replace('firedrill.dev/v1', 'firedrill.dev/v1alpha1')
    .replace('  hypotheses: [payments-survive]', '  hypothesis: payments-survive')
    .replace('hold: 40s', 'duration: 40s # as long as the alert needs');

  test('is brought to today’s step by step, with its comments', async () => {
    const { text, changes, problems } = await fixed(old, migrations);
    expect(changes).toEqual([
      '2:1 from firedrill.dev/v1alpha1 to firedrill.dev/v1beta1: spec.duration is called spec.hold',
      '2:1 from firedrill.dev/v1beta1 to firedrill.dev/v1: hypotheses are a list',
    ]);
    expect(problems).toEqual([]);
    expect(text).toContain('# why we do this\napiVersion: firedrill.dev/v1\n');
    expect(text).toContain('  hold: 40s # as long as the alert needs\n');
  });

  test('is refused with the way to mend it, and not held against today’s format', () => {
    expect(parseSpec(file, old, migrations).problems.map(formatProblem)).toEqual([
      'experiments/slow.yaml:2:13: apiVersion: "firedrill.dev/v1alpha1" is an older version. `firedrill validate --fix` rewrites the file to the one of today',
    ]);
  });

  test('of a kind that did not change is left alone', async () => {
    const { changes } = await fixed(experiment, migrations);
    expect(changes).toEqual([]);
  });
});

test('a file for a newer Firedrill is not read as if it were one of ours', async () => {
  const files = filesOf({
    [file]: changed('firedrill.dev/v1', 'firedrill.dev/v2').replace('hold: 40s', 'unheardOf: 1'),
    'hypotheses/survive.yaml': hypothesis,
  });
  const { problems } = await validateFiles([], { files, faults });
  expect(problems.map(formatProblem)).toEqual([
    'experiments/slow.yaml:1:13: apiVersion: was written for a newer Firedrill, in "firedrill.dev/v2"; this one reads firedrill.dev/v1. Update firedrill',
  ]);
});
