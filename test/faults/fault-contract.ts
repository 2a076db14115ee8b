import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { createNodeTools } from '../../src/adapters/node/tools.ts';
import { effectOf, type AgentPolicy, type Fault, type FaultContext } from '../../src/faults/fault.ts';
import { faultByName } from '../../src/faults/index.ts';
import type { Order } from './agent-process.ts';
import { createContext, type TestContext } from './context.ts';
import { startAgent } from './start-agent.ts';
import { untilGone } from './until-gone.ts';
import { until } from './until.ts';

/** A real thing to break. */
export interface Subject {
  readonly target: TargetRef;
  readonly params: JsonObject;
  readonly policy?: Partial<AgentPolicy>;
  /** What its agent has besides a host's tools. */
  readonly lent?: Partial<Pick<FaultContext, 'cluster' | 'node' | 'confirmation'>>;
  /** The node whose agent it is, and that node's first process. */
  readonly place?: { readonly node: string; readonly firstPid: number };
  /** Where its calls are made elsewhere than in this process. */
  readonly fault?: Fault;
  /** How long an effect may take to come or to go, where it is not at once. */
  readonly patienceMs?: number;
  /** Its revert waits for somebody else, and may end before it is done: an agent then reverts again. */
  readonly revertsAgain?: true;
  /** Whether the effect is there, seen without the fault's help. */
  broken(): Promise<boolean>;
  dispose(): Promise<void>;
}

let lastId = 0;

/** What every fault must do, against a real subject that is made anew for each test. */
export function faultContract(name: string, createSubject: () => Promise<Subject>): void {
  describe(`the fault contract, kept by ${name}`, () => {
    let fault = faultByName(name) as Fault;
    let subject: Subject;
    let lent: Subject['lent'];
    let context: TestContext;
    let params: JsonObject;
    let effect: string;
    let undo: JsonObject | null;

    beforeEach(async () => {
      subject = await createSubject();
      const { place } = subject;
      fault = subject.fault ?? fault;
      lent = {
        ...subject.lent,
        ...(place === undefined ? {} : { node: createNodeTools(place.node, place.firstPid, readConfig().programs) }),
      };
      context = createContext(`contract-${process.pid}-${(lastId += 1)}`, subject.policy, lent);
      params = fault.params.parse(subject.params);
      effect = effectOf(fault, params);
      undo = null;
    });
    afterEach(async () => {
      if (undo !== null) await fault.revert(context, subject.target, undo);
      await subject.dispose();
    });

    const prepare = async (): Promise<JsonObject> =>
      (undo = JSON.parse(JSON.stringify(await fault.prepare(context, subject.target, params))) as JsonObject);
    /** The undo as it is afterwards: what is journaled on the way becomes a part of it. */
    const inject = async (given: JsonObject): Promise<JsonObject> => {
      await fault.arm?.(context, subject.target, params, given);
      await fault.inject(context, subject.target, params, given);
      return (undo = JSON.parse(JSON.stringify(Object.assign({}, given, ...context.journaled))) as JsonObject);
    };
    const verified = async (given: JsonObject): Promise<boolean> =>
      (await fault.verify(context, subject.target, params, given)).present;
    const left = (given: JsonObject, by = context) => fault.verifyReverted(by, subject.target, given);
    const revert = (given: JsonObject, by = context): Promise<void> => fault.revert(by, subject.target, given);
    const becomesGone = (given: JsonObject, by = context): Promise<unknown> =>
      untilGone(() => left(given, by), subject.revertsAgain === true ? () => revert(given, by) : null, subject.patienceMs);

    const becomes = (what: string, holds: () => Promise<boolean>): Promise<void> => until(what, holds, subject.patienceMs);

    test('unknown parameters are refused', () => {
      expect(() => fault.params.parse({ ...subject.params, surprise: 1 })).toThrow(/surprise/);
    });

    test('preparing changes nothing, however often', async () => {
      const before = await prepare();
      expect(await verified(before)).toBe(false);
      await prepare();
      expect(await subject.broken()).toBe(false);
    });

    test('injecting has an effect that verify sees and that is really there', async () => {
      const given = await inject(await prepare());
      await becomes('verify sees the effect', () => verified(given));
      expect(await subject.broken()).toBe(true);
    });

    test('reverting twice, from an undo that went through JSON, leaves nothing', async () => {
      const given = await inject(await prepare());
      await becomes('verify sees the effect', () => verified(given));
      await revert(given);
      await revert(given);
      await becomesGone(given);
      if (effect === 'held') expect(await subject.broken()).toBe(false);
    });

    test('reverting without an injection is harmless', async () => {
      const given = await prepare();
      await revert(given);
      expect((await left(given)).present).toBe(false);
      expect(await subject.broken()).toBe(false);
    });

    test('a stopped injection changes nothing', async () => {
      const given = await prepare();
      context.abort();
      await inject(given).catch(() => {});
      expect(await subject.broken()).toBe(false);
    });

    test('an effect that lives in a process ends when its agent is killed', async () => {
      if (effect !== 'held' || subject.fault !== undefined) return;
      // What is left without an effect is for a successor to take away: here, for the end of the test.
      const undo = await prepare();
      if ((fault.lifetimeFor?.(undo) ?? fault.lifetime) !== 'process') return;
      const order: Order = {
        fault: name,
        injectionId: context.injectionId,
        target: subject.target,
        params: subject.params,
        policy: subject.policy ?? {},
        ...(subject.place === undefined ? {} : { place: subject.place }),
      };
      const agent = await startAgent(order);
      try {
        await becomes('the effect is there', () => subject.broken());
      } finally {
        agent.kill('SIGKILL');
      }
      await until('the effect ends by itself', async () => !(await subject.broken()), 5000);
    });

    test('another agent can revert what a killed one left', async () => {
      if (effect !== 'held') return;
      const given = await inject(await prepare());
      const successor = createContext(context.injectionId, subject.policy, lent);
      await revert(given, successor);
      await becomesGone(given, successor);
      expect(await subject.broken()).toBe(false);
    });
  });
}
