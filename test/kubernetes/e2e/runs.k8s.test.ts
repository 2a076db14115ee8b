import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { isCorrupt } from '../../../src/ports/injections.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { programDirectory } from '../../../lab/kubernetes/layout.ts';
import { eventually } from '../../lab/eventually.ts';
import { inject } from '../agents/injected.ts';
import { labApi } from '../drill-namespace.ts';
import { runIdIn, startClusterStack } from './cluster-stack.ts';
import type { ClusterStack } from './cluster-stack.ts';
import { delayMs, slowCalls } from './experiment.ts';
import { becomesFast, isSlow, startSlowPod } from './slow-pod.ts';

const limitMs = 180_000;
let stack: ClusterStack;

beforeAll(async () => {
  stack = await startClusterStack('runs');
}, 300_000);

afterAll(() => stack?.stop(), 300_000);

afterEach(() => stack.isIdle(), limitMs);

describe('a run in a cluster', () => {
  test(
    'kills a pod, sees another come, and holds',
    async () => {
      const before = await stack.shop.pods();

      const ended = await stack
        .startRun({
          name: 'kill',
          fault: 'pod-kill',
          target: { service: 'web', count: 1 },
          params: { mode: 'forced' },
          hold: '5s',
        })
        .ended();

      expect(ended).toMatchObject({ code: 0 });
      const { outcome, injections } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
      expect(injections.map(({ status }) => status?.phase)).toEqual(['spent']);
      expect(before.map(({ uid }) => uid)).toContain(injections[0]?.spec.target.uid);
      await eventually(async () => {
        const uids = (await stack.shop.pods()).map(({ uid }) => uid);
        expect(uids).not.toContain(injections[0]?.spec.target.uid);
        expect(uids).toHaveLength(before.length);
      }, 60_000);
    },
    limitMs,
  );

  test(
    'makes one pod slow and then a second, as the stages say, and neither when it is over; its record and report are complete',
    async () => {
      const run = stack.startRun(slowCalls({ target: { service: 'web', to: 'callee', stages: [1, 2] }, hold: '8s' }));
      await run.shows('stage 1 released');
      const [first, second] = await stack.victimsOf(run);
      await run.shows('holding for');
      expect(await Promise.all([first!, second!].map((pod) => isSlow(stack.shop, pod)))).toEqual([true, true]);
      const ended = await run.ended();
      await Promise.all([first!, second!].map((pod) => becomesFast(stack.shop, pod)));

      expect(ended).toMatchObject({ code: 0 });
      const record = stack.recordOf(ended);
      expect(record.outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
      expect(record.injections.map(({ spec, status }) => [spec.stage, status?.phase, status?.cause])).toEqual([
        [1, 'reverted', 'asked'],
        [2, 'reverted', 'asked'],
      ]);
      const [one, two] = record.injections;
      expect(Date.parse(one!.status!.verifiedAt!)).toBeLessThan(Date.parse(two!.status!.activeAt!));
      for (const { status } of record.injections) expect(status).toMatchObject({ revertVerifiedAt: expect.any(String) });
      expect(record.clocks.t0).not.toBeNull();
      for (const file of ['report.html', 'report.md', 'plan.yaml', 'timeline.jsonl', 'MANIFEST.sha256']) {
        expect({ file, there: existsSync(join(stack.archiveOf(ended), file)) }).toEqual({ file, there: true });
      }
      expect((await stack.run('status')).stdout).toContain('broken on purpose right now: nothing');
      await eventually(
        async () => expect(await kubectl('-n', stack.nodesNamespace, 'get', 'pods', '-o', 'name')).toBe(''),
        60_000,
      );
    },
    limitMs,
  );

  test(
    'takes what came last back first, when it was told to go in turn',
    async () => {
      const target = { service: 'web', to: 'callee', stages: [1, 2] };
      const run = stack.startRun(slowCalls({ name: 'in-turn', target, order: 'in-turn', hold: '2s' }));
      await run.shows('stage 2 is taken back');
      const ended = await run.ended();

      expect(ended).toMatchObject({ code: 0 });
      const { outcome, injections } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ ending: 'completed', cleanup: 'clean' });
      const [first, second] = injections.map(({ status }) => status!);
      expect([first?.cause, second?.cause]).toEqual(['asked', 'asked']);
      expect(Date.parse(first!.revertStartedAt!)).toBeGreaterThan(Date.parse(second!.revertStartedAt!));
      const taken = (status: typeof first): string => `${status!.revertStartedAt} to ${status!.revertVerifiedAt}`;
      console.log('taken back:', { second: taken(second), first: taken(first) });
      for (const pod of await stack.shop.pods()) await becomesFast(stack.shop, pod);
    },
    limitMs,
  );

  test(
    'by hand is asked for, held and asked back, and its clocks say whose word they are',
    async () => {
      const run = stack.startRun({
        name: 'by-hand',
        fault: 'manual',
        target: { service: 'web', count: 1 },
        params: { instruction: 'Pull the cable', revertInstruction: 'Plug it in', within: '1m' },
        hold: '2s',
      });
      const confirm = async (word: string, by: string): Promise<void> => {
        const { code, stderr } = await stack.run('confirm', runIdIn(run.text()), word, '--as', by);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      };
      await run.shows('do "Pull the cable"');
      await confirm('injected', 'ann');
      await run.shows('do "Plug it in"');
      await confirm('reverted', 'bob');
      const ended = await run.ended();

      expect(ended).toMatchObject({ code: 0 });
      const { outcome, clocks } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
      expect([clocks.t0?.source, clocks.reverted?.source]).toEqual(['person ann', 'person bob']);
    },
    limitMs,
  );

  test(
    'is aborted when Prometheus says that its customers suffer, and they do no longer',
    async () => {
      const run = stack.startRun(slowCalls({ name: 'unbearable', bearable: delayMs }));
      await run.shows('stage 1 released');
      const [victim] = await stack.victimsOf(run);
      const ended = await run.ended();
      await becomesFast(stack.shop, victim!);

      expect(ended.code).toBe(6);
      expect(stack.recordOf(ended).outcome).toMatchObject({
        ending: 'aborted',
        cleanup: 'clean',
        abortedBy: { kind: 'probe', name: 'calls' },
      });
    },
    limitMs,
  );

  test(
    'keeps everybody else out, and is ended by Ctrl-C, which waits for the verified revert',
    async () => {
      const { run, victim } = await startSlowPod(stack, { name: 'interrupted' });
      const runId = runIdIn(run.text());

      const second = await stack.startRun(slowCalls({ name: 'second' })).ended();
      expect(second.code).toBe(3);
      expect(second.stderr).toContain(runId);

      // Somebody who does not ask the worker either.
      const api = await labApi();
      const { namespace } = stack;
      const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
      const held = (await store.readSpecs()).find((spec) => !isCorrupt(spec) && spec.runId === runId);
      if (held === undefined || isCorrupt(held)) throw new Error(`no injection of ${runId}`);
      const intruder = await inject(store, {
        fault: 'network-latency',
        agent: 'node',
        target: held.target,
        params: { delay: '100ms', connections: 'keep' },
        environment: namespace,
      });
      const refused = await intruder.ends();
      expect(refused).toMatchObject({ phase: 'refused', error: { code: 'claim/taken' } });
      expect(refused.error?.message).toContain(held.id);
      store.close();
      api.close();
      expect(await isSlow(stack.shop, victim)).toBe(true);

      run.signal('SIGINT');
      const ended = await run.ended();
      await becomesFast(stack.shop, victim);
      expect(ended.code).toBe(6);
      expect(run.text()).toContain('waiting for the verified revert');
      expect(run.text()).toContain('every fault is gone, read back');
    },
    limitMs,
  );

  test(
    'is reverted by the one line of kubectl that its plan prints, and nothing starts until the halt is lifted',
    async () => {
      const { run, victim } = await startSlowPod(stack, { name: 'halted' });
      const { stdout: plan } = await stack.plan(slowCalls());
      const line = /^ *(kubectl .* create configmap firedrill-halt)$/m.exec(plan)?.[1];
      expect(line).toBeDefined();

      await promisify(execFile)('sh', ['-c', line!], {
        env: { ...process.env, PATH: `${programDirectory()}:${process.env['PATH']}` },
      });
      const ended = await run.ended();
      await becomesFast(stack.shop, victim);
      const refused = await stack.startRun(slowCalls({ name: 'too-soon' })).ended();
      await stack.run('halt', '--lift');

      expect(ended.code).toBe(6);
      expect(ended.stdout).toContain('cause: halt');
      expect(refused.code).toBe(3);
      expect(refused.stdout).toContain('halt-not-thrown');
    },
    limitMs,
  );

  test.each<[string, boolean]>([
    ['is reverted when its injection is deleted with kubectl, which returns when nothing is left of it', false],
    ['is reverted when its injection is taken away by force, finalizer and all', true],
  ])(
    '%s',
    async (_what, byForce) => {
      const { run, victim } = await startSlowPod(stack, { name: byForce ? 'forced' : 'deleted' });
      const record = ['-n', stack.namespace, 'injection', `${runIdIn(run.text())}-1-1`];

      if (byForce) {
        await kubectl('delete', ...record, '--wait=false', '--force', '--grace-period=0');
        await kubectl('patch', ...record, '--type=merge', '-p', '{"metadata":{"finalizers":null}}').catch(() => '');
      } else {
        await kubectl('delete', ...record, '--timeout=60s');
        await becomesFast(stack.shop, victim);
      }
      const ended = await run.ended();
      await becomesFast(stack.shop, victim);

      expect(ended.code).toBe(6);
      expect(stack.recordOf(ended).outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
    },
    limitMs,
  );
});
