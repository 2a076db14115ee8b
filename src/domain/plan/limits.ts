import type { TargetRef } from './plan.ts';
import { isProtectedNamespace } from './protected-namespaces.ts';
import type { DisruptionBudget, Neighbour, Survey } from './survey.ts';

/** How much of a service may be broken at once; of an environment, and then of each plan in it. */
export interface Limits {
  /** Of the members that should be there, above 0 up to 100. */
  readonly maxPercent: number;
  /** null: only the share counts. */
  readonly maxCount: number | null;
  /** Members that stay well, at least 1. */
  readonly minHealthy: number;
  readonly maxPerNode: number | null;
  readonly maxPerZone: number | null;
}

/** What a fault, or the faults on one service together, would break; and what is known of the place. */
export interface Impact {
  /** As messages say it: `payments-api`. */
  readonly what: string;
  readonly environment: string;
  /** Everything that is planned, up to the stage that is looked at. */
  readonly targets: readonly TargetRef[];
  /** Of the targets, those that end or restart: disruption budgets count them, also where the API does not ask the budgets. */
  readonly disrupted: readonly TargetRef[];
  readonly survey: Survey;
  /** Said both in the experiment and in the environment's policy. */
  readonly allowed: { readonly all: boolean; readonly critical: boolean };
}

/** How many there should be, against which shares are taken. */
export function membersOf({ candidates, aside, expected, counts, well }: Survey): number {
  if (counts === 'nodes') return well;
  return expected > 0 ? Math.max(candidates.length, expected) : candidates.length + aside.length;
}

/** Every reason why this must not be broken now, one sentence each, with what to do. */
export function limitProblems(impact: Impact, limits: Limits, agentsNamespace: string | null): string[] {
  const { survey } = impact;
  return [
    ...(survey.counts === 'nothing' ? [] : shareProblems(impact, limits)),
    ...crowdProblems(impact, 'node', limits.maxPerNode),
    ...crowdProblems(impact, 'zone', limits.maxPerZone),
    ...survey.budgets.flatMap((budget) => budgetProblems(budget, stillWell(impact.disrupted, survey))),
    ...criticalProblems(impact),
    ...(agentsNamespace === null ? [] : protectedProblems(impact, agentsNamespace)),
  ];
}

function shareProblems(impact: Impact, limits: Limits): string[] {
  const { what, environment, targets, survey, allowed } = impact;
  const of = membersOf(survey);
  const count = new Set(targets.map(({ uid }) => uid)).size;
  const hit = `${count} of ${of} ${what}`;
  const each = survey.counts === 'nodes' ? 'node' : 'member';
  if (allowed.all) return [];
  if (count >= of) {
    return [
      `${hit} would be every ${each}. Take fewer, or write allowAll: true in the target and in the policy of environment ${environment}`,
    ];
  }
  const left = survey.well - stillWell(targets, survey).size;
  return [
    ...((count / of) * 100 > limits.maxPercent + 1e-9
      ? [`${hit} are more than the ${limits.maxPercent} % that environment ${environment} allows (policy.maxPercent). Take fewer`]
      : []),
    ...(limits.maxCount !== null && count > limits.maxCount
      ? [`${hit} are more than the ${limits.maxCount} that environment ${environment} allows (policy.maxCount). Take fewer`]
      : []),
    ...(left < limits.minHealthy
      ? [
          `${hit} would leave ${left} well, and ${limits.minHealthy} must stay (policy.minHealthy): ${survey.well} are well now. Take fewer, or wait until more are well`,
        ]
      : []),
  ];
}

/** What is dead by an earlier stage is counted as such already. */
function stillWell(targets: readonly TargetRef[], survey: Survey): ReadonlySet<string> {
  const well = new Set(survey.candidates.map(({ target }) => target.uid));
  return new Set(targets.map(({ uid }) => uid).filter((uid) => well.has(uid)));
}

