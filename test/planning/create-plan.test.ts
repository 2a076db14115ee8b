import { describe, expect, test } from '@jest/globals';
import type { Plan, TargetRef } from '../../src/domain/plan/plan.ts';
import { sameTargets } from '../../src/domain/plan/same-targets.ts';
import { createPlan } from '../../src/planning/create-plan.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { renderPlan } from '../../src/planning/render-plan.ts';
import { findSpec, loadWorkspace } from '../../src/planning/workspace.ts';
import { fakePlatform } from './fake-platform.ts';
import { experiment, faults, filesOf, hypothesis } from '../spec/workspace-fixture.ts';

const environmentText = (policy: string): string => `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: demo }
spec:
  platform: host
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  state: ./state
  archive: ./runs
  policy: { ${policy} }
  services:
    payments-api: { processes: [] }
`;

const killing = (target: string): string =>
  experiment
    .replace('network-latency', 'process-kill')
    .replace('{ service: payments-api, to: fraud-detector }', target)
    .replace('{ delay: 800ms }', '{}');

/** Kills of these amounts in one experiment, one after the other. */
const killingTwice = (first: string, second: string): string => {
  const step = (target: string): string => `    - fault: process-kill\n      target: ${target}\n      params: {}\n`;
  return killing(first).replace(/    - fault: process-kill\n.*\n.*\n/, step(first) + step(second));
};

const members = (count: number, restarted: readonly number[] = []): TargetRef[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'process',
    service: 'payments-api',
    name: `payments-api-${index + 1}`,
    uid: `${100 + index}:${restarted.includes(index) ? 2 : 1}`,
    locator: { pid: 100 + index },
  }));

async function plan(
  target: string,
  there: readonly TargetRef[],
  { seed = 42, policy = 'maxPercent: 50', hold = '40s', and = '', order = '' } = {},
): Promise<Plan> {
  const files = filesOf({
    'experiments/slow.yaml': (and === '' ? killing(target) : killingTwice(target, and)).replace(
      'hold: 40s',
      `hold: ${hold}${order === '' ? '' : `\n  order: ${order}`}`,
    ),
    'hypotheses/survive.yaml': hypothesis,
    '/lab/environment.yaml': environmentText(policy),
  });
  const workspace = await loadWorkspace(['experiments', 'hypotheses'], { files, faults });
  expect(workspace.problems).toEqual([]);
  return createPlan({
    experiment: findSpec(workspace, 'Experiment', 'slow'),
    environment: await loadEnvironment('/lab/environment.yaml', files),
    workspace,
    platform: fakePlatform(there),
    faults,
    seed,
  });
}

describe('faults in turn', () => {
  test('are stages, each after those of the fault before, and the plan says so', async () => {
    const two = { and: '{ service: payments-api, stages: [1, 2] }', policy: 'maxPercent: 80' };
    const { steps, order, stageSeconds } = await plan('{ service: payments-api, count: 1 }', members(6), {
      ...two,
      order: 'in-turn',
    });
    expect(steps.map(({ step, stage }) => [step, stage])).toEqual([
      [1, 1],
      [2, 2],
      [2, 3],
    ]);
    expect({ order, stageSeconds }).toEqual({ order: 'in-turn', stageSeconds: 60 });
  });

  test('have another hash than faults that come together, and other words', async () => {
    const two = { and: '{ service: payments-api, count: 1 }', policy: 'maxPercent: 80' };
    const together = await plan('{ service: payments-api, count: 1 }', members(6), two);
    const inTurn = await plan('{ service: payments-api, count: 1 }', members(6), { ...two, order: 'in-turn' });
    expect(together).not.toHaveProperty('order');
    expect(inTurn.hash).not.toBe(together.hash);
    expect(renderPlan(inTurn)).toContain('2 stages, 60 s from one to the next, the last one back first, hold');
  });
});

