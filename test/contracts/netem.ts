import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Fault } from '../../src/faults/fault.ts';
import type { TestContext } from '../faults/context.ts';

/** A link of a pod on a kernel with netem, and a `network-latency` that is made there. */
export interface NetemSubject {
  readonly fault: Fault;
  readonly target: TargetRef;
  context(): TestContext;
  prepare(context: TestContext, params: JsonObject): Promise<JsonObject>;
}

/** In the kernel's words: the second one's first step. */
const refusals = {
  egress: /"tc qdisc add dev \S+ root handle .*" failed: Error: NLM_F_REPLACE needed to override/,
  ingress: /"tc qdisc add dev \S+ ingress_block \d+ ingress" failed: Error: Exclusivity flag on, cannot modify/,
};

/** What every kernel with netem makes true: the one of the fake, and a real one. */
export function netemContract(name: string, open: () => NetemSubject): void {
  describe.each([
    { direction: 'egress', waits: 1, refusal: refusals.egress },
    { direction: 'ingress', waits: 1, refusal: refusals.ingress },
    { direction: 'both', waits: 2, refusal: refusals.egress },
  ])(`netem, as ${name} does it, $direction`, ({ direction, waits, refusal }) => {
    let subject: NetemSubject;
    let context: TestContext;
    let params: JsonObject;
    let undo: JsonObject;
    beforeEach(async () => {
      subject = open();
      context = subject.context();
      params = subject.fault.params.parse({ delay: '300ms', engine: 'netem', direction });
      undo = await subject.prepare(context, params);
      await subject.fault.arm?.(context, subject.target, params, undo);
    });
    afterEach(async () => {
      await subject.fault.revert(context, subject.target, undo);
      await subject.fault.verifyReverted(context, subject.target, undo);
    });
    const verify = (given = undo) => subject.fault.verify(context, subject.target, params, given);

    test('armed, it delays nothing, and that is seen', async () => {
      expect(await verify()).toMatchObject({ present: false });
    });

    test('a delay is seen, and by how much', async () => {
      await subject.fault.inject(context, subject.target, params, undo);
      const { present, data } = await verify();
      expect({ present, data }).toMatchObject({ present: true, data: { engine: 'netem', via: 'connect' } });
      expect(data['elapsedMs']).toBeGreaterThanOrEqual(waits * 300);
      expect(data['waited']).toBeGreaterThanOrEqual(waits);
    });

    test('a delay is seen, whatever a busy moment made of the round trip before it', async () => {
      await subject.fault.inject(context, subject.target, params, undo);
      expect(await verify({ ...undo, baselineMs: 5000 })).toMatchObject({ present: true });
    });

    test('what was put there is gone after the revert, which may come twice', async () => {
      await subject.fault.inject(context, subject.target, params, undo);
      await subject.fault.revert(context, subject.target, undo);
      await subject.fault.revert(context, subject.target, undo);
      const gone = await subject.fault.verifyReverted(context, subject.target, undo);
      expect(gone).toMatchObject({ present: false, data: { restored: true, packets: null } });
      expect(await verify()).toMatchObject({ present: false });
    });

    test('a second one on the device is refused by the kernel, in its words, and its revert leaves the first', async () => {
      const second = subject.context();
      const refused = subject.fault.arm?.(second, subject.target, params, undo);
      await expect(refused).rejects.toThrow(refusal);
      await subject.fault.inject(context, subject.target, params, undo);
      await subject.fault.revert(second, subject.target, undo);
      await subject.fault.verifyReverted(second, subject.target, undo);
      expect(await verify()).toMatchObject({ present: true });
    });
  });
}
