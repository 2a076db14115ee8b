import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from './command-line.ts';
import type { Ended, Running } from './command-line.ts';
import { startLightStack } from './light-stack.ts';
import type { LightStack } from './light-stack.ts';

const limitMs = 60_000;
let stack: LightStack;

beforeAll(async () => {
  stack = await startLightStack();
}, 120_000);

afterAll(() => stack?.stop(), limitMs);

describe('a run that people abort', () => {
  test(
    'has not started when it is aborted in its baseline, and ends at once',
    async () => {
      const run = stack.startRun({ baseline: '50s' });
      await run.shows('baseline');

      await stack.run('abort', '--why', 'changed my mind');
      const ended = await run.ended();

      expect(ended.code).toBe(3);
      expect(stack.recordOf(ended.stdout)).toMatchObject({
        outcome: { ending: 'not-started', cleanup: 'clean', reason: expect.stringContaining('changed my mind') },
        injections: [],
      });
    },
    limitMs,
  );

  test(
    'injects nothing when it is aborted while it arms',
    async () => {
      // The agent looks at the shop before it injects: here it takes its time.
      const run = stack.startRun({ steps: { inject: 'touch "$0" "$0-ever"', verify: 'sleep 3; test -e "$0"' } });
      await run.shows('arming');

      await stack.run('abort');
      const ended = await run.ended();

      expect(ended.code).toBe(6);
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
      expect(existsSync(join(stack.directory, 'shop', 'broken-ever'))).toBe(false);
    },
    limitMs,
  );

  test(
    'is reverted when it is aborted while a fault is half in effect',
    async () => {
      const run = stack.startRun({ steps: { inject: 'touch "$0"; sleep 8' } });
      await run.shows('released');
      await until(() => stack.isBroken());

      await stack.run('abort');
      expectAbortedClean(await run.ended());
    },
    limitMs,
  );

  test(
    'is aborted once, however often, also while it reverts',
    async () => {
      const run = stack.startRun({ steps: { revert: 'sleep 4; rm -f "$0"' } });
      await run.shows('holding for');

      const [first] = await Promise.all([stack.run('abort', '--why', 'first'), run.shows('reverting, cause: asked')]);
      const second = await stack.run('abort', '--why', 'second');
      const ended = await run.ended();
      const late = await stack.run('abort', '--why', 'late');

      expect([first.code, second.code, late.code]).toEqual([0, 0, 2]);
      expect(late.stderr).toContain('run/not-found: nothing runs in bad-days');
      expectAbortedClean(ended);
      expect(stack.recordOf(ended.stdout).outcome.reason).toContain('first');
    },
    limitMs,
  );
});

describe('a run whose records are damaged on disk', () => {
  const damage = (path: string) => writeFileSync(path, '{"schemaVersion": 1,');
  const remove = (path: string) => rmSync(path);

  test.each<[string, string, (path: string) => void, RegExp]>([
    ['its injection can no longer be read', 'specs', damage, /specs\S+json: (Exp|Unexp)ected/],
    ['its injection is gone', 'specs', remove, /the spec of "\S+" is gone/],
    ['what the agent says can no longer be read', 'status', damage, /status\S+json: (Exp|Unexp)ected/],
    ['what the agent says is gone', 'status', remove, /what the agent said of \S+ is gone/],
    ['its permit can no longer be read', 'permits', damage, /permits\S+json: (Exp|Unexp)ected/],
    ['its permit is gone', 'permits', remove, /permit-gone/],
  ])(
    'is reverted when %s, and the next one may start',
    async (_what, folder, harm, why) => {
      const run = stack.startRun();
      await run.shows('holding for');

      harm(join(stack.stateDirectory, folder, `${idOf(run)}${folder === 'permits' ? '' : '-1-1'}.json`));
      const ended = await run.ended();

      expectAbortedClean(ended);
      expect(stack.recordOf(ended.stdout).outcome.reason).toMatch(why);
      expect((await stack.run('status')).stdout).toContain('broken on purpose right now: nothing');
    },
    limitMs,
  );
});

function expectAbortedClean(ended: Ended): void {
  expect(stack.isBroken()).toBe(false);
  expect(ended.code).toBe(6);
  expect(stack.recordOf(ended.stdout).outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
}

function idOf(run: Running): string {
  return /^run (\S+)$/m.exec(run.text())![1]!;
}
