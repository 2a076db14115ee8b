import { describe, expect, test } from '@jest/globals';
import { assert, boolean, integer, property } from 'fast-check';
import { limitProblems } from '../../../src/domain/plan/limits.ts';
import type { Impact, Limits } from '../../../src/domain/plan/limits.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { isProtectedNamespace, protectedNamespaces } from '../../../src/domain/plan/protected-namespaces.ts';
import type { Neighbour, Survey } from '../../../src/domain/plan/survey.ts';
import { candidate, pod, podSurvey } from './pods.ts';

const limits: Limits = { maxPercent: 50, maxCount: null, minHealthy: 1, maxPerNode: null, maxPerZone: null };

function problems(
  targets: readonly TargetRef[],
  survey: Survey,
  changed: Partial<Impact> = {},
  held: Partial<Limits> = {},
): string[] {
  const impact = {
    what: 'payments-api',
    environment: 'staging',
    targets,
    disrupted: targets,
    survey,
    allowed: { all: false, critical: false },
    ...changed,
  };
  return limitProblems(impact, { ...limits, ...held }, 'firedrill');
}

const first = (survey: Survey, count: number): TargetRef[] => survey.candidates.slice(0, count).map(({ target }) => target);

describe('shares', () => {
  test('no plan without leave takes every member, leaves fewer well than must stay, or goes beyond the share or the number', () => {
    const upTo = (max: number) => integer({ min: 1, max });
    assert(
      property(
        upTo(12),
        upTo(12),
        upTo(100),
        upTo(12),
        upTo(4),
        integer({ min: 0, max: 4 }),
        (size, wanted, maxPercent, maxCount, minHealthy, down) => {
          // Some of those that should be there are down already.
          const survey = podSurvey(Math.max(1, size - down), { expected: size });
          const targets = first(survey, wanted);
          const found = problems(targets, survey, {}, { maxPercent, maxCount, minHealthy });
          const count = targets.length;
          const fine =
            count < size &&
            (count / size) * 100 <= maxPercent + 1e-9 &&
            count <= maxCount &&
            survey.candidates.length - count >= minHealthy;
          expect(found.length === 0).toBe(fine);
        },
      ),
    );
  });

  test('those that are down already are not there to survive', () => {
    const survey = podSurvey(3, { expected: 6 });
    expect(problems(first(survey, 3), survey)).toEqual([
      '3 of 6 payments-api would leave 0 well, and 1 must stay (policy.minHealthy): 3 are well now. Take fewer, or wait until more are well',
    ]);
  });

  test('two faults on one pod are one pod', () => {
    const survey = podSurvey(4);
    const link = { ...pod('p0'), kind: 'link' as const, name: 'p0/fraud' };
    expect(problems([pod('p0'), link, pod('p1')], survey)).toEqual([]);
    expect(problems([pod('p0'), link, pod('p1'), pod('p2')], survey)[0]).toMatch(/^3 of 4 payments-api are more than the 50 %/);
  });

  test('all members go only where both experiment and policy say so', () => {
    const survey = podSurvey(2);
    expect(problems(first(survey, 2), survey)[0]).toMatch(/^2 of 2 payments-api would be every member/);
    expect(problems(first(survey, 2), survey, { allowed: { all: true, critical: false } })).toEqual([]);
  });

  test('what an earlier stage killed is not counted as well again', () => {
    // p0 is gone since; its replacement p9 is well.
    const survey: Survey = {
      ...podSurvey(0),
      candidates: ['p1', 'p2', 'p3', 'p9'].map((name) => candidate(name)),
      well: 4,
      expected: 4,
    };
    expect(problems([pod('p0'), pod('p1')], survey, {}, { minHealthy: 3 })).toEqual([]);
    expect(problems([pod('p0'), pod('p1')], survey, {}, { minHealthy: 4 })).toHaveLength(1);
  });
});

describe('crowds', () => {
  const targets = [
    pod('p0', { node: 'w1', zone: 'a' }),
    pod('p1', { node: 'w1', zone: 'a' }),
    pod('p2', { node: 'w2', zone: 'a' }),
  ];

  test('are kept off one node, and out of one zone', () => {
    const survey = podSurvey(9);
    expect(problems(targets, survey, {}, { maxPerNode: 1 })).toEqual([
      '2 targets are on node w1, and environment staging allows 1 (policy.maxPerNode). Take fewer, or spread them',
    ]);
    expect(problems(targets, survey, {}, { maxPerZone: 2 })).toEqual([
      '3 targets are in zone a, and environment staging allows 2 (policy.maxPerZone). Take fewer, or spread them',
    ]);
    expect(problems(targets, survey, {}, { maxPerNode: 2, maxPerZone: 3 })).toEqual([]);
  });
});

