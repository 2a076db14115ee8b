import { readConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { createNodeTools } from '../../src/adapters/node/tools.ts';
import type { AgentPolicy } from '../../src/faults/fault.ts';
import { faultByName } from '../../src/faults/index.ts';
import { createContext } from './context.ts';

export interface Order {
  readonly fault: string;
  readonly injectionId: string;
  readonly target: TargetRef;
  readonly params: JsonObject;
  readonly policy: Partial<AgentPolicy>;
  /** The node whose agent it is, and that node's first process. */
  readonly place?: { readonly node: string; readonly firstPid: number };
}

// A process that injects and then only lives, so that a test can kill it as an agent would be killed.
const order = JSON.parse(process.argv[2] ?? '') as Order;
const fault = faultByName(order.fault);
if (fault === undefined) throw new Error(`no fault ${order.fault}`);
const { place } = order;
const lent = place === undefined ? {} : { node: createNodeTools(place.node, place.firstPid, readConfig().programs) };
const context = createContext(order.injectionId, order.policy, lent);
const params = fault.params.parse(order.params);
const undo = await fault.prepare(context, order.target, params);
await fault.arm?.(context, order.target, params, undo);
await fault.inject(context, order.target, params, undo);
process.stdout.write('injected\n');
setInterval(() => {}, 1000);
