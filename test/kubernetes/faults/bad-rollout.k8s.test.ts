import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import { badRollout } from '../../../src/faults/bad-rollout.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { isRolledOut, type RollingWorkload } from '../../../src/faults/shared/rollouts.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { answers, apps, isReady, openSandbox, type Sandbox } from './cluster.ts';
import { readWorkload, workloadTarget } from './workload.ts';

/** It waits for the controller's look, and may end before it. */
const revertsAgain = true;

describe.each([
  { kind: 'Deployment', replicas: 2, histories: 'replicasets' },
  { kind: 'StatefulSet', replicas: 2, histories: 'controllerrevisions' },
] as const)('of a $kind', ({ kind, replicas, histories }) => {
  const templateOf = async (sandbox: Sandbox): Promise<string> =>
    JSON.stringify((await readWorkload(sandbox, kind, 'web')).spec['template' as never]);
  const isThrough = async (sandbox: Sandbox): Promise<boolean> =>
    isRolledOut((await readWorkload(sandbox, kind, 'web')) as RollingWorkload);

  /** The workload's own account comes a little after its pods. */
  const rolledOut = async (sandbox: Sandbox): Promise<readonly Pod[]> => {
    const pods = await sandbox.deploy('web', { replicas, kind });
    await until('it is rolled out', () => isThrough(sandbox), 60_000);
    return pods;
  };

  faultContract('bad-rollout', async () => {
    const sandbox = await openSandbox();
    await rolledOut(sandbox);
    const before = await templateOf(sandbox);
    return {
      target: await workloadTarget(sandbox, kind, 'web'),
      params: { readinessPath: '/no-such-path' },
      lent: { cluster: sandbox.tools },
      patienceMs: 30_000,
      revertsAgain,
      broken: async () => (await templateOf(sandbox)) !== before,
      dispose: sandbox.dispose,
    };
  });

  test.each<[string, JsonObject, RegExp]>([
    ['an image that is not there', { image: 'firedrill.local/no-such-image:dev' }, /ErrImagePull|ImagePullBackOff/],
    ['a readiness path that does not answer', { readinessPath: '/no-such-path' }, /[1-9] pods.* 0 of them ready/],
    ['a command that ends at once', { command: ['false'] }, /Error|CrashLoopBackOff/],
    ['a liveness probe that fails', { liveness: 'fail', allowAll: true }, /Error|Completed|CrashLoopBackOff/],
    ['a variable with another value', { env: { name: 'MODE', value: 'bad' }, allowAll: true }, /[12] of them ready/],
    ['a variable that is missing', { env: { name: 'MODE', remove: true }, allowAll: true }, /[12] of them ready/],
  ])('%s is rolled out, told by the new pods, and rolled back', async (_what, given, told) => {
    const sandbox = await openSandbox();
    try {
      const old = await rolledOut(sandbox);
      const before = await templateOf(sandbox);
      const target = await workloadTarget(sandbox, kind, 'web');
      const act = await begin(badRollout, target, given, { cluster: sandbox.tools });
      const look = async (): Promise<string> => (await act.fault.verify(act.context, act.target, act.params, act.undo)).summary;
      await until('the new pods tell it', async () => told.test(await look()), 30_000);
      const toldMs = act.elapsedMs();
      if (given['allowAll'] !== true) {
        // A StatefulSet ends its last pod before it makes another of that name; a Deployment keeps what answers.
        const kept = kind === 'StatefulSet' ? old.slice(0, -1) : old;
        await until('the old pods still answer', async () => !(await Promise.all(kept.map(answers))).includes(false));
      }

      const reverted = await finish(act, { patienceMs: 40_000, revertsAgain });
      expect(await templateOf(sandbox)).toBe(before);
      expect(await isThrough(sandbox)).toBe(true);
      await until('two pods answer', async () => {
        const ready = (await sandbox.pods('web')).filter(isReady);
        return ready.length === replicas && !(await Promise.all(ready.map(answers))).includes(false);
      });
      const kept = await sandbox.api.list({ ...apps, resource: histories, namespace: sandbox.namespace });
      expect(kept.items).toHaveLength(1);
      console.log(`bad-rollout of a ${kind} ${JSON.stringify(given)}, ms:`, { ...act.times, toldMs, ...reverted.times });
    } finally {
      await sandbox.dispose();
    }
  });
});