describe('a plan', () => {
  test('takes the share of members that was asked for, rounded down', async () => {
    const { steps } = await plan('{ service: payments-api, percent: 49% }', members(6));
    expect(steps).toHaveLength(2);
    expect(steps[0]?.selection).toEqual({
      selected: 2,
      of: 6,
      percent: 33.3,
      rule: '2 of 6 payments-api (49 % = 2.94, rounded down to 2), seed 42',
    });
  });

  test('takes at least one member, however small the share', async () => {
    expect((await plan('{ service: payments-api, percent: 1% }', members(6))).steps).toHaveLength(1);
  });

  test('is the same, to its hash, for the same seed', async () => {
    const [one, two] = [await plan('{ service: payments-api }', members(6)), await plan('{ service: payments-api }', members(6))];
    expect(two).toEqual(one);
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('chooses others for other seeds, and each member for some seed', async () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const plans = await Promise.all(seeds.map((seed) => plan('{ service: payments-api }', members(6), { seed })));
    expect(new Set(plans.map(({ steps }) => steps[0]?.target.name)).size).toBe(6);
    expect(new Set(plans.map(({ hash }) => hash)).size).toBe(60);
  });

  test('gives two faults of one service different members, whatever the seed', async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const { steps } = await plan('{ service: payments-api, count: 1 }', members(6), {
        seed,
        and: '{ service: payments-api, count: 2 }',
      });
      expect(steps.map(({ step }) => step)).toEqual([1, 2, 2]);
      expect(new Set(steps.map(({ target }) => target.name)).size).toBe(3);
    }
  });

  test('has the same targets as another until one of them is replaced', async () => {
    const before = await plan('{ service: payments-api, count: 3 }', members(6));
    const again = await plan('{ service: payments-api, count: 3 }', members(6));
    const after = await plan('{ service: payments-api, count: 3 }', members(6, [0, 1, 2, 3, 4, 5]));
    expect(sameTargets(before, again)).toBe(true);
    expect(sameTargets(before, after)).toBe(false);
  });

  test('says for people what happens, and how to halt without us', async () => {
    const text = renderPlan(await plan('{ service: payments-api }', members(6)));
    expect(text).toContain('1 of 6 payments-api, seed 42');
    expect(text).toContain('touch /lab/state/halt.json');
    expect(text).toContain('errors                 abort         < 50 %');
  });

  test('gives probes their defaults', async () => {
    const { probes } = await plan('{ service: payments-api }', members(6));
    expect(probes.map(({ name, roles }) => [name, roles])).toEqual([
      ['errors', ['abort']],
      ['payments-survive.pays', ['steady-state']],
    ]);
    expect(probes[0]).toMatchObject({
      threshold: 0.5,
      unit: 'ratio',
      intervalSeconds: 5,
      timeoutSeconds: 3,
      maxAgeSeconds: 15,
      windowSeconds: 5,
      minEvents: 1,
      breach: { n: 2, m: 3 },
      hardLimit: null,
      holdAfterSeconds: 15,
      abortAfterSeconds: 45,
    });
  });
});

describe('a plan is refused', () => {
  test('when nothing is there to act on', async () => {
    await expect(plan('{ service: payments-api }', [])).rejects.toMatchObject({
      code: 'target/none',
      message:
        'nothing of payments-api is there now in environment demo. Start it, or correct the target. Services: payments-api',
    });
  });

  test('when more members are wanted than are there', async () => {
    await expect(plan('{ service: payments-api, count: 7 }', members(6))).rejects.toMatchObject({ code: 'target/none' });
  });

  test('when it would take more than the environment allows', async () => {
    await expect(plan('{ service: payments-api, count: 4 }', members(6))).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message: '4 of 6 payments-api are more than the 50 % that environment demo allows (policy.maxPercent). Take fewer',
    });
  });

  test('when its faults together would take more than the environment allows', async () => {
    const asked = plan('{ service: payments-api, count: 2 }', members(6), { and: '{ service: payments-api, count: 2 }' });
    await expect(asked).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message: '4 of 6 payments-api are more than the 50 % that environment demo allows (policy.maxPercent). Take fewer',
    });
  });

  test('when faults before have taken what another wants', async () => {
    const all = '{ service: payments-api, count: 2, allowAll: true }';
    await expect(plan(all, members(2), { policy: 'allowAll: true', and: '{ service: payments-api }' })).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message:
        '1 of payments-api is wanted, and 0 of 2 are left: faults before it take the others, and no target has two faults. Ask for fewer',
    });
  });

  test.each([
    ['neither allows it', '{ service: payments-api, count: 2 }', 'maxPercent: 100'],
    ['only the experiment allows it', '{ service: payments-api, count: 2, allowAll: true }', 'maxPercent: 100'],
    ['only the environment allows it', '{ service: payments-api, count: 2 }', 'maxPercent: 100, allowAll: true'],
  ])('when it would take every member and %s', async (_, target, policy) => {
    await expect(plan(target, members(2), { policy })).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message:
        '2 of 2 payments-api would be every member. Take fewer, or write allowAll: true in the target and in the policy of environment demo',
    });
  });

  test('when it would hold its faults for too long', async () => {
    await expect(plan('{ service: payments-api }', members(6), { hold: '11m' })).rejects.toMatchObject({
      code: 'policy/denied',
    });
  });
});

test('every member may be taken when experiment and environment both say so', async () => {
  const target = '{ service: payments-api, count: 2, allowAll: true }';
  expect((await plan(target, members(2), { policy: 'allowAll: true' })).steps).toHaveLength(2);
});
