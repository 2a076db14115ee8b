import { ruleInUnit } from '../domain/in-unit.ts';
import { haltCommand } from '../domain/plan/halt-command.ts';
import type { Plan, PlannedProbe } from '../domain/plan/plan.ts';

/** The plan for people: what will happen to what, what stops it, and how to stop it without us. */
export function renderPlan(plan: Plan): string {
  const { experiment, environment, recovery } = plan;
  return [
    `Plan      ${experiment.title} (${experiment.name})`,
    `In        ${environment.name}, ${environment.platform}`,
    `Hash      ${plan.hash}`,
    `Seed      ${plan.seed}`,
    `Scope     in: ${plan.scope.in.join(', ') || 'not stated'}; out: ${plan.scope.out.join(', ') || 'not stated'}`,
    `Times     baseline ${plan.baselineSeconds} s, hold ${plan.holdSeconds} s, lease ${plan.leaseSeconds} s, grace ${plan.graceSeconds} s`,
    `Recovery  stable for ${recovery.stableSeconds} s, within ${recovery.timeoutSeconds} s`,
    '',
    'Faults',
    ...table(
      ['step', 'fault', 'target', 'uid', 'chosen', 'parameters'],
      plan.steps.map(({ step, ordinal, fault, target, selection, params }) => [
        `${step}.${ordinal}`,
        fault,
        `${target.kind} ${target.service}/${target.name}`,
        target.uid,
        selection.rule,
        JSON.stringify(params),
      ]),
    ),
    '',
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

/** Columns as wide as they need to be, indented by two. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
