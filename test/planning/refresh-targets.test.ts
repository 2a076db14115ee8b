import { expect, test } from '@jest/globals';
import type { Plan, TargetRef } from '../../src/domain/plan/plan.ts';
import { planHash } from '../../src/planning/create-plan.ts';
import { refreshTargets } from '../../src/planning/refresh-targets.ts';
import { fakePlatform } from './fake-platform.ts';
import { planOf } from '../report/fixtures/plan.ts';

const replica = (n: number, uid: string): TargetRef => ({
  kind: 'process',
  service: 'payments-api',
  name: `payments-api-${n}`,
  uid,
  locator: { pid: Number(uid) },
});

function planned(...targets: TargetRef[]): Plan {
  const [step] = planOf().steps;
  const plan = { ...planOf(), steps: targets.map((target, index) => ({ ...step!, ordinal: index + 1, target })) };
  return { ...plan, hash: planHash(plan) };
}

const running = (...there: TargetRef[]) => fakePlatform(there);

test('a plan whose targets are still the same is the same plan, to its hash', async () => {
  const plan = planned(replica(1, '101'), replica(2, '102'));
  expect(await refreshTargets(plan, running(replica(1, '101'), replica(2, '102'), replica(3, '103')))).toEqual(plan);
});

test('a target that was restarted is followed by its name; nothing is chosen anew, and the hash says that it is another plan', async () => {
  const plan = planned(replica(2, '102'), replica(3, '103'));
  const fresh = await refreshTargets(plan, running(replica(1, '101'), replica(2, '102'), replica(3, '777')));

  expect(fresh).toEqual({ ...planned(replica(2, '102'), replica(3, '777')), hash: fresh.hash });
  expect(fresh.hash).toBe(planHash(fresh));
  expect(fresh.hash).not.toBe(plan.hash);
});

test('a target that is not there is told, not replaced by another', async () => {
  await expect(refreshTargets(planned(replica(2, '102')), running(replica(1, '101')))).rejects.toMatchObject({
    code: 'target/none',
    message: 'payments-api/payments-api-2 is planned as a target and is not there now in environment demo. Start it',
  });
});

test.each([
  [
    { kind: 'link', name: 'fraud', locator: { to: 'fraud-detector' } },
    { kind: 'link', to: 'fraud-detector' },
  ],
  [
    { kind: 'volume', name: 'audit', locator: {} },
    { kind: 'volume', volume: 'audit' },
  ],
  [
    { kind: 'postgres', name: 'payments', locator: {} },
    { kind: 'postgres', postgres: 'payments' },
  ],
  [
    { kind: 'redis', name: 'sessions', locator: {} },
    { kind: 'redis', redis: 'sessions' },
  ],
] as const)('a target of every kind is looked for as it was found: %j', async (known, selector) => {
  const target: TargetRef = { service: 'payments-api', uid: 'u', ...known };
  const asked: unknown[] = [];
  await refreshTargets(planned(target), { ...running(), resolve: async (given) => (asked.push(given), [target]) });
  expect(asked).toEqual([{ service: 'payments-api', ...selector }]);
});
