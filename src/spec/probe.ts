import { z } from 'zod';
import type { PlannedProbe, ProbeSource } from '../domain/plan/plan.ts';
import { httpUrl } from './metadata.ts';
import { promql } from './promql.ts';
import { positiveDuration, written } from '../quantities.ts';
import { parseThreshold } from './threshold.ts';
import type { Threshold } from './threshold.ts';

const threshold = written(parseThreshold, 'a comparator and a quantity, such as < 1%');

const breach = written((text) => {
  const [, n, m] = /^(\d+) of (\d+)$/.exec(text)?.map(Number) ?? [];
  if (n === undefined || m === undefined || n < 1 || n > m || m > 100) {
    throw new Error(`"${text}" is not a breach rule. Write how many bad samples of how many, such as 2 of 3`);
  }
  return { n, m };
}, 'how many bad samples of how many, such as 2 of 3');

const http = z.strictObject({
  url: httpUrl,
  method: z.enum(['GET', 'POST']).default('GET'),
  body: z.string().exactOptional(),
  expectStatus: z.int().min(100).max(599).default(200),
  measure: z.enum(['failure', 'latency']).default('failure').describe('failure (0 or 1) or latency (seconds)'),
});

/** What every probe says, whether it guards a run or proves a hypothesis. Exactly one of ratio, query and http. */
export const probeFields = {
  ratio: z.strictObject({ bad: promql, total: promql }).exactOptional(),
  query: promql.exactOptional(),
  http: http.exactOptional(),
  must: threshold,
  interval: positiveDuration.exactOptional(),
  timeout: positiveDuration.exactOptional(),
  maxAge: positiveDuration.exactOptional(),
  minEvents: z.int().min(0).exactOptional().describe('fewer events than this per window decide nothing'),
  breach: breach.exactOptional(),
  hardLimit: threshold.exactOptional(),
  holdAfter: positiveDuration.exactOptional(),
  abortAfter: positiveDuration.exactOptional(),
  userJourney: z.boolean().default(false).describe('true when it is seen from the user’s side: HTTP, or counted by clients'),
};

const probeObject = z.strictObject(probeFields);
export type ProbeFields = z.infer<typeof probeObject>;
/** A probe without its name and what it is for. */
export type ProbeSettings = Omit<PlannedProbe, 'name' | 'roles'>;

interface Issues {
  addIssue(issue: { code: 'custom'; path: string[]; message: string }): void;
}

/** What no single field shows. */
export function checkProbe(probe: ProbeFields, context: Issues): void {
  const say = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const sources = (['ratio', 'query', 'http'] as const).filter((key) => probe[key] !== undefined);
  if (sources.length !== 1) {
    say([], `a probe has exactly one of ratio, query and http; this one has ${sources.join(' and ') || 'none'}`);
    return;
  }
  const { intervalSeconds, timeoutSeconds, holdAfterSeconds, abortAfterSeconds } = probeSettings(probe);
  if (timeoutSeconds >= intervalSeconds) {
    say(
      probe.timeout === undefined ? ['interval'] : ['timeout'],
      `the timeout (${timeoutSeconds}s) must be less than the interval (${intervalSeconds}s), so that samples never queue`,
    );
  }
  if (abortAfterSeconds < holdAfterSeconds) say(['abortAfter'], `must not be less than holdAfter (${holdAfterSeconds}s)`);
  for (const key of ['must', 'hardLimit'] as const) {
    const limit = probe[key];
    const problem = limit === undefined ? null : unitProblem(probe, limit);
    if (problem !== null) say([key], problem);
  }
  if (probe.hardLimit !== undefined && probe.hardLimit.unit !== probe.must.unit) {
    say(['hardLimit'], `must be in the same unit as must: ${probe.must.unit}, not ${probe.hardLimit.unit}`);
  }
}

function unitProblem(probe: ProbeFields, limit: Threshold): string | null {
  const { unit } = limit;
  if (probe.ratio !== undefined && unit !== 'ratio') return 'a ratio is compared with a percentage, such as < 1%';
  if (probe.ratio !== undefined && decidesNothing(limit)) return 'a ratio is from 0% to 100%: this is always so, or never';
  if (probe.http?.measure === 'latency' && unit !== 'seconds') return 'a latency is compared with a duration, such as < 500ms';
  if (probe.http?.measure === 'failure' && unit !== 'none') return 'a failure is 0 or 1: write == 0';
  return null;
}

/** Every ratio from 0 to 1 satisfies it, or none does: a probe that can never be bad, or never good. */
function decidesNothing({ comparator, threshold }: Threshold): boolean {
  if (comparator === '<=' || comparator === '>') return threshold >= 1;
  return (comparator === '<' || comparator === '>=') && threshold <= 0;
}

/** Defaults: a sample every 5 s, each answered within 3 s, 2 of 3 bad ones breach, blind for 15 s holds and for 45 s aborts. */
export function probeSettings(probe: ProbeFields): ProbeSettings {
  const intervalSeconds = probe.interval ?? 5;
  const timeoutSeconds = probe.timeout ?? Math.min(3, intervalSeconds * 0.8);
  const { hardLimit } = probe;
  return {
    source: sourceOf(probe),
    comparator: probe.must.comparator,
    threshold: probe.must.threshold,
    unit: probe.must.unit,
    intervalSeconds,
    timeoutSeconds,
    maxAgeSeconds: probe.maxAge ?? Math.max(15, 3 * intervalSeconds),
    minEvents: probe.minEvents ?? 1,
    breach: probe.breach ?? { n: 2, m: 3 },
    hardLimit: hardLimit === undefined ? null : { comparator: hardLimit.comparator, threshold: hardLimit.threshold },
    holdAfterSeconds: probe.holdAfter ?? 15,
    abortAfterSeconds: probe.abortAfter ?? Math.max(45, probe.holdAfter ?? 0),
    userJourney: probe.userJourney || probe.http !== undefined,
  };
}

/** Called for a probe that has exactly one source. */
function sourceOf({ ratio, query, http }: ProbeFields): ProbeSource {
  if (ratio !== undefined) return { type: 'prometheus-ratio', bad: ratio.bad, total: ratio.total };
  if (http === undefined) return { type: 'prometheus', query: query ?? '' };
  const { url, method, expectStatus, measure, body = null } = http;
  return { type: 'http', url, method, body, measure, expectStatus };
}
