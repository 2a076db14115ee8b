import { describe, expect, test } from '@jest/globals';
import { neededNodeAgents } from '../../src/agent/node-agents-needed.ts';
import type { InjectionSpec, Phase } from '../../src/domain/injection/records.ts';
import { specOf } from './records.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const on = (node: string, id: string, seconds: number, changes: Partial<InjectionSpec> = {}): InjectionSpec =>
  specOf({
    id,
    agent: 'node',
    target: { kind: 'pod', service: 'shop', name: id, uid: id, locator: { namespace: 'shop', node } },
    deadline: new Date(now + seconds * 1000).toISOString(),
    ...changes,
  });
const needed = (specs: readonly InjectionSpec[], phases: Record<string, Phase> = {}) =>
  neededNodeAgents(specs, new Map(Object.entries(phases)), [], now);

describe('an agent of a node is needed', () => {
  test('once per run and node, until the latest deadline', () => {
    const agents = needed([on('w1', 'a', 60), on('w1', 'b', 90), on('w2', 'c', 30), on('w1', 'd', 10, { runId: 'run-2' })]);
    expect([...agents.keys()]).toEqual(['run-1/w1', 'run-1/w2', 'run-2/w1']);
    expect(agents.get('run-1/w1')).toMatchObject({ untilMs: now + 90_000, waiting: [{ id: 'a' }, { id: 'b' }], begun: [] });
  });

  test('by what is in effect, and by what waits for it, and not by what has ended or is for the cluster', () => {
    const specs = [on('w1', 'a', 60), on('w1', 'b', 60), on('w2', 'c', 60), on('w3', 'd', 60, { agent: 'cluster' })];
    const agents = needed(specs, { a: 'active', c: 'reverted' });
    expect([...agents.keys()]).toEqual(['run-1/w1']);
    expect(agents.get('run-1/w1')).toMatchObject({ begun: [{ id: 'a' }], waiting: [{ id: 'b' }] });
  });

  test('by an undo that is kept, also where the record is gone', () => {
    const agents = neededNodeAgents([], new Map(), [{ runId: 'run-1', node: 'w1' }], now);
    expect(agents.get('run-1/w1')).toMatchObject({ begun: [], waiting: [] });
  });
});
