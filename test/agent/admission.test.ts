import { describe, expect, test } from '@jest/globals';
import { admit } from '../../src/agent/admission.ts';
import type { InjectionSpec } from '../../src/domain/injection/records.ts';
import type { AgentKind, TargetRef } from '../../src/domain/plan/plan.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import { nodeCordon } from '../../src/faults/node-cordon.ts';
import { podKill } from '../../src/faults/pod-kill.ts';
import { processKill } from '../../src/faults/process-kill.ts';
import { specOf } from './records.ts';

const policy: AgentPolicy = {
  environment: 'test',
  allowFaults: ['process-kill'],
  allowServices: ['payments'],
  maxDurationSeconds: 600,
  leaseSeconds: { min: 1, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 0 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 1 },
};
const now = Date.parse('2026-01-01T00:00:00.000Z');
const clock = { now: () => now, monotonic: () => 0 };

const admitted = (
  changes: Partial<InjectionSpec>,
  denies: Partial<AgentPolicy> = {},
  kind: AgentKind = 'host',
): ReturnType<typeof admit> =>
  admit(
    specOf({
      fault: 'process-kill',
      target: { kind: 'process', service: 'payments', name: 'api', uid: 'api', locator: {} },
      deadline: new Date(now + 60_000).toISOString(),
      ...changes,
    }),
    { faults: [processKill, podKill, nodeCordon], policy: { ...policy, ...denies }, clock, kind },
  );

describe('admission', () => {
  test.each([
    ['one kill is an event', {}, 'event'],
    ['kills at an interval are pulsed', { every: '10s' }, 'pulsed'],
  ])('asks the parameters for the class of the effect: %s', (_what, params, effect) => {
    expect(admitted({ params })).toMatchObject({ admitted: true, traits: { effect } });
  });

  test.each<[string, Partial<InjectionSpec>, Partial<AgentPolicy>, string, RegExp]>([
    ['another environment', { environment: 'production' }, {}, 'policy/denied', /for environment "production"/],
    ['a fault that is not allowed', {}, { allowFaults: [] }, 'policy/denied', /fault "process-kill" is not allowed/],
    ['a fault it does not have', { fault: 'meteor' }, {}, 'policy/denied', /no fault "meteor"/],
    ['a service that is not allowed', {}, { allowServices: [] }, 'policy/denied', /service "payments" is not allowed/],
    ['a lease that is too short', { leaseSeconds: 0.5 }, {}, 'policy/denied', /lease of 0.5 s/],
    ['a lease that is too long', { leaseSeconds: 61 }, {}, 'policy/denied', /lease of 61 s/],
    ['a deadline that has passed', { deadline: new Date(now).toISOString() }, {}, 'policy/denied', /has passed/],
    ['a deadline that is too far away', {}, { maxDurationSeconds: 59 }, 'policy/denied', /more than 59 s/],
    ['parameters that are wrong', { params: { signal: 'hup' } }, {}, 'spec/invalid', /signal/],
  ])('refuses %s', (_what, changes, denies, code, message) => {
    expect(admitted(changes, denies)).toMatchObject({
      admitted: false,
      error: { code, message: expect.stringMatching(message) as unknown },
    });
  });

  const inCluster = { allowNamespaces: ['shop', 'kube-system'], denyNamespaces: ['kube-system'], allowNodes: ['w4', 'pool-a-*'] };
  const pod = (namespace: string): TargetRef => ({ kind: 'pod', service: 'shop', name: 'p', uid: 'u', locator: { namespace } });
  const node = (name: string): TargetRef => ({ kind: 'node', service: 'nodes', name, uid: 'u', locator: { node: name } });
  const asked = (fault: 'pod-kill' | 'node-cordon', target: TargetRef, changes: Partial<InjectionSpec> = {}) =>
    admitted({ fault, target, agent: 'cluster', ...changes }, { ...inCluster, allowFaults: [fault] }, 'cluster');

  test.each([
    ['a pod in a namespace that is allowed', asked('pod-kill', pod('shop'))],
    ['a node by its name', asked('node-cordon', node('w4'))],
    ['a node by how its name begins', asked('node-cordon', node('pool-a-7'))],
  ])('lets a cluster agent act on %s', (_what, admission) => {
    expect(admission).toMatchObject({ admitted: true });
  });

  test.each<[string, ReturnType<typeof admit>, RegExp]>([
    ['a namespace that is not allowed', asked('pod-kill', pod('data')), /"data" is not among allowNamespaces/],
    ['a namespace that nothing opens, allowed or not', asked('pod-kill', pod('kube-system')), /"kube-system" is never acted on/],
    ['a target without a namespace', asked('pod-kill', { ...pod(''), locator: {} }), /names no namespace/],
    ['a node that is not allowed', asked('node-cordon', node('w1')), /node "w1" is not among allowNodes/],
    [
      'what is for the agent of a node',
      asked('pod-kill', pod('shop'), { agent: 'node' }),
      /for the node agent came to the cluster/,
    ],
    [
      'what says nothing of its agent',
      admitted({ fault: 'pod-kill', target: pod('shop') }, inCluster, 'cluster'),
      /for the host agent/,
    ],
    ['a fault of another agent', admitted({ agent: 'cluster' }, {}, 'cluster'), /process-kill for the cluster agent/],
  ])('refuses a cluster agent %s', (_what, admission, message) => {
    expect(admission).toMatchObject({
      admitted: false,
      error: { code: 'policy/denied', message: expect.stringMatching(message) as unknown },
    });
  });
});
