import type { InjectionSpec } from '../domain/injection/records.ts';
import type { FaultTraits, RecordError } from '../domain/injection/state.ts';
import type { JsonObject } from '../domain/json.ts';
import { messageOf } from '../domain/errors.ts';
import { effectOf } from '../faults/fault.ts';
import type { Fault } from '../faults/fault.ts';
import { deniedInCluster } from './cluster-policy.ts';
import type { AgentDependencies } from './dependencies.ts';

export type Admission =
  | { readonly admitted: true; readonly fault: Fault; readonly params: JsonObject; readonly traits: FaultTraits }
  | { readonly admitted: false; readonly error: RecordError };

/** Whether this agent's policy and faults allow an injection, whoever asks for it. */
export function admit(spec: InjectionSpec, deps: Pick<AgentDependencies, 'faults' | 'policy' | 'clock' | 'kind'>): Admission {
  const fault = deps.faults.find((fault) => fault.name === spec.fault);
  if (fault === undefined) return refused('policy/denied', `this agent has no fault "${spec.fault}"`);
  const denied = deniedBy(spec, fault, deps);
  if (denied !== null)
    return refused('policy/denied', `Injection "${spec.id}" is refused: ${denied}. Change the plan or the policy`);
  const parsed = fault.params.safeParse(spec.params);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return refused('spec/invalid', `Parameters of ${spec.fault} in "${spec.id}" are wrong: ${problems.join('; ')}`);
  }
  try {
    const claims = fault.claims(spec.target, parsed.data);
    const traits = {
      effect: effectOf(fault, parsed.data),
      arms: fault.arm !== undefined,
      holds: fault.hold !== undefined,
      adjusts: fault.adjust !== undefined,
      claims,
    };
    return { admitted: true, fault, params: parsed.data, traits };
  } catch (error) {
    return refused('spec/invalid', `Target of ${spec.fault} in "${spec.id}" cannot be claimed: ${messageOf(error)}`);
  }
}

function deniedBy(
  spec: InjectionSpec,
  fault: Fault,
  { policy, clock, kind }: Pick<AgentDependencies, 'policy' | 'clock' | 'kind'>,
): string | null {
  const asked = spec.agent ?? 'host';
  const { min, max } = policy.leaseSeconds;
  const remaining = (Date.parse(spec.deadline) - clock.now()) / 1000;
  if (policy.closedFor !== undefined) return `this agent takes nothing without its policy: ${policy.closedFor}`;
  if (asked !== kind || !fault.agents.includes(kind)) return `${spec.fault} for the ${asked} agent came to the ${kind} agent`;
  if (spec.environment !== policy.environment) return `it is for environment "${spec.environment}", not "${policy.environment}"`;
  if (!policy.allowFaults.includes(spec.fault)) return `fault "${spec.fault}" is not allowed here`;
  if (!fault.targets.includes(spec.target.kind)) return `${spec.fault} does not act on a ${spec.target.kind}`;
  if (spec.leaseSeconds < min || spec.leaseSeconds > max)
    return `its lease of ${spec.leaseSeconds} s is not within ${min} to ${max} s`;
  if (remaining <= 0) return `its deadline ${spec.deadline} has passed`;
  if (remaining > policy.maxDurationSeconds) return `it may last more than ${policy.maxDurationSeconds} s`;
  if (kind !== 'host') return deniedInCluster(spec.target, policy);
  return policy.allowServices.includes(spec.target.service) ? null : `service "${spec.target.service}" is not allowed here`;
}

function refused(code: RecordError['code'], message: string): Admission {
  return { admitted: false, error: { code, message } };
}
