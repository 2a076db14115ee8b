import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { podKill } from '../../../src/faults/pod-kill.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { answers, core, isReady, openSandbox, podTarget, type Sandbox } from './cluster.ts';

async function subject(params: Subject['params']): Promise<Subject> {
  const sandbox = await openSandbox();
  const [pod] = await sandbox.deploy('web', { replicas: 1 });
  if (pod === undefined) throw new Error('no pod was made');
  const { namespace, name, uid } = { namespace: sandbox.namespace, ...pod.metadata };
  return {
    target: podTarget(pod),
    params,
    lent: { cluster: sandbox.tools },
    async broken() {
      const now = await sandbox.api.get({ ...core, resource: 'pods', namespace }, name);
      return now === null || now.metadata.uid !== uid || now.metadata.deletionTimestamp !== undefined;
    },
    dispose: sandbox.dispose,
  };
}

faultContract('pod-kill', () => subject({ mode: 'forced' }));
faultContract('pod-kill', () => subject({ every: '2s', times: 2 }));

describe('pod-kill on a real cluster', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
  });
  afterEach(() => sandbox.dispose());

  test.each(['graceful', 'forced'] as const)('a %s kill is felt from outside, and another pod takes over', async (mode) => {
    const [pod] = await sandbox.deploy('web', { replicas: 1 });
    if (pod === undefined) throw new Error('no pod was made');
    const context = createContext(`felt-${mode}-1-1`, {}, { cluster: sandbox.tools });
    const target = podTarget(pod);
    const params = podKill.params.parse({ mode });
    expect(await answers(pod)).toBe(true);
    const undo = await podKill.prepare(context, target, params);

    const startedAt = performance.now();
    const elapsed = (): number => Math.round(performance.now() - startedAt);
    await podKill.inject(context, target, params, undo);
    const deletedMs = elapsed();
    const evidence = await podKill.verify(context, target, params, undo);
    const verifiedMs = elapsed();
    expect(evidence).toMatchObject({ present: true, data: { uid: pod.metadata.uid } });
    await until('it answers no more', async () => !(await answers(pod)), 60_000);
    const silentMs = elapsed();
    await until('another one is ready', async () => (await sandbox.pods('web')).some((now) => isReady(now)), 30_000);
    const [replacement] = (await sandbox.pods('web')).filter(isReady);
    expect(replacement?.metadata.uid).not.toBe(pod.metadata.uid);
    await until('it answers', () => (replacement === undefined ? false : answers(replacement)));
    console.log(`pod-kill ${mode}, ms since asked:`, { deletedMs, verifiedMs, silentMs, replacedMs: elapsed() });
  });

  test('a pod of a StatefulSet, whose replacement has its name, is killed again as another', async () => {
    await sandbox.deploy('web', { replicas: 2, kind: 'StatefulSet' });
    const [pod] = await sandbox.pods('web');
    if (pod === undefined) throw new Error('no pod was made');
    const context = createContext('stateful-1-1', {}, { cluster: sandbox.tools });
    const target = podTarget(pod);
    const params = podKill.params.parse({ mode: 'forced', every: '2s', times: 2 });
    const undo = await podKill.prepare(context, target, params);
    await podKill.inject(context, target, params, undo);
    await until(
      'it is killed again',
      async () => {
        await podKill.adjust?.(context, target, params, undo);
        return context.journaled.length > 0;
      },
      30_000,
    );
    const [{ last }] = context.journaled as [{ last: { name: string; uid: string } }];
    expect(last.name).toBe(pod.metadata.name);
    expect(last.uid).not.toBe(pod.metadata.uid);
    await podKill.revert(context, target, undo);
  });
});