function crowdProblems({ environment, targets, survey }: Impact, key: 'node' | 'zone', most: number | null): string[] {
  if (most === null || survey.counts !== 'members') return [];
  const places = Map.groupBy(targets, ({ locator }) => locator[key]);
  const policy = key === 'node' ? 'policy.maxPerNode' : 'policy.maxPerZone';
  return [...places].flatMap(([place, there]) => {
    const count = new Set(there.map(({ uid }) => uid)).size;
    if (typeof place !== 'string' || count <= most) return [];
    return [
      `${count} targets are ${key === 'node' ? 'on' : 'in'} ${key} ${place}, and environment ${environment} allows ${most} (${policy}). Take fewer, or spread them`,
    ];
  });
}

function budgetProblems({ name, allowed, covers }: DisruptionBudget, hit: ReadonlySet<string>): string[] {
  const count = covers.filter((uid) => hit.has(uid)).length;
  if (count === 0 || (allowed !== null && count <= allowed)) return [];
  return [
    allowed === null
      ? `the PodDisruptionBudget ${name} covers ${count} target(s), and the cluster has not worked out yet what it allows. Plan again in a moment`
      : `the PodDisruptionBudget ${name} allows ${allowed} disruption(s) now, and this would be ${count}. Take fewer, or wait until more pods are well`,
  ];
}

function criticalProblems({ environment, targets, disrupted, survey, allowed }: Impact): string[] {
  if (allowed.critical) return [];
  const hit = new Set(targets.map(({ uid }) => uid));
  const pods = survey.candidates
    .filter(({ target, critical }) => critical && hit.has(target.uid))
    .map(({ target }) => target.name);
  const beside = neighboursOf(disrupted, survey).filter(({ critical, daemonSet }) => critical && !daemonSet);
  const names = [...pods, ...beside.map(neighbourName)];
  if (names.length === 0) return [];
  return [
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} of tier=critical. Take others, or write allowCritical: true in the target and in the policy of environment ${environment}`,
  ];
}

function protectedProblems({ targets, disrupted, survey }: Impact, agentsNamespace: string): string[] {
  const own = targets.filter(
    ({ locator: { namespace } }) => typeof namespace === 'string' && isProtectedNamespace(namespace, agentsNamespace),
  );
  // A node that only takes no new pods leaves those that it has alone.
  const beside = neighboursOf(disrupted, survey).filter(({ daemonSet }) => !daemonSet);
  const denied = beside.filter(({ namespace }) => isProtectedNamespace(namespace, agentsNamespace));
  const excluded = beside.filter(({ excluded }) => excluded);
  return [
    ...own.map(({ name, locator }) => `${name} is in namespace ${String(locator['namespace'])}, in which nothing may be broken`),
    ...(denied.length === 0
      ? []
      : [
          `${denied.map(neighbourName).join(', ')} would be hit too, and ${denied.length === 1 ? 'its namespace is' : 'their namespaces are'} protected. Take another node, or move ${denied.length === 1 ? 'it' : 'them'} away first`,
        ]),
    ...(excluded.length === 0
      ? []
      : [`${excluded.map(neighbourName).join(', ')} would be hit too, and says firedrill.dev/exclude. Take another node`]),
  ];
}

/** What else runs where the targets are, when they are nodes. */
export function neighboursOf(targets: readonly TargetRef[], { neighbours }: Survey): readonly Neighbour[] {
  const nodes = new Set(targets.filter(({ kind }) => kind === 'node').map(({ name }) => name));
  return neighbours.filter(({ node }) => nodes.has(node));
}

export function neighbourName({ namespace, name, node }: Neighbour): string {
  return `${namespace}/${name} on ${node}`;
}

/** Whether a target is, or belongs to, one of those that do a service's work. */
export function isMember({ kind, locator }: TargetRef): boolean {
  return kind === 'process' || kind === 'pod' || kind === 'container' || locator['pod'] !== undefined;
}
