import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFileArchive } from '../../src/adapters/archive/file-archive.ts';
import { createGameDayArchive } from '../../src/adapters/archive/file-game-days.ts';
import { list } from '../../src/cli/commands/list.ts';
import { report } from '../../src/cli/commands/report.ts';
import { status } from '../../src/cli/commands/status.ts';
import { createOutput } from '../../src/cli/output.ts';
import type { Output } from '../../src/cli/output.ts';
import { buildGameDayRecord } from '../../src/domain/game-day/build-record.ts';
import type { RunRecord } from '../../src/domain/run-record.ts';
import { dayPlan, factsOf, result } from '../domain/game-day/fixture.ts';
import { brokenRecord, heldRecord } from '../report/fixtures/record.ts';

let folder: string;
let environment: string;
const globals = () => ({ environment, json: false, debug: false });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  environment = join(folder, 'environment.yaml');
  const spec = {
    platform: 'host',
    prometheus: { url: 'http://127.0.0.1:9' },
    temporal: { address: '127.0.0.1:9' },
    state: './state',
    archive: './runs',
    services: {},
  };
  const metadata = { name: heldRecord().run.environment };
  writeFileSync(environment, JSON.stringify({ apiVersion: 'firedrill.dev/v1', kind: 'Environment', metadata, spec }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function named(record: RunRecord, id: string, startedAt: string): RunRecord {
  return { ...record, run: { ...record.run, id, startedAt } };
}

const keepRun = (record: RunRecord) => createFileArchive(join(folder, 'runs')).writeRecord(record, {});

/** A day of one run, which ended, and of a hand-over that nobody came to. */
async function keepDay(run: RunRecord): Promise<void> {
  await keepRun(run);
  const gameDays = createGameDayArchive(join(folder, 'runs'));
  const facts = factsOf([result('slow', { state: 'ran', reason: 'it ended', runId: run.run.id }), result('hand-over')]);
  await gameDays.begin(facts.dayId, dayPlan);
  await gameDays.write(buildGameDayRecord(facts, [], new Map([[run.run.id, run]])), {});
}

async function printed(run: (output: Output) => Promise<number>): Promise<string> {
  let text = '';
  expect(await run(createOutput(false, (part) => (text += part)))).toBe(0);
  return text;
}

test('a game day is listed with its scenarios, and its runs are not listed again beside it', async () => {
  await keepDay(named(brokenRecord(), 'rehearsal-1-1-slow', '2026-11-21T10:41:05.000Z'));
  await keepRun(named(heldRecord(), 'alone-1', '2026-11-20T10:00:00.000Z'));
  expect((await printed((output) => list.run(globals(), output))).trimEnd().split('\n')).toEqual([
    '2026-11-21T10:41:00  rehearsal-1  game day: completed, clean, not closed',
    '                     1 slow  rehearsal-1-1-slow  broken, completed, clean',
    '                     2 hand-over  skipped',
    '2026-11-20T10:00:00  alone-1  held, completed, clean',
  ]);
});

test('the report of a game day is its retrospective, and the newest is taken when none is named', async () => {
  await keepDay(named(brokenRecord(), 'rehearsal-1-1-slow', '2026-11-21T10:41:05.000Z'));
  const summary = await printed((output) => report.run({ ...globals(), format: 'summary' }, output));
  expect(summary).toContain('A rehearsal');
  expect(summary).toContain('1 slow: hypothesis broken · completed · clean');
  expect(summary).toContain('2 hand-over: skipped, no time');
  expect(summary).toMatch(/A1 +nobody yet, due 2026-12-05: /);
  const markdown = await printed((output) => report.run({ ...globals(), run: 'rehearsal-1', format: 'markdown' }, output));
  expect(markdown).toContain('Questions for the retrospective');
});

test('status tells the next step of the last run, in the words of its report', async () => {
  const broken = named(brokenRecord(), 'alone-2', '2026-11-21T10:00:00.000Z');
  await keepRun(named(heldRecord(), 'alone-1', '2026-11-20T10:00:00.000Z'));
  await keepRun(broken);
  const text = await printed((output) => status.run(globals(), output));
  expect(broken.nextStep).not.toBe('');
  expect(text).toContain(`next, after alone-2: ${broken.nextStep}`);
  expect(await printed((output) => report.run({ ...globals(), format: 'summary' }, output))).toContain(broken.nextStep);
});

test('status tells to close the game day that came last, while its actions lack owners', async () => {
  await keepDay(named(brokenRecord(), 'rehearsal-1-1-slow', '2026-11-21T10:41:05.000Z'));
  expect(await printed((output) => status.run(globals(), output))).toMatch(
    /next, after rehearsal-1: Give .* then close it: `firedrill game-day close rehearsal-1 --actions FILE`/,
  );
});

test('a record of a newer Firedrill is refused as such, and hides no other', async () => {
  await keepRun(named(heldRecord(), 'alone-1', '2026-11-20T10:00:00.000Z'));
  mkdirSync(join(folder, 'runs/later-1'));
  writeFileSync(join(folder, 'runs/later-1/run.json'), JSON.stringify({ schemaVersion: 2, run: 'in another form' }));
  await expect(
    report.run(
      { ...globals(), run: 'later-1', format: 'summary' },
      createOutput(false, () => {}),
    ),
  ).rejects.toMatchObject({
    code: 'record/newer',
    message: expect.stringContaining('was written by a newer Firedrill, schemaVersion 2; this one reads 1. Update firedrill'),
  });
  const listed = await printed((output) => list.run(globals(), output));
  expect(listed).toContain('alone-1  held, completed, clean');
  expect(listed).toContain('newer Firedrill');
});

test('a damaged record is told in the list, and hides no other', async () => {
  await keepRun(named(heldRecord(), 'alone-1', '2026-11-20T10:00:00.000Z'));
  mkdirSync(join(folder, 'runs/torn-1'));
  writeFileSync(join(folder, 'runs/torn-1/run.json'), '{"schemaVersion": 1, "ru');
  const listed = await printed((output) => list.run(globals(), output));
  expect(listed).toContain('alone-1  held, completed, clean');
  expect(listed).toMatch(/torn-1 .* is not JSON/);
});
