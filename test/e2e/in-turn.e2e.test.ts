import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { until } from './command-line.ts';
import { startLightStack } from './light-stack.ts';
import type { LightStack } from './light-stack.ts';

const limitMs = 90_000;
let stack: LightStack;

beforeAll(async () => {
  stack = await startLightStack();
}, 120_000);

afterAll(() => stack?.stop(), limitMs);

const deskIsBroken = (): boolean => existsSync(join(stack.directory, 'desk', 'broken'));
/** Of the first fault and of the second. */
const statusesOf = (output: string): readonly InjectionStatus[] =>
  stack.recordOf(output).injections.map(({ spec, status }, index) => {
    expect(spec.stage).toBe(index + 1);
    if (status === null) throw new Error(`nobody answered for ${spec.id}`);
    return status;
  });
const at = (time: string | undefined): number => Date.parse(time ?? '');

describe('faults in turn', () => {
  test(
    'come one after the other, and go the last one first while the run still watches',
    async () => {
      const run = stack.startRun({ inTurn: true, hold: '2s' });
      await run.shows('stage 1 verified; watched for 5 s');
      expect([stack.isBroken(), deskIsBroken()]).toEqual([true, false]);
      await run.shows('holding for');
      expect([stack.isBroken(), deskIsBroken()]).toEqual([true, true]);
      await run.shows('stage 2 is taken back before those that it came after');
      expect(stack.isBroken()).toBe(true);
      const ended = await run.ended();

      expect([stack.isBroken(), deskIsBroken()]).toEqual([false, false]);
      expect(ended.code).toBe(0);
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
      const [first, second] = statusesOf(ended.stdout);
      expect([first?.cause, second?.cause]).toEqual(['asked', 'asked']);
      expect(at(second?.activeAt)).toBeGreaterThan(at(first?.verifiedAt) + 5000);
      expect(at(first?.revertStartedAt)).toBeGreaterThanOrEqual(at(second?.revertVerifiedAt));
    },
    limitMs,
  );

  test(
    'all go at once when somebody aborts: nothing waits for another then',
    async () => {
      const run = stack.startRun({ inTurn: true });
      await run.shows('holding for');
      run.signal('SIGINT');
      const ended = await run.ended();

      expect([stack.isBroken(), deskIsBroken()]).toEqual([false, false]);
      const [first, second] = statusesOf(ended.stdout);
      // The second takes seconds to go.
      expect(at(first?.revertVerifiedAt)).toBeLessThan(at(second?.revertVerifiedAt));
    },
    limitMs,
  );

  test(
    'all go at once when the worker dies while they are taken back',
    async () => {
      const run = stack.startRun({ inTurn: true, hold: '1s', lease: '5s' });
      await run.shows('stage 2 is taken back');
      await stack.killWorker();
      await until(async () => !stack.isBroken() && !deskIsBroken());
      stack.startWorker();
      const ended = await run.ended();
      const [first, second] = statusesOf(ended.stdout);
      expect([first?.cause, second?.cause]).toEqual(['lease', 'asked']);
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({ cleanup: 'clean' });
    },
    limitMs,
  );
});
