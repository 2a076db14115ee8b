import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from './command-line.ts';
import type { Running } from './command-line.ts';
import { startLightStack } from './light-stack.ts';
import type { LightStack } from './light-stack.ts';

const limitMs = 150_000;
let stack: LightStack;

beforeAll(async () => {
  stack = await startLightStack();
}, 120_000);

afterAll(() => stack?.stop(), limitMs);

const confirm = async (run: Running, word: string, by: string): Promise<void> => {
  const runId = /^run (\S+)$/m.exec(run.text())?.[1] ?? '';
  const { code, stderr } = await stack.run('confirm', runId, word, '--as', by);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
};
const statusText = async (): Promise<string> => (await stack.run('status')).stdout;

describe('a fault by hand', () => {
  test(
    'is asked for, held, asked back, and reported as the word of those who did it',
    async () => {
      const run = stack.startRun({ byHand: true, hold: '3s' });
      await run.shows('asks a person: within 60 s do "Make the file"');
      expect(await statusText()).toContain('asks a person: within 60 s do "Make the file"');
      stack.setBroken(true);
      await confirm(run, 'injected', 'ann');
      await run.shows('holding for 3 s');
      await run.shows('asks a person: now do "Take the file away"');
      stack.setBroken(false);
      await confirm(run, 'reverted', 'bob');
      const ended = await run.ended();

      expect(ended.code).toBe(0);
      const { outcome, clocks, dataQuality } = stack.recordOf(ended.stdout);
      expect(outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
      expect([clocks.t0?.source, clocks.reverted?.source]).toEqual(['person ann', 'person bob']);
      expect(Date.parse(clocks.t0?.hi ?? '') - Date.parse(clocks.t0?.lo ?? '')).toBeGreaterThan(0);
      expect(dataQuality.notes.filter((note) => note.includes('is the word of'))).toHaveLength(2);
      const { stdout } = await stack.run('report', '--format', 'markdown');
      expect(stdout).toContain('person ann');
    },
    limitMs,
  );

  test(
    'whose end nobody confirms is stuck, and its run does not end; it can be said while the worker is dead',
    async () => {
      const run = stack.startRun({ byHand: true, lease: '5s' });
      await run.shows('asks a person: within 60 s');
      stack.setBroken(true);
      await confirm(run, 'injected', 'ann');
      await run.shows('holding for');
      await stack.killWorker();
      await until(async () => /stuck .*Do "Take the file away", then `firedrill confirm/.test(await statusText()));
      expect(run.hasEnded()).toBe(false);
      stack.setBroken(false);
      await confirm(run, 'reverted', 'ann');
      await until(async () => (await statusText()).includes('broken on purpose right now: nothing'));
      stack.startWorker();
      const ended = await run.ended();
      expect(stack.recordOf(ended.stdout)).toMatchObject({
        outcome: { ending: 'aborted', cleanup: 'clean' },
        clocks: { reverted: { source: 'person ann' } },
      });
    },
    limitMs,
  );
});
