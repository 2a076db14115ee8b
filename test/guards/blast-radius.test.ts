import { expect, test } from '@jest/globals';
import { targetsUnfit } from '../../src/activities/target-check.ts';
import type { Plan, PlannedInjection, TargetRef } from '../../src/domain/plan/plan.ts';
import { injectionSpecsOf } from '../../src/domain/plan/injections.ts';
import type { Survey } from '../../src/domain/plan/survey.ts';
import { blastRadius, radiusProblems } from '../../src/guards/blast-radius.ts';
import type { GuardContext } from '../../src/guards/guard.ts';
import type { Platform } from '../../src/ports/platform.ts';
import { pod, podSurvey } from '../domain/plan/pods.ts';
import { fakePlatform } from '../planning/fake-platform.ts';
import { planOf } from '../report/fixtures/plan.ts';

const limits = { maxPercent: 50, maxCount: null, minHealthy: 3, maxPerNode: null, maxPerZone: null };

function planned(...targets: TargetRef[]): Plan {
  const [step] = planOf().steps;
  const steps = targets.map((target, index): PlannedInjection => ({
    ...step!,
    ordinal: index + 1,
    stage: index + 1,
    target,
    disrupts: true,
  }));
  return { ...planOf(), steps, limits };
}

function platform(survey: Survey): Platform {
  return fakePlatform(
    survey.candidates.map(({ target }) => target),
    survey,
  );
}

const asked = (plan: Plan, survey: Survey) => blastRadius.check({ plan, platform: platform(survey) } as unknown as GuardContext);

test('a plan within its limits may begin', async () => {
  expect(await asked(planned(pod('p0'), pod('p1')), podSurvey(6))).toMatchObject({ result: 'ok' });
});

test('a service that was scaled down since, or has fewer pods well, blocks the run', async () => {
  const plan = planned(pod('p0'), pod('p1'));
  expect(await asked(plan, podSurvey(3))).toMatchObject({ result: 'blocked', reason: expect.stringContaining('2 of 3') });
  expect(await asked(plan, podSurvey(4, { expected: 6 }))).toMatchObject({
    result: 'blocked',
    reason: expect.stringContaining('would leave 2 well, and 3 must stay'),
  });
});

test('a budget that has tightened since blocks the run', async () => {
  const survey = podSurvey(6, { budgets: [{ name: 'payments-api', allowed: 1, covers: ['uid-p0', 'uid-p1'] }] });
  expect(await asked(planned(pod('p0'), pod('p1')), survey)).toMatchObject({ result: 'blocked' });
});

test('a stage is held against what is there when it comes, with what is gone by then', async () => {
  const plan = planned(pod('p0'), pod('p1'), pod('p2'));
  const survey = podSurvey(5, { budgets: [{ name: 'payments-api', allowed: 1, covers: ['uid-p1', 'uid-p2'] }] });
  const without = { ...survey, candidates: survey.candidates.filter(({ target }) => target.name !== 'p0'), well: 4, expected: 6 };
  expect(await radiusProblems(plan, platform(without), 2)).toEqual([]);
  expect(await radiusProblems(plan, platform(without), 3)).toHaveLength(2);
});

test('before its release a stage ends the run, before anything of it is touched', async () => {
  const plan = planned(pod('p0'), pod('p1'));
  const specs = injectionSpecsOf(plan, 'run-1', '2026-01-01T00:00:00.000Z');
  expect(await targetsUnfit(plan, specs, { platform: platform(podSurvey(3)), touched: true })).toMatchObject({
    ending: 'aborted',
    abortedBy: { kind: 'guard', name: 'blast-radius' },
  });
  expect(await targetsUnfit(plan, specs, { platform: platform(podSurvey(6)), touched: true })).toBeNull();
});

test('a plan from before limits were kept is held to none', async () => {
  const { limits: _, ...before } = planned(pod('p0'));
  expect(await radiusProblems(before, platform(podSurvey(1)))).toEqual([]);
});
