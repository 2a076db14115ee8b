import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { dnsFailure } from '../../../src/faults/dns-failure.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { quickestMs, startPodLink, type LocalPodLink } from './pod-link.ts';

process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';

const nameIn = ({ namespace }: Sandbox): string => `callee.${namespace}.svc.cluster.local`;
const podOf = ({ target, caller }: LocalPodLink): TargetRef => ({
  ...target,
  kind: 'pod',
  name: caller.pod,
  uid: caller.target.uid,
});

let sandbox: Sandbox;
let link: LocalPodLink;
beforeAll(async () => {
  sandbox = await openSandbox();
  link = await startPodLink(sandbox);
});
afterAll(() => sandbox.dispose());

faultContract('dns-failure', async () => ({
  target: podOf(link),
  params: { answer: 'nxdomain', names: [nameIn(sandbox)] },
  place: link.caller.place,
  broken: async () => (await link.resolve(nameIn(sandbox))).error === 'ENOTFOUND',
  dispose: async () => {},
}));

describe('dns-failure in a pod', () => {
  test.each([
    { answer: 'nxdomain', error: 'ENOTFOUND', leastMs: 0 },
    { answer: 'servfail', error: 'EAI_AGAIN', leastMs: 0 },
    { answer: 'timeout', error: 'EAI_AGAIN', leastMs: 5000 },
    { answer: 'latency', delay: '700ms', error: undefined, leastMs: 700 },
  ])('$answer is what the pod meets for the name, and for no other', async ({ answer, delay, error, leastMs }) => {
    const context = createContext(`dns-${process.pid}-${answer}`, {}, { node: link.caller.node });
    const before = link.state();
    const name = nameIn(sandbox);
    const params = dnsFailure.params.parse({ answer, names: [name], ...(delay === undefined ? {} : { delay }) });
    const undo = await dnsFailure.prepare(context, podOf(link), params);
    expect(undo.before.outcome).toBe('answered');
    await dnsFailure.arm?.(context, podOf(link), params, undo);
    await dnsFailure.inject(context, podOf(link), params, undo);
    const seen = await dnsFailure.verify(context, podOf(link), params, undo);
    expect(seen.present).toBe(true);
    const [met, other] = await Promise.all([link.resolve(name), link.resolve('kubernetes.default.svc.cluster.local')]);
    expect(met.error).toBe(error);
    expect(met.ms).toBeGreaterThanOrEqual(leastMs);
    expect(other.addresses).toEqual(['10.96.0.1']);
    expect(await quickestMs(link)).toBeLessThan(900);
    const askedAt = performance.now();
    await dnsFailure.revert(context, podOf(link), undo);
    const revertMs = performance.now() - askedAt;
    const after = await link.resolve(name);
    expect(after.addresses).toHaveLength(1);
    expect(link.state()).toBe(before);
    expect((await dnsFailure.verifyReverted(context, podOf(link), undo)).present).toBe(false);
    console.log(`dns-failure ${answer}:`, seen.summary, JSON.stringify({ met, after, revertMs }));
  });
});
