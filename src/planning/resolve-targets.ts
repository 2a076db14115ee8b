import { AppError } from '../domain/errors.ts';
import type { AgentKind, PlannedInjection, Surroundings, TargetKind, TargetRef } from '../domain/plan/plan.ts';
import { isMember, limitProblems, membersOf } from '../domain/plan/limits.ts';
import type { Selector } from '../domain/plan/selector.ts';
import type { Survey } from '../domain/plan/survey.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';
import type { Experiment } from '../spec/experiment.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';
import { chooseTargets } from './choose-targets.ts';
import { placeOf } from './place-of.ts';
import { surroundingsOf } from './surroundings.ts';

export interface Resolution {
  readonly environment: Pick<Environment, 'name' | 'policy' | 'services'> & PlatformOf;
  readonly platform: Platform;
  readonly faults: FaultRegistry;
  readonly seed: number;
  /** Of the faults before it: no target has two. */
  readonly taken: readonly PlannedInjection[];
}

type PlatformOf = Pick<Environment, 'platform'> & { readonly cluster?: { readonly namespace: string } };
type Step = Experiment['faults'][number];

export interface ResolvedStep {
  readonly injections: readonly PlannedInjection[];
  readonly surroundings: Omit<Surroundings, 'traffic'>;
  /** Names of all members that are there, targets or not. */
  readonly members: readonly TargetRef[];
}

/** One fault's injections: candidates, a seeded choice, and the limits. Errors: `target/none`, `plan/blast-radius`, `spec/invalid`. */
export async function resolveStep(wanted: Step, step: number, resolution: Resolution): Promise<ResolvedStep> {
  const { environment, platform, faults, taken } = resolution;
  const { fault, params, target } = wanted;
  const agent = agentFor(fault, environment, faults);
  const kinds = faults.targets(fault);
  const selector = selectorFor(target.selector, kinds);
  const place = placeOf(selector);
  const survey = reachableBy(agent, await platform.survey(selector));
  const stages = chooseTargets({ target, survey, place }, step, resolution);
  const chosen = stages.chosen.flat().map((candidate) => asKind(candidate.target, kinds));
  const disrupts = faults.disrupts(fault, params);
  const byHand = faults.byHand(fault, params);
  const allowed = {
    all: target.allowAll && environment.policy.allowAll,
    critical: target.allowCritical && environment.policy.allowCritical,
  };
  // Two services of an environment may be the same pods.
  const uids = new Set(survey.candidates.map((candidate) => candidate.target.uid));
  const before = survey.counts === 'members' ? taken.filter(({ target: other }) => isMember(other) && uids.has(other.uid)) : [];
  const impact = {
    what: place,
    environment: environment.name,
    targets: [...before.map((other) => other.target), ...chosen],
    disrupted: [...before.filter((other) => other.disrupts === true).map((other) => other.target), ...(disrupts ? chosen : [])],
    survey,
    allowed,
  };
  const problems = limitProblems(impact, environment.policy, environment.cluster?.namespace ?? null);
  if (problems.length > 0) throw new AppError('plan/blast-radius', problems.join('\n'));

  const of = Math.max(membersOf(survey), chosen.length);
  const selected = chosen.length;
  const percent = Math.round((selected / of) * 1000) / 10;
  const rule = `${selected} of ${of} ${place}${stages.how}`;
  const injections = stages.chosen.flatMap((candidates, index) =>
    candidates.map((candidate) => ({ stage: index + 1, ref: asKind(candidate.target, kinds) })),
  );
  return {
    injections: injections.map(({ stage, ref }, index) => ({
      step,
      ordinal: index + 1,
      stage,
      fault,
      agent,
      params,
      target: ref,
      ...(byHand === null ? {} : { byHand }),
      ...(disrupts ? { disrupts } : {}),
      ...(allowed.all || allowed.critical ? { allowed } : {}),
      selection: { selected, of, percent, rule },
    })),
    surroundings: surroundingsOf(step, survey, chosen),
    members: survey.candidates.map((candidate) => candidate.target),
  };
}

/** Errors: `spec/invalid`, `part/missing` when nobody can carry it out there. */
function agentFor(fault: string, { name, platform }: Resolution['environment'], faults: FaultRegistry): AgentKind {
  const agents = faults.agents(fault);
  const found = agents.find((agent) => (platform === 'host') === (agent === 'host'));
  if (found !== undefined) return found;
  const [where, there] = platform === 'host' ? ['a host', 'clusters'] : ['a cluster', 'hosts'];
  throw new AppError(
    'spec/invalid',
    `${fault} acts on ${there} only, and environment ${name} is ${where}. Choose another fault, or an environment of that platform`,
  );
}

/** A service alone means its members, or what makes them: as the fault acts. */
function selectorFor(selector: Selector, kinds: readonly TargetKind[]): Selector {
  const members: readonly TargetKind[] = ['process', 'pod', 'container'];
  const onMembers = kinds.some((kind) => members.includes(kind));
  if (selector.kind !== 'member' || onMembers || !kinds.includes('workload')) return selector;
  return { kind: 'workload', service: selector.service };
}

/** A container is found as its pod is, and lives in its locator. */
function asKind(target: TargetRef, kinds: readonly TargetKind[]): TargetRef {
  if (target.kind !== 'pod' || kinds.includes('pod') || !kinds.includes('container')) return target;
  return { ...target, kind: 'container' };
}

/** A node's agent enters a pod's namespaces: those of a pod in its node's network are everybody's. */
function reachableBy(agent: AgentKind, survey: Survey): Survey {
  if (agent !== 'node') return survey;
  const shared = survey.candidates.filter(({ target }) => target.locator['hostNetwork'] === true);
  if (shared.length === 0) return survey;
  const why = 'is in the network of its node (hostNetwork), where this fault would hit everything';
  return {
    ...survey,
    candidates: survey.candidates.filter((candidate) => !shared.includes(candidate)),
    aside: [...survey.aside, ...shared.map(({ target: { name } }) => ({ name, why }))],
  };
}
