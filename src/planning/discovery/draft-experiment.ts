import { commentedYaml } from './commented-yaml.ts';
import type { Comment } from './commented-yaml.ts';
import type { Discovery, FoundAlert } from './discovery.ts';
import { oneLine } from './draft-hypothesis.ts';
import { draftProbes } from './draft-probes.ts';
import type { DraftNames } from './draft-names.ts';
import { abortLimit, belowSeconds, belowShare } from './limits.ts';

const longestHoldSeconds = 600;

/** One process is killed, once; what the hypothesis watches aborts the run well beyond the hypothesis. */
export function draftExperiment(found: Discovery, { service, hypothesis, experiment }: DraftNames): string {
  const expected = found.alerts.flatMap((alert) =>
    alert.expected && alert.labels !== null ? [{ ...alert, labels: alert.labels }] : [],
  );
  const others = found.alerts.filter((alert) => !alert.expected || alert.labels === null);
  const holdSeconds = Math.min(longestHoldSeconds, Math.max(30, ...expected.map(withinSeconds)));
  const window = Math.max(30, found.windowSeconds);
  const value = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Experiment',
    metadata: { name: experiment, title: `One process of ${found.service} is killed` },
    spec: {
      scope: { in: [service] },
      hypotheses: [hypothesis],
      hold: `${holdSeconds}s`,
      baseline: `${window}s`,
      recovery: { stable: `${window}s`, timeout: '5m' },
      faults: [{ fault: 'process-kill', target: { service, count: 1 }, params: { signal: 'kill' } }],
      abort: [{ probe: abortProbe(found) }],
      ...(expected.length === 0
        ? {}
        : {
            expectedAlerts: expected.map((alert) => ({
              alert: alert.name,
              ...(alert.severity === null ? {} : { severity: alert.severity }),
              within: `${withinSeconds(alert)}s`,
              ...(Object.keys(alert.labels).length === 0 ? {} : { labels: alert.labels }),
            })),
          }),
    },
  };
  const comments: Comment[] = [
    {
      path: ['spec', 'abort'],
      text: 'Beyond the hypothesis, and beyond what one lost process alone may cost: this stops the run.',
    },
    {
      path: ['spec', 'expectedAlerts'],
      text: 'Rules that are there and read what the probes read. KEEP THOSE THAT SHOULD FIRE for this fault: one that\ndoes not fire in time is reported as missed.',
    },
    ...expected.map((alert, index) => ({ path: ['spec', 'expectedAlerts', index], text: aboutAlert(alert) })),
  ];
  const head = [
    'Written by firedrill init: a draft.',
    ...(found.instances.length === 1 ? ['There is ONE instance: killing it kills all, which a plan refuses.'] : []),
    ...(others.length === 0
      ? []
      : [
          'Alert rules about this service that are not expected here:',
          ...others.map((alert) => `  ${alert.name}: ${reasonOf(alert)}`),
        ]),
  ];
  return commentedYaml(head.join('\n'), value, comments);
}

function abortProbe(found: Discovery): object {
  const [probe] = draftProbes(found);
  if (probe === undefined) return {};
  const { fields, share } = probe;
  return {
    name: `${probe.name}-limit`,
    ...fields,
    must:
      share === null
        ? belowSeconds(4 * (found.latency?.limitSeconds ?? 0))
        : belowShare(abortLimit(share, found.instances.length)),
    breach: '2 of 3',
  };
}

/** Half as long again, for lost scrapes; whole 5 s. */
function withinSeconds({ detectionSeconds }: FoundAlert): number {
  return Math.ceil((1.5 * detectionSeconds) / 5) * 5;
}

function aboutAlert({ query, active, detectionSeconds }: FoundAlert): string {
  const now = active ? '\nIt is pending or firing now: a run is refused until it clears.' : '';
  return `${oneLine(query)}\nFires within about ${Math.ceil(detectionSeconds)}s of a change that suffices.${now}`;
}

function reasonOf({ query, labels }: FoundAlert): string {
  return labels === null ? `mixes services: ${oneLine(query)}` : oneLine(query);
}
