import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../src/adapters/host/policy-file.ts';
import { errorCodes } from '../../src/domain/errors.ts';
import { exitCodeOf } from '../../src/domain/measure/exit-code.ts';
import type { Outcome } from '../../src/domain/run-record.ts';
import { parseSpec } from '../../src/spec/parse-spec.ts';

const root = join(import.meta.dirname, '../..');
const pages = [...globSync('*.md', { cwd: root }), ...globSync('docs/**/*.md', { cwd: root })].sort();
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The fenced blocks of a page in one of these languages. */
function blocks(page: string, languages: readonly string[]): string[] {
  return [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, language = '', text = '']) =>
    languages.includes(language) ? [text] : [],
  );
}

const everyBlock = (languages: readonly string[]): { page: string; text: string }[] =>
  pages.flatMap((page) => blocks(page, languages).map((text) => ({ page, text })));

describe('commands in the documents', () => {
  interface Help {
    readonly usage: string;
    readonly options: readonly string[];
  }
  const helps = new Map<string, Help>();
  let globals: readonly string[] = [];

  const helpOf = async (...verb: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['bin/firedrill.js', ...verb, '--help'], {
      cwd: root,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout;
  };
  const optionsOf = (help: string): string[] =>
    [...help.matchAll(/^ +(?:-(\w), )?--([\w-]+)/gm)].flatMap(([, short, long = '']) =>
      short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`],
    );

  beforeAll(async () => {
    const help = await helpOf();
    globals = optionsOf(help);
    const verbs = [...help.matchAll(/^ {2}firedrill ([\w-]+)/gm)].map(([, verb = '']) => verb);
    for (const verb of verbs) {
      const text = await helpOf(verb);
      helps.set(verb, { usage: text.split('\n', 1)[0] ?? '', options: optionsOf(text) });
    }
  }, 120_000);

  test('name commands and options that exist, with the arguments they need', () => {
    const lines = everyBlock(['sh', 'console'])
      .flatMap(({ text }) => text.split('\n'))
      .map((line) => line.replace(/^\$ /, ''))
      .filter((line) => /^(npx )?firedrill /.test(line));
    expect(lines).not.toEqual([]);
    for (const line of lines) expect({ line, problem: problemOf(line) }).toEqual({ line, problem: null });
  });

  test('are all on the page of the command line, each with its own options', () => {
    const sections = read('docs/reference/cli.md').split(/^## /m).slice(1);
    const documented = sections.map((section) => ({
      usage: /^`(firedrill .*?)`/m.exec(section)?.[1],
      options: [...section.matchAll(/^\| `(--[\w-]+)`/gm)].map(([, option]) => option),
    }));
    const real = [...helps]
      .filter(([verb]) => verb !== 'completion')
      .map(([, { usage, options }]) => ({ usage, options: options.filter((option) => !globals.includes(option)) }));
    expect(documented).toEqual(real);
  });

  function problemOf(line: string): string | null {
    const words = (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).slice(line.startsWith('npx ') ? 2 : 1);
    const end = words.findIndex((word) => /^[#&|>]/.test(word));
    const [verb = '', ...args] = end === -1 ? words : words.slice(0, end);
    const help = helps.get(verb);
    if (help === undefined) return globals.includes(verb) ? null : `there is no command ${verb}`;
    const unknown = args.find((word) => word.startsWith('-') && !help.options.includes(word.split('=', 1)[0] ?? ''));
    if (unknown !== undefined) return `${verb} has no option ${unknown}`;
    const required = [...help.usage.matchAll(/<\w+>/g)].length;
    return args.filter((word) => !word.startsWith('-')).length < required ? `${verb} needs more arguments` : null;
  }
});

describe('links in the documents', () => {
  test.each(pages)('%s leads to files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(root, page) : join(root, dirname(page), path);
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  function anchorsOf(text: string): string[] {
    return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
  }
});

describe('exit codes in the documents', () => {
  const codesIn = (text: string): number[] => [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  const outcomes: Outcome[] = (['held', 'broken', 'inconclusive'] as const).flatMap((hypothesis) =>
    (['completed', 'aborted', 'not-started', 'failed'] as const).flatMap((ending) =>
      (['clean', 'dirty'] as const).map((cleanup) => ({
        hypothesis,
        ending,
        cleanup,
        reason: '',
        abortedBy: null,
        mitigatedBy: null,
      })),
    ),
  );
  const ofRuns = [...new Set(outcomes.map((outcome) => exitCodeOf({ outcome })))];
  const ofErrors = Object.values(errorCodes).map(({ exit }) => exit);
  const ascending = (codes: Iterable<number>): number[] => [...codes].sort((a, b) => a - b);

  test('are all in the README, and no other', () => {
    expect(codesIn(read('README.md'))).toEqual(ascending(new Set([...ofRuns, ...ofErrors])));
  });

  test('are those of runs and of errors on their own page', () => {
    const page = read('docs/reference/exit-codes.md');
    expect(ascending(codesIn(page))).toEqual(ascending(ofRuns));
    const errors = [...page.matchAll(/^\| `([\w/-]+)` +\| (\d+) +\|/gm)].map(([, code = '', exit]) => [code, Number(exit)]);
    expect(Object.fromEntries(errors)).toEqual(
      Object.fromEntries(Object.entries(errorCodes).map(([code, { exit }]) => [code, exit])),
    );
  });
});

describe('files shown in the documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are read as they stand', () => {
    const specs = everyBlock(['yaml']).filter(({ text }) => text.startsWith('apiVersion:'));
    expect(specs.map(({ page }) => page)).toContain('docs/reference/files.md');
    for (const { page, text } of specs) expect(parseSpec(page, text).problems).toEqual([]);
  });

  test('are policies that an agent takes', async () => {
    const policies = everyBlock(['json']).filter(({ text }) => text.includes('"allowFaults"'));
    expect(policies.map(({ page }) => page)).toContain('docs/reference/files.md');
    for (const { text } of policies) {
      const file = join(folder, 'policy.json');
      writeFileSync(file, text);
      expect(await readPolicy(file)).toEqual(JSON.parse(text));
    }
  });
});

test('every row of what dies and what reverts names a test that is there', () => {
  const page = read('docs/architecture.md');
  const section = page.slice(page.indexOf('## What dies, and what reverts'), page.indexOf('## Measurement'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (what happens|-)/.test(line));
  expect(rows).not.toEqual([]);
  for (const row of rows) {
    const [, file = 'no test', title = 'no title'] = /`(test\/[^`]+)`: (.*?) *\|$/.exec(row) ?? [];
    expect(read(file)).toContain(`'${title}'`);
  }
});

test.each(pages)('%s names no path of one machine and no registry', (page) => {
  const found = read(page).match(/(?<![\w.])\/(?:work|root|home|Users)\/\S*|\bregistry\.\S+|\bnode_modules\/\.\S+/g);
  expect(found).toBeNull();
});
