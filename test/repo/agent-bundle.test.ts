import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

describe("what the agents' image holds of us", () => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-bundle-'));
  const program = (path: string): string => join(folder, 'src', path);
  beforeAll(() => promisify(execFile)(process.execPath, ['tools/build-agent.ts', folder]));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['cluster-agent', 'node-agent', 'runner'])('%s starts from the bundle alone, and says how it is used', (name) => {
    const { status, stderr } = spawnSync(process.execPath, [program(`compose/${name}.js`)], { cwd: '/', encoding: 'utf8' });
    expect(stderr).toMatch(new RegExp(`^usage: ${name} `));
    expect(status).toBe(2);
  });

  const helpers = readdirSync('src/agent', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join('src/agent', entry.name, 'main.ts')))
    .map(({ name }) => name);
  test.each(helpers)('the helper %s is there, and loads all it needs', (name) => {
    const { status, stderr } = spawnSync(process.execPath, [program(`agent/${name}/main.js`)], { input: '', encoding: 'utf8' });
    // One is started with arguments, and says so; the others end with their pipe.
    expect([status, stderr]).toEqual(stderr.includes('Usage: ') ? [2, stderr] : [0, '']);
  });

  test('a helper answers its agent, and ends with its pipe', () => {
    const input = `${JSON.stringify({ id: 1, config: { group: process.getegid?.() } })}\n`;
    const { status, stdout } = spawnSync(process.execPath, [program('agent/link-prober/main.js')], { input, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '{"id":1,"ready":true}\n']);
  });

  const programs = (): string[] =>
    readdirSync(program('.'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));

  test("none brings Node's WebSocket with its HTTP, for which a fault would wait", () => {
    const bringing = programs().filter((name) => /(from|import) ?\(? ?"(node:)?http"/.test(readFileSync(program(name), 'utf8')));
    expect(bringing).toEqual([]);
  });

  test('an agent looks for its helpers, and for the version, where they are', () => {
    const beside = readdirSync(program('.')).filter((name) => name.endsWith('.js'));
    const texts = beside.map((name) => readFileSync(program(name), 'utf8'));
    expect(texts.some((text) => text.includes('moduleFile(`./agent/${name}/main`, import.meta.url)'))).toBe(true);
    expect(texts.some((text) => text.includes('new URL("../package.json", import.meta.url)'))).toBe(true);
  });
});
