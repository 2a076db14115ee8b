import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectionSpec } from '../domain/injection/records.ts';
import { baselineProblem } from '../domain/measure/baseline.ts';
import { isDecided } from '../domain/measure/sample.ts';
import type { Sample } from '../domain/measure/sample.ts';
import type { Plan, PlannedProbe } from '../domain/plan/plan.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import { startAlertNarrator } from './alert-narrator.ts';
import { tellBadSides } from './bad-sides.ts';
import type { ActivityDeps } from './connections.ts';
import { createEndOfFaults } from './end-of-faults.ts';
import type { EndSeen } from './end-of-faults.ts';
import { startProbeLoop } from './probe-loop.ts';
import { createProbeNarrator } from './probe-narrator.ts';
import { problemsOfReach } from './problems-of-reach.ts';
import { createRecorder, readTimelineSoFar } from './recorder.ts';
import { watchReplacements } from './replacements.ts';

const pollMs = 200;
const lookEveryMs = 1000;

export interface Steady {
  readonly holds: boolean;
  readonly reason: string;
}

/**
 * Every probe over the baseline window: most samples of each must be good, and the last one. An event must be seen not to be
 * there yet.
 */
export async function sampleBaseline(deps: ActivityDeps, runId: string, plan: Plan): Promise<Steady> {
  const { archive, metrics, read } = deps.connect(plan.environment);
  await archive.begin(runId, plan);
  const recorder = createRecorder(archive, runId, deps.clock);
  recorder.event({ source: 'run', kind: 'run.baseline', text: `baseline: steady state for ${plan.baselineSeconds} s` });
  const tellProbe = createProbeNarrator(recorder, await readTimelineSoFar(archive, runId));
  const seen = new Map<string, Sample[]>(plan.probes.map((probe) => [probe.name, []]));
  const loop = startProbeLoop({
    probes: plan.probes,
    clock: deps.clock,
    read,
    onSample: (probe, sample, state) => {
      seen.get(probe.name)!.push(sample);
      recorder.sample(sample);
      tellProbe(probe, sample, state);
    },
  });
  const badSides = tellBadSides(plan, metrics, recorder);
  const outOfReach = problemsOfReach(plan, metrics);
  try {
    const until = deps.clock.monotonic() + plan.baselineSeconds * 1000;
    while (deps.clock.monotonic() < until || [...seen.values()].some((samples) => samples.length < 2)) {
      heartbeat();
      await sleep(pollMs, undefined, { signal: cancellationSignal() });
    }
  } finally {
    loop.stop();
    await badSides;
    await recorder.flush();
  }
  const samples = plan.probes.flatMap((probe) => baselineProblem(probe, seen.get(probe.name)!) ?? []);
  const problems = [...(await outOfReach), ...samples];
  return problems.length === 0 ? { holds: true, reason: 'all probes good' } : { holds: false, reason: problems.join('; ') };
}

/** A steady state that nobody could see is not one that stayed away. */
function notRecovered(
  { recovery }: Plan,
  steady: readonly PlannedProbe[],
  latest: ReadonlyMap<string, Sample>,
): Omit<TimelineEvent, 'at'> {
  const within = `within ${recovery.timeoutSeconds} s`;
  const last = steady.flatMap(({ name }) => latest.get(name) ?? []);
  const unseen = last.find((sample) => !isDecided(sample));
  return unseen === undefined || last.some((sample) => sample.class === 'bad')
    ? { source: 'run', kind: 'run.not-recovered', text: `steady state did not come back ${within}` }
    : {
        source: 'run',
        kind: 'run.recovery-unknown',
        text: `recovery could not be measured ${within}: ${unseen.probe}: ${unseen.note ?? unseen.class}`,
      };
}

/**
 * Samples on from the revert until every record is terminal, steady state has held for its stability window, what was killed has
 * been replaced and late alerts have had their grace. Renews nothing. Returns also when recovery does not come in time: a finding, never `dirty`.
 */
export async function observeRecovery(
  deps: ActivityDeps,
  runId: string,
  plan: Plan,
  specs: readonly InjectionSpec[],
): Promise<void> {
  const { clock } = deps;
  const connections = deps.connect(plan.environment);
  const { archive, read, store } = connections;
  const recorder = createRecorder(archive, runId, clock);
  const earlier = await readTimelineSoFar(archive, runId);
  const tellProbe = createProbeNarrator(recorder, earlier);
  const latest = new Map<string, Sample>();
  const loop = startProbeLoop({
    probes: plan.probes,
    clock,
    read,
    onSample: (probe, sample, state) => {
      latest.set(probe.name, sample);
      recorder.sample(sample);
      tellProbe(probe, sample, state);
    },
  });
  const alerts = startAlertNarrator(connections, { clock, recorder, earlier });
  const steady = plan.probes.filter((probe) => probe.roles.includes('steady-state'));
  const endOfFaults = createEndOfFaults(store, specs, { clock, recorder });
  let ended: EndSeen | null = null;
  let goodSince: { monotonic: number; at: string; notBefore: string | null } | null = null;
  let wasBad = false;
  let recovered = false;
  const replacements = watchReplacements(plan, () => deps.platformOf(plan.environment), recorder);
  let replaced = false;
  let lookAt = 0;
  // By itself: a store that does not answer takes its time to say so.
  const beating = setInterval(heartbeat, pollMs);
  try {
    for (;;) {
      await sleep(pollMs, undefined, { signal: cancellationSignal() });
      ended ??= await endOfFaults();
      if (ended === null) continue;
      const now = clock.monotonic();
      const isGood = steady.every((probe) => latest.get(probe.name)?.class === 'good');
      if (!isGood) [goodSince, wasBad] = [null, true];
      else goodSince ??= { monotonic: now, at: new Date(clock.now()).toISOString(), notBefore: wasBad ? null : ended.notBefore };
      if (!recovered && goodSince !== null && now - goodSince.monotonic >= plan.recovery.stableSeconds * 1000) {
        recovered = true;
        recorder.event({
          at: goodSince.at,
          source: 'run',
          kind: 'run.recovered',
          text: `steady state is back and held for ${plan.recovery.stableSeconds} s`,
          ...(goodSince.notBefore === null ? {} : { data: { notBefore: goodSince.notBefore } }),
        });
      }
      if (!replaced && now >= lookAt) {
        replaced = await replacements.look();
        lookAt = now + lookEveryMs;
      }
      if (recovered && replaced && now - ended.at >= plan.graceSeconds * 1000) return;
      if (!(recovered && replaced) && now - ended.at >= plan.recovery.timeoutSeconds * 1000) {
        if (!recovered) recorder.event(notRecovered(plan, steady, latest));
        replacements.giveUp(plan.recovery.timeoutSeconds);
        return;
      }
    }
  } finally {
    clearInterval(beating);
    loop.stop();
    alerts.stop();
    await recorder.flush();
  }
}
