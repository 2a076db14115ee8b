import { expect, test } from '@jest/globals';
import { createAgentWatch } from '../../src/activities/agent-watch.ts';

const second = 1000;

test('the last agent that falls silent is told once, and once more when one is back', async () => {
  let now = 100 * second;
  const beats = [{ name: 'host', pid: 1, version: '0', at: new Date(now).toISOString(), faults: [] }];
  const told: string[] = [];
  const agents = createAgentWatch(
    { readHeartbeats: async () => beats },
    { clock: { now: () => now, monotonic: () => now }, recorder: { event: ({ kind }) => told.push(kind) }, advice: 'Start one' },
  );

  expect(await agents.silence()).toBeNull();
  now += 4 * second;
  // Its watchdog brings it back within this time.
  expect(await agents.silence()).toBeNull();
  now += 2 * second;
  expect(await agents.silence()).toBe('no agent was heard of for 5 s. Start one: it reverts first');
  now += 1 * second;
  expect(await agents.silence()).not.toBeNull();
  beats[0]!.at = new Date(now).toISOString();
  now += 1 * second;
  expect(await agents.silence()).toBeNull();
  expect(told).toEqual(['agent.silent', 'agent.back']);
});

test('where no agent ever was, none is heard of', async () => {
  const agents = createAgentWatch(
    { readHeartbeats: async () => [] },
    { clock: { now: () => 0, monotonic: () => 0 }, recorder: { event: () => {} }, advice: 'Start one' },
  );
  expect(await agents.silence()).not.toBeNull();
});
