import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { winLeadership } from '../../../src/adapters/kubernetes/leader-lease.ts';
import type { Term } from '../../../src/adapters/kubernetes/leader-lease.ts';
import { whileLeading } from '../../../src/adapters/kubernetes/term-api.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const lease = { leaseMs: 600, marginMs: 200, renewEveryMs: 100, othersFirstMs: 1_200 };
/** Where nothing may lapse, however busy the machine is. */
const longLease = { ...lease, leaseMs: 6_000, marginMs: 500 };
const log = { info: () => {}, warn: () => {}, error: () => {} };
const fit = async (): Promise<boolean> => true;

let fake: FakeKubeApi;
let api: KubeApi;
let stopped: AbortController;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  stopped = new AbortController();
});
afterEach(async () => {
  stopped.abort();
  api.close();
  await fake.close();
});

const win = (holder: string, times = lease): Promise<Term | null> =>
  winLeadership({ api, namespace: 'drills', name: 'leader', holder, clock: systemClock, log, fit, lease: times }, stopped.signal);
const won = async (holder: string, times = lease): Promise<Term> => (await win(holder, times))!;

describe('the lease of the leader', () => {
  test('is held by one, for as long as it renews', async () => {
    const first = await won('a', longLease);
    let second: Term | null = null;
    const other = win('b', longLease).then((term) => (second = term));
    const began = performance.now();
    await until(
      () => performance.now() - began,
      (passed) => passed > 1.2 * longLease.leaseMs,
    );
    expect(second).toBeNull();
    expect(first.lost.aborted).toBe(false);
    await first.resign();
    await (await other)!.resign();
  });

  test('passes at once from one that resigns', async () => {
    const first = await won('a', longLease);
    await first.resign();
    const began = performance.now();
    const second = await won('b', longLease);
    expect(performance.now() - began).toBeLessThan(longLease.leaseMs - longLease.marginMs);
    expect(first.lost.aborted).toBe(true);
    await second.resign();
  });

  test('is given up by one that cannot renew it, before another can have it', async () => {
    const first = await won('a');
    const lostAt = new Promise<number>((resolve) =>
      first.lost.addEventListener('abort', () => resolve(performance.now()), { once: true }),
    );
    const own = createKubeApi(fake.access);
    fake.intercept(({ method }) => (method === 'PATCH' ? { status: 500 } : null));
    const other = winLeadership(
      { api: own, namespace: 'drills', name: 'leader', holder: 'b', clock: systemClock, log, fit, lease },
      stopped.signal,
    );
    const lost = await lostAt;
    fake.intercept(() => null);
    const second = (await other)!;
    expect(performance.now()).toBeGreaterThan(lost);
    await second.resign();
    own.close();
  });

  test('is given up at its end by one that is not about to renew it', async () => {
    const rare = { ...lease, renewEveryMs: 30_000 };
    const options = { api, namespace: 'drills', name: 'leader', holder: 'a', clock: systemClock, log, fit, lease: rare };
    const term = (await winLeadership(options, stopped.signal))!;
    await until(
      () => term.lost.aborted,
      (aborted) => aborted,
      5_000,
    );
  });

  test('is lost by one that finds another in it, and is taken up again by the next life of its holder', async () => {
    const first = await won('a');
    const path = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace: 'drills' };
    await api.patch(path, 'leader', { type: 'merge', body: { spec: { holderIdentity: 'b' } } });
    await until(
      () => first.lost.aborted,
      (aborted) => aborted,
    );
    const again = await won('b');
    expect(again.lost.aborted).toBe(false);
    await again.resign();
  });

  test("that somebody took away is nobody else's before the one who led must know of it", async () => {
    const slow = { ...lease, renewEveryMs: 250 };
    const options = { api, namespace: 'drills', name: 'leader', clock: systemClock, log, fit, lease: slow };
    const first = (await winLeadership({ ...options, holder: 'a' }, stopped.signal))!;
    const reads = (): number => fake.requests.filter(({ method }) => method === 'GET').length;
    const before = reads();
    const other = winLeadership({ ...options, holder: 'b', lease: { ...slow, renewEveryMs: 20 } }, stopped.signal);
    await until(reads, (count) => count > before);
    fake.objects.delete('/apis/coordination.k8s.io/v1/namespaces/drills/leases', 'leader', undefined);
    const second = (await other)!;
    expect(first.lost.aborted).toBe(true);
    await second.resign();
  });

  test('is renewed in time while hundreds of other changes wait for a server that is slow to take them', async () => {
    // Over before the others are given up.
    const lasting = { ...longLease, leaseMs: 3_000 };
    const term = await won('a', lasting);
    fake.stall(({ path }) => path.endsWith('/slow'));
    const slow = { group: '', version: 'v1', resource: 'configmaps', namespace: 'drills' };
    const burst = Array.from({ length: 200 }, () => api.patch(slow, 'slow', { type: 'merge', body: {} }));
    const waiting = (): number => fake.requests.filter(({ path }) => path.endsWith('/slow')).length;
    await until(waiting, (count) => count >= 8);
    const began = performance.now();
    await until(
      () => performance.now() - began,
      (passed) => passed > 1.2 * lasting.leaseMs,
    );
    expect(term.lost.aborted).toBe(false);
    fake.thaw();
    await Promise.all(burst);
    await term.resign();
  });

  describe('when one lacks what a leader needs', () => {
    const patient = { ...lease, othersFirstMs: 10_000 };
    const stand = (holder: string, isFit: () => boolean, times = lease): Promise<Term | null> =>
      winLeadership(
        { api, namespace: 'drills', name: 'leader', holder, clock: systemClock, log, fit: async () => isFit(), lease: times },
        stopped.signal,
      );

    test('goes to the other, also where a former life of the one had it', async () => {
      const former = await won('a');
      fake.intercept(({ method }) => (method === 'PATCH' ? { status: 500 } : null));
      await until(
        () => former.lost.aborted,
        (aborted) => aborted,
      );
      fake.intercept(() => null);
      let unfit: Term | null = null;
      void stand('a', () => false, patient).then((term) => (unfit = term));
      const second = await won('b');
      expect(unfit).toBeNull();
      await second.resign();
    });

    test('goes to the one as soon as it has it', async () => {
      let has = false;
      const began = performance.now();
      const first = stand('a', () => has, patient);
      await until(
        () => performance.now() - began,
        (passed) => passed > lease.leaseMs / 2,
      );
      has = true;
      const term = (await first)!;
      expect(performance.now() - began).toBeLessThan(patient.othersFirstMs);
      await term.resign();
    });

    test('goes to the one all the same, later than any other could have taken it: some things are taken back without', async () => {
      const began = performance.now();
      const term = (await stand('a', () => false))!;
      expect(performance.now() - began).toBeGreaterThanOrEqual(lease.othersFirstMs);
      await term.resign();
    });
  });

  test('is over by the clock: what a pause has kept waiting asks nothing more, though no timer could tell yet', async () => {
    let aheadMs = 0;
    const clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + aheadMs };
    const options = { api, namespace: 'drills', name: 'leader', holder: 'a', clock, log, fit, lease: longLease };
    const term = (await winLeadership(options, stopped.signal))!;
    const led = whileLeading(api, term);
    const settings = { group: '', version: 'v1', resource: 'configmaps', namespace: 'drills' };
    expect(await led.get(settings, 'settings')).toBeNull();
    const before = fake.requests.length;
    aheadMs = longLease.leaseMs;
    expect(term.lost.aborted).toBe(false);
    await expect(led.patch(settings, 'settings', { type: 'merge', body: {} })).rejects.toThrow();
    expect(fake.requests.length).toBe(before);
    expect(term.lost.aborted).toBe(true);
  });

  test('is not waited for by one that is asked to end', async () => {
    const first = await won('a');
    const other = win('b');
    stopped.abort();
    expect(await other).toBeNull();
    await first.resign();
  });
});
