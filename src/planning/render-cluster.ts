import { neighbourName } from '../domain/plan/limits.ts';
import type { Plan, PlannedInjection, Surroundings, TargetRef } from '../domain/plan/plan.ts';
import { isProtectedNamespace } from '../domain/plan/protected-namespaces.ts';
import { table } from './table.ts';

/** What will happen, and to what exactly. */
export function faultsInCluster({ steps }: Plan): string[] {
  return [
    ...table(
      ['step', 'stage', 'fault', 'agent', 'chosen', 'parameters'],
      firstOfEach(steps).map(({ step, fault, agent, selection, params }) => [
        String(step),
        stagesOf(steps, step),
        fault,
        agent === 'node' ? "its node's" : "the cluster's",
        selection.rule,
        JSON.stringify(params),
      ]),
    ),
    '',
    'Targets',
    ...table(
      ['', 'stage', 'target', 'namespace', 'node', 'zone', 'address', 'made by', 'uid'],
      steps.map(({ step, ordinal, stage, target }) => {
        const { namespace, node, zone, podIP, address, ownerKind, ownerName } = target.locator;
        return [
          `${step}.${ordinal}`,
          String(stage),
          `${target.kind} ${target.service}/${target.name}`,
          text(namespace),
          text(node),
          text(zone),
          text(podIP ?? address),
          ownerKind === undefined || ownerKind === null ? '-' : `${text(ownerKind)} ${text(ownerName)}`,
          target.uid,
        ];
      }),
    ),
    ...steps.flatMap((step) => details(step)),
  ];
}

/** What else there is, and what keeps it from being too much. */
export function surroundingLines(around: Surroundings, plan: Plan): string[] {
  const { step, stays, aside, budgets, neighbours, traffic } = around;
  return [
    `Around step ${step}`,
    `  stays well   ${stays.length === 0 ? 'nothing else of it' : stays.map(({ name, node, zone }) => `${name} (${place(node, zone)})`).join(', ')}`,
    ...(aside.length === 0 ? [] : [`  not taken    ${aside.map(({ name, why }) => `${name} ${why}`).join('; ')}`]),
    `  budgets      ${budgets.length === 0 ? 'no PodDisruptionBudget covers it' : budgets.map(budgetText).join('; ')}`,
    ...limitLines(plan),
    ...(neighbours.length === 0 ? [] : neighbourLines(around, plan)),
    ...(traffic === null ? [] : [`  traffic      ${trafficText(traffic)}`]),
  ];
}

function firstOfEach(steps: readonly PlannedInjection[]): readonly PlannedInjection[] {
  return steps.filter(({ ordinal }) => ordinal === 1);
}

function stagesOf(steps: readonly PlannedInjection[], step: number): string {
  const stages = [...new Set(steps.filter((one) => one.step === step).map(({ stage }) => stage))];
  return stages.length === 1 ? String(stages[0]) : `${Math.min(...stages)} to ${Math.max(...stages)}`;
}

/** Where a link leads and what a volume is. */
function details({ step, ordinal, target }: PlannedInjection): string[] {
  const said = detailOf(target);
  return said === null ? [] : [`  ${step}.${ordinal} ${said}`];
}

function detailOf({ kind, locator }: TargetRef): string | null {
  if (kind === 'volume') {
    const { path, volume, claim, sizeLimit } = locator;
    const more = [claim, sizeLimit].filter((word) => typeof word === 'string').join(', ');
    return `${text(path)} is ${text(volume)}${more === '' ? '' : ` (${more})`}`;
  }
  if (kind !== 'link') return null;
  const { destinations, leads } = locator;
  const now = Array.isArray(destinations) ? destinations.map(destinationText) : [];
  return now.length > 0 ? `leads to ${now.join(', ')}` : `leads to ${JSON.stringify(leads)}, resolved where the pod is`;
}

function destinationText(destination: unknown): string {
  const { address, port, protocol } = destination as { address?: unknown; port?: unknown; protocol?: unknown };
  return `${text(address)}${port === null ? '' : `:${text(port)}`}${protocol === 'udp' ? '/udp' : ''}`;
}

function budgetText({ name, allowed, hit }: Surroundings['budgets'][number]): string {
  const now = allowed === null ? 'not worked out yet what it allows' : `${allowed} may go now`;
  return `PodDisruptionBudget ${name}: ${now}, ${hit} of its pods ${hit === 1 ? 'is a target' : 'are targets'}`;
}

function limitLines({ limits }: Plan): string[] {
  if (limits === undefined) return [];
  const { maxPercent, maxCount, minHealthy, maxPerNode, maxPerZone } = limits;
  const said = [
    `at most ${maxPercent} %`,
    ...(maxCount === null ? [] : [`${maxCount} at once`]),
    ...(maxPerNode === null ? [] : [`${maxPerNode} on a node`]),
    ...(maxPerZone === null ? [] : [`${maxPerZone} in a zone`]),
    `${minHealthy} stay well`,
  ];
  return [`  limits       ${said.join(', ')}`];
}

function neighbourLines({ neighbours }: Surroundings, { environment }: Plan): string[] {
  const agents = environment.platform === 'host' ? '' : environment.cluster.namespace;
  return [
    '  also there',
    ...table(
      ['pod', 'made by', ''],
      neighbours.map((neighbour) => [
        neighbourName(neighbour),
        neighbour.owner,
        isProtectedNamespace(neighbour.namespace, agents)
          ? 'protected, of a DaemonSet'
          : neighbour.critical
            ? 'tier=critical'
            : '',
      ]),
    ).map((line) => `  ${line}`),
  ];
}

function trafficText(traffic: NonNullable<Surroundings['traffic']>): string {
  if ('unknown' in traffic) return `unknown: ${traffic.unknown}`;
  return `${Math.round(traffic.share * 1000) / 10} % of its requests go to the targets now`;
}

function place(node: string | null, zone: string | null): string {
  if (node === null) return 'no node';
  return zone === null ? node : `${node}, zone ${zone}`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}