describe('disruption budgets', () => {
  test('hold deletes too, and are named', () => {
    assert(
      property(integer({ min: 0, max: 6 }), integer({ min: 1, max: 5 }), boolean(), (allowed, count, disrupts) => {
        const survey = podSurvey(12, {
          budgets: [{ name: 'payments-api', allowed, covers: ['uid-p0', 'uid-p1', 'uid-p2', 'uid-p3', 'uid-p4'] }],
        });
        const targets = first(survey, count);
        const found = problems(targets, survey, { disrupted: disrupts ? targets : [] });
        expect(found.length).toBe(disrupts && count > allowed ? 1 : 0);
        if (found.length > 0)
          expect(found[0]).toContain(
            `the PodDisruptionBudget payments-api allows ${allowed} disruption(s) now, and this would be ${count}`,
          );
      }),
    );
  });

  test('that are not worked out yet allow nothing', () => {
    const survey = podSurvey(6, { budgets: [{ name: 'payments-api', allowed: null, covers: ['uid-p0'] }] });
    expect(problems(first(survey, 1), survey)[0]).toContain('has not worked out yet what it allows');
  });
});

describe('critical pods', () => {
  const survey: Survey = {
    ...podSurvey(6),
    candidates: Array.from({ length: 6 }, (_, n) => candidate(`p${n}`, { critical: n === 0 })),
  };

  test('go only where both experiment and policy say so', () => {
    expect(problems([pod('p0')], survey)[0]).toMatch(/^p0 is of tier=critical/);
    expect(problems([pod('p1')], survey)).toEqual([]);
    expect(problems([pod('p0')], survey, { allowed: { all: false, critical: true } })).toEqual([]);
  });
});

describe('nodes', () => {
  const node = (name: string): TargetRef => ({
    kind: 'node',
    service: 'nodes',
    name,
    uid: name,
    locator: { node: name, zone: 'a' },
  });
  const beside = (namespace: string, changed: Partial<Neighbour> = {}): Neighbour => ({
    node: 'w1',
    namespace,
    name: 'x',
    owner: 'ReplicaSet x',
    daemonSet: false,
    critical: false,
    excluded: false,
    ...changed,
  });
  const nodes = (...neighbours: Neighbour[]): Survey => ({
    ...podSurvey(0),
    candidates: ['w1', 'w2', 'w3'].map((name) => ({ target: node(name), createdAt: null, critical: false })),
    counts: 'nodes',
    well: 3,
    neighbours,
  });

  test.each([...protectedNamespaces, 'firedrill', 'firedrill-nodes'])(
    'with a pod of %s are refused, but for one of a DaemonSet',
    (namespace) => {
      expect(problems([node('w1')], nodes(beside(namespace)))[0]).toContain(`${namespace}/x on w1 would be hit too`);
      expect(problems([node('w1')], nodes(beside(namespace, { daemonSet: true })))).toEqual([]);
      expect(problems([node('w2')], nodes(beside(namespace)))).toEqual([]);
    },
  );

  test('with an excluded or a critical pod are refused', () => {
    expect(problems([node('w1')], nodes(beside('payments', { excluded: true })))[0]).toContain('says firedrill.dev/exclude');
    expect(problems([node('w1')], nodes(beside('payments', { critical: true })))[0]).toContain(
      'payments/x on w1 is of tier=critical',
    );
    expect(problems([node('w1')], nodes(beside('payments')))).toEqual([]);
  });

  test('may have protected and critical pods beside them when the fault ends no pod', () => {
    const crowded = nodes(beside('kube-system'), beside('payments', { critical: true, excluded: true }));
    expect(problems([node('w1')], crowded, { disrupted: [] })).toEqual([]);
  });

  test('are counted among all nodes of the cluster', () => {
    expect(problems([node('w1'), node('w2')], nodes())[0]).toMatch(/^2 of 3 payments-api are more than the 50 %/);
    expect(problems([node('w1'), node('w2'), node('w3')], nodes())[0]).toContain('would be every node');
  });
});

test('a target in a protected namespace is refused, whoever named it', () => {
  const target = pod('p0', { namespace: 'kube-system' });
  expect(problems([target], podSurvey(6))).toEqual(['p0 is in namespace kube-system, in which nothing may be broken']);
  expect(isProtectedNamespace('payments', 'firedrill')).toBe(false);
});
