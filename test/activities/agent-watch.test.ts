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

  expect(await agents.silence([])).toBeNull();
  now += 4 * second;
  // Its watchdog brings it back within this time.
  expect(await agents.silence([])).toBeNull();
  now += 2 * second;
  expect(await agents.silence([])).toBe('no agent was heard of for 5 s. Start one: it reverts first');
  now += 1 * second;
  expect(await agents.silence([])).not.toBeNull();
  beats[0]!.at = new Date(now).toISOString();
  now += 1 * second;
  expect(await agents.silence([])).toBeNull();
  expect(told).toEqual(['agent.silent', 'agent.back']);
});

test('where no agent ever was, none is heard of', async () => {
  const agents = createAgentWatch(
    { readHeartbeats: async () => [] },
    { clock: { now: () => 0, monotonic: () => 0 }, recorder: { event: () => {} }, advice: 'Start one' },
  );
  expect(await agents.silence([])).not.toBeNull();
});

test('an agent that holds a fault and falls silent is named, though others are heard of, until the fault has ended', async () => {
  let now = 100 * second;
  const beat = (name: string) => ({ name, pid: 1, version: '0', at: new Date(now).toISOString(), faults: [] });
  let beats = [beat('cluster'), beat('node-agent-1')];
  const agents = createAgentWatch(
    { readHeartbeats: async () => beats },
    { clock: { now: () => now, monotonic: () => now }, recorder: { event: () => {} }, advice: 'Look' },
  );
  const holder = { name: 'node-agent-1', version: '0', pid: 1 };
  const status = { schemaVersion: 1, id: 'run-1-1-1', runId: 'run-1', phase: 'active', agent: holder } as const;

  now += 9 * second;
  beats = [beat('cluster'), beats[1]!];
  // Killed or evicted, it is made anew within this time.
  expect(await agents.silence([status])).toBeNull();
  now += 2 * second;
  beats = [beat('cluster'), beats[1]!];
  expect(await agents.silence([status])).toBe(
    'an agent that holds a fault of this run (node-agent-1) was not heard of for 10 s. Look: it reverts first',
  );
  now += second;
  expect(await agents.silence([{ ...status, phase: 'reverted' }])).toBeNull();
});

test('an agent that holds a fault and has not beaten yet has as long as one that has', async () => {
  let now = 100 * second;
  const cluster = () => ({ name: 'cluster', pid: 1, version: '0', at: new Date(now).toISOString(), faults: [] });
  const agents = createAgentWatch(
    { readHeartbeats: async () => [cluster()] },
    { clock: { now: () => now, monotonic: () => now }, recorder: { event: () => {} }, advice: 'Look' },
  );
  const holder = { name: 'node-agent-1', version: '0', pid: 1 };
  const status = { schemaVersion: 1, id: 'run-1-1-1', runId: 'run-1', phase: 'arming', agent: holder } as const;

  expect(await agents.silence([status])).toBeNull();
  now += 10 * second;
  expect(await agents.silence([status])).toBeNull();
  now += second;
  expect(await agents.silence([status])).toMatch(/\(node-agent-1\) was not heard of for 10 s/);
});
