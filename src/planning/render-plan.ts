import { ruleInUnit } from '../domain/in-unit.ts';
import { haltCommand } from '../domain/plan/halt-command.ts';
import { stageCountOf } from '../domain/plan/exposure.ts';
import type { Plan, PlannedProbe } from '../domain/plan/plan.ts';
import { faultsInCluster, surroundingLines } from './render-cluster.ts';
import { table } from './table.ts';

/** The plan for people: what will happen to what, what stops it, and how to stop it without us. */
export function renderPlan(plan: Plan): string {
  const { experiment, environment, recovery } = plan;
  return [
    `Plan      ${experiment.title} (${experiment.name})`,
    `In        ${environment.name}, ${environment.platform}`,
    `Hash      ${plan.hash}`,
    `Seed      ${plan.seed}`,
    `Scope     in: ${plan.scope.in.join(', ') || 'not stated'}; out: ${plan.scope.out.join(', ') || 'not stated'}`,
    `Times     baseline ${plan.baselineSeconds} s, ${stagesText(plan)}hold ${plan.holdSeconds} s, lease ${plan.leaseSeconds} s, grace ${plan.graceSeconds} s`,
    `Recovery  stable for ${recovery.stableSeconds} s, within ${recovery.timeoutSeconds} s`,
    '',
    'Faults',
    ...(environment.platform === 'host' ? faultsOnHost(plan) : faultsInCluster(plan)),
    '',
    ...byHandLines(plan),
    ...(plan.surroundings ?? []).flatMap((around) => [...surroundingLines(around, plan), '']),
    'Hypotheses',
    ...plan.hypotheses.flatMap(({ name, statement, slo }) => [`  ${name}: ${statement}${slo === null ? '' : ` (SLO ${slo})`}`]),
    '',
    'Probes',
    ...table(
      ['name', 'for', 'must be', 'every', 'breach', 'when blind', 'asks'],
      plan.probes.map((probe) => [
        probe.name,
        probe.roles.join(', ') || 'event',
        ruleInUnit(probe, probe.unit),
        `${probe.intervalSeconds} s`,
        probe.roles.includes('abort') ? `${probe.breach.n} of ${probe.breach.m}${hard(probe)}` : '-',
        probe.roles.includes('abort') ? `hold ${probe.holdAfterSeconds} s, abort ${probe.abortAfterSeconds} s` : '-',
        asks(probe),
      ]),
    ),
    '',
    'Expected alerts',
    ...(plan.expectedAlerts.length === 0
      ? ['  none']
      : table(
          ['alert', 'severity', 'within', 'labels'],
          plan.expectedAlerts.map(({ alertname, severity, withinSeconds, labels }) => [
            alertname,
            severity ?? 'any',
            `${withinSeconds} s`,
            JSON.stringify(labels),
          ]),
        )),
    '',
    ...haltLines(environment),
  ].join('\n');
}

function stagesText(plan: Plan): string {
  const stages = stageCountOf(plan);
  if (stages === 1) return '';
  const back = plan.order === 'in-turn' ? 'the last one back first, ' : '';
  return `${stages} stages, ${plan.stageSeconds ?? 0} s from one to the next, ${back}`;
}

function faultsOnHost({ steps }: Plan): string[] {
  return table(
    ['step', 'fault', 'target', 'uid', 'chosen', 'parameters'],
    steps.map(({ step, ordinal, fault, target, selection, params }) => [
      `${step}.${ordinal}`,
      fault,
      `${target.kind} ${target.service}/${target.name}`,
      target.uid,
      selection.rule,
      JSON.stringify(params),
    ]),
  );
}

/** Who ends these is not us: it is said before anything happens. */
function byHandLines({ steps }: Plan): string[] {
  const lines = steps.flatMap(({ step, ordinal, byHand }) =>
    byHand === undefined
      ? []
      : [
          `  ${step}.${ordinal}  within ${byHand.withinSeconds} s: ${byHand.instruction}`,
          `       at the end: ${byHand.revertInstruction}`,
        ],
  );
  if (lines.length === 0) return [];
  const end =
    'A deadline, a lease, an abort and a halt ask a person at once, and cannot make them: it ends when they confirm it.';
  return ['By hand', ...lines, `  ${end}`, ''];
}

function hard({ hardLimit, unit }: PlannedProbe): string {
  return hardLimit === null ? '' : `, or 1 not ${ruleInUnit(hardLimit, unit)}`;
}

function asks({ source }: PlannedProbe): string {
  switch (source.type) {
    case 'prometheus-ratio':
      return `${source.bad} / ${source.total}`;
    case 'prometheus':
      return source.query;
    case 'http':
      return `${source.measure} of ${source.method} ${source.url}`;
  }
}

export function haltLines(environment: Plan['environment']): string[] {
  return ['Halt everything, without us:', `  ${haltCommand(environment)}`, ''];
}
