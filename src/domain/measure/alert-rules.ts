import type { RuleFacts } from './input.ts';

/**
 * The rule behind an alert with these labels. Several rules may bear one name, and differ in severity and `for`: what their own
 * labels do not tell apart is taken for the quickest, so that no alert is excused by a slower one. undefined: no such rule.
 */
export function ruleOf(rules: readonly RuleFacts[], labels: Readonly<Record<string, string>>): RuleFacts | undefined {
  return rules
    .filter(
      ({ name, labels: own }) =>
        name === labels['alertname'] && Object.entries(own).every(([key, value]) => fits(labels[key], value)),
    )
    .toSorted((a, b) => floorSecondsOf(a) - floorSecondsOf(b))[0];
}

/** A label of a rule may be a template, and an expected alert need not name it. */
function fits(label: string | undefined, ofRule: string): boolean {
  return label === undefined || label === ofRule || ofRule.includes('{{');
}

/** The least time a condition must hold before its alert can fire: `for` takes effect on the evaluation grid. */
export function floorSecondsOf(rule: RuleFacts): number {
  return rule.intervalSeconds > 0 ? Math.ceil(rule.forSeconds / rule.intervalSeconds) * rule.intervalSeconds : rule.forSeconds;
}
