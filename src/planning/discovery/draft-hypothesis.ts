import { commentedYaml } from './commented-yaml.ts';
import type { Discovery } from './discovery.ts';
import { draftProbes } from './draft-probes.ts';
import type { DraftNames } from './draft-names.ts';

export function draftHypothesis(found: Discovery, { hypothesis, slo }: DraftNames, hasSlo: boolean): string {
  const probes = draftProbes(found);
  const value = {
    apiVersion: 'firedrill.dev/v1',
    kind: 'Hypothesis',
    metadata: { name: hypothesis },
    spec: {
      statement: `When one process of ${found.service} is killed, its users notice nothing`,
      ...(hasSlo ? { slo } : {}),
      checks: probes.map(({ name, fields }) => ({ name, kind: 'hold', ...fields })),
    },
  };
  const recorded = found.recordings.map(({ name, query }) => `  ${name}: ${oneLine(query)}`);
  const head = [
    `Written by firedrill init from what ${found.prometheusUrl} had of {${found.matchers}}.`,
    `Scraped every ${found.scrapeSeconds}s; every query below gave data. The limits leave room to double: choose your own.`,
    ...(recorded.length === 0
      ? []
      : ['Recording rules about it (a probe on the counters themselves sees a change sooner):', ...recorded]),
  ];
  const comments = probes.map(({ says }, index) => ({ path: ['spec', 'checks', index], text: says }));
  return commentedYaml(head.join('\n'), value, comments);
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
