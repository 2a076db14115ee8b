import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { messageOf } from '../domain/errors.ts';
import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec, Phase } from '../domain/injection/records.ts';
import type { ProbeState } from '../domain/measure/probe-state.ts';
import type { WatchEnd } from '../domain/measure/watch-end.ts';
import { agentAdvice } from '../domain/plan/agent-advice.ts';
import { stagesOf } from '../domain/plan/exposure.ts';
import { unwindSecondsOf } from '../domain/plan/injections.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { createAgentWatch } from './agent-watch.ts';
import { startAlertNarrator } from './alert-narrator.ts';
import type { ActivityDeps } from './connections.ts';
import { createDirectHeartbeat } from './direct-heartbeat.ts';
import { createPhaseNarrator, pollEveryMs, readInjections } from './injection-watch.ts';
import type { InjectionView } from './injection-watch.ts';
import { createQuestionNarrator } from './question-narrator.ts';
import { startLifeline } from './lifeline.ts';
import { createPermitKeeper } from './permit-keeper.ts';
import { openPermit } from './permit-writer.ts';
import { createStageGate } from './stage-gate.ts';
import { startProbeLoop } from './probe-loop.ts';
import { createProbeNarrator } from './probe-narrator.ts';
import { createRecorder, readTimelineSoFar } from './recorder.ts';
import { isRunOver } from './run-over.ts';
import { targetsUnfit } from './target-check.ts';
import { aborted, breachEnd, leftByItself } from './watch-ends.ts';

/** An event loop that stood still this long has not been watching. */
const lagLimitMs = 3000;
/** How often it is looked whether the event loop stood still. */
const lagCheckMs = 500;
/** Acknowledged heartbeats renew: a few of them fit into the shortest lease. */
const beatEveryMs = (leaseSeconds: number): number => Math.min(1000, (leaseSeconds * 1000) / 3);

/** What survives a worker's death, in the heartbeat. */
interface Beat {
  readonly probes: Readonly<Record<string, ProbeState>>;
}

/**
 * Samples all probes, arms and releases the stages, renews the permit while it has earned it, and returns at the first
 * reason to end. The watch begins before anything is armed; on a breach the revert is written here, before returning.
 */
export async function watch(deps: ActivityDeps, runId: string, plan: Plan, specs: readonly InjectionSpec[]): Promise<WatchEnd> {
  const { clock } = deps;
  const connections = deps.connect(plan.environment);
  const { store, archive, read } = connections;
  const platform = deps.platformOf(plan.environment);
  const recorder = createRecorder(archive, runId, clock);
  const permit = await openPermit(store, runId);
  const keeper = createPermitKeeper(permit, recorder);
  const earlier = await readTimelineSoFar(archive, runId);
  const narrate = createPhaseNarrator(recorder, { specs, earlier, clock });
  const tellQuestions = createQuestionNarrator(recorder, { runId, plan, earlier });
  const tellProbe = createProbeNarrator(recorder, earlier);
  const agents = createAgentWatch(store, { clock, recorder, advice: agentAdvice(plan.environment) });
  const answered = new Set<string>();
  /** Asked to end before the others. */
  const withdrawn = new Set<string>();
  const gate = createStageGate(plan.probes);
  const ended = Promise.withResolvers<WatchEnd>();
  const resume = (activityInfo().heartbeatDetails as Beat | undefined)?.probes;

  const probes = startProbeLoop({
    probes: plan.probes,
    clock,
    read,
    ...(resume === undefined ? {} : { resume }),
    onSample: (probe, sample, state) => {
      recorder.sample(sample);
      gate.take(sample);
      tellProbe(probe, sample, state);
      keeper.follow(abortStates());
      if (state.state !== 'BREACH' || !probe.roles.includes('abort')) return;
      const end = breachEnd(probe, state);
      recorder.event({ at: sample.at, source: 'probe', kind: 'probe.breach', text: end.reason, data: { probe: probe.name } });
      void commandRevert(`probe ${probe.name}`).then(() => ended.resolve(end));
    },
  });
  const alerts = startAlertNarrator(connections, { clock, recorder, earlier });
  const abortProbes = plan.probes.filter((probe) => probe.roles.includes('abort'));
  const abortStates = () => abortProbes.map((probe) => probes.states()[probe.name]!);
  const allJudged = () => abortProbes.every((probe) => probes.sinceJudged(probe) <= probe.intervalSeconds * 2000);
  const lifeline = startLifeline({
    clock,
    everyMs: beatEveryMs(plan.leaseSeconds),
    beat: createDirectHeartbeat((): Beat => ({ probes: probes.states() })),
    onAcknowledged: () => {
      if (allJudged()) keeper.renew();
    },
  });
  const lost = (why: string) => ended.resolve(aborted('person', 'temporal', why));
  void lifeline.lost.then(async (why) => {
    // A workflow that was terminated reverts nothing: the lease would, later.
    if (await isRunOver()) await commandRevert('the end of its workflow');
    lost(why);
  });
  cancellationSignal().addEventListener('abort', () => lost('cancelled'), { once: true });

  let last = clock.monotonic();
  /** When it was looked for a halt last. */
  let lookedAt = last;
  const lagCheck = setInterval(() => {
    const lag = clock.monotonic() - last - lagCheckMs;
    last = clock.monotonic();
    if (lag > lagLimitMs) ended.resolve(aborted('blind', 'watcher', `the watcher stood still for ${Math.round(lag)} ms`));
  }, lagCheckMs);

  const course = followInjections();
  course.catch((error: unknown) => ended.reject(error));
  try {
    return await ended.promise;
  } finally {
    clearInterval(lagCheck);
    probes.stop();
    alerts.stop();
    lifeline.stop();
    await recorder.flush();
  }

  /** The time of the command is that of the written permit. A permit that cannot be written is the workflow's to write again. */
  async function commandRevert(by: string): Promise<void> {
    try {
      await permit.revert();
      recorder.event({ source: 'run', kind: 'run.revert-commanded', text: `revert commanded by ${by}` });
    } catch (error) {
      recorder.event({
        source: 'run',
        kind: 'run.revert-not-written',
        text: `the watcher could not command the revert: ${messageOf(error)}`,
      });
    }
  }

  /** Arms, releases each stage when all before it are verified, and ends when the hold is over or an injection leaves by itself. */
  async function followInjections(): Promise<void> {
    if (earlier.some(({ kind }) => kind === 'run.withdrawn')) {
      ended.resolve({ kind: 'held', reason: 'the watcher before this one had begun to take the stages back' });
      return;
    }
    // An attempt that goes on for a dead worker finds targets that are broken on purpose: it looks at none of them again.
    const begun = (await readInjections(store, specs)).missing.length < specs.length;
    if (!begun && (await isUnfit(specs, false))) return;
    await permit.begin();
    for (const spec of specs) await store.writeSpec(spec);
    const stages = stagesOf({ steps: specs });
    for (const [index, stage] of stages.entries()) {
      const mine = specs.filter((spec) => spec.stage === stage);
      if ((await until((view) => every(view, mine, (phase) => phase !== 'arming'))) === null) return;
      const untouched = every(await readInjections(store, mine), mine, (phase) => phase === 'armed');
      if (untouched && (await isUnfit(mine, stage !== stages[0]))) return;
      // After a standstill the reason to end may have come up while the look before was under way.
      if (await isEnded(0)) return;
      if (!permit.isReleased(stage)) {
        const text = `stage ${stage} released on ${mine.length} target(s)`;
        recorder.event({ source: 'run', kind: 'run.commanded', text, data: { stage } });
        await permit.release(stage);
      }
      if ((await until((view) => every(view, mine, (phase) => phase === 'active' || phase === 'spent'))) === null) return;
      const next = stages[index + 1];
      if (next !== undefined && !permit.isReleased(next) && !(await passes(stage, next))) return;
    }
    // A watcher that goes on for a dead one ends the same hold: faults stay no longer than was planned.
    const since = earlier.find(({ kind }) => kind === 'run.holding');
    const heldFrom = clock.monotonic() - (since === undefined ? 0 : Math.max(0, clock.now() - Date.parse(since.at)));
    if (since === undefined)
      recorder.event({ source: 'run', kind: 'run.holding', text: `all faults verified; holding for ${plan.holdSeconds} s` });
    if ((await until(() => clock.monotonic() - heldFrom >= plan.holdSeconds * 1000)) === null) return;
    if (plan.order === 'in-turn' && !(await unwound(stages.slice(1)))) return;
    ended.resolve({ kind: 'held', reason: `held for ${plan.holdSeconds} s` });
  }

  /** Takes these stages back, the last one first, while everything is still watched. What takes too long is left to the revert of all. */
  async function unwound(stages: readonly number[]): Promise<boolean> {
    for (const stage of stages.toReversed()) {
      const mine = specs.filter((spec) => spec.stage === stage);
      const text = `stage ${stage} is taken back before those that it came after`;
      recorder.event({ source: 'run', kind: 'run.withdrawn', text, data: { stage } });
      mine.forEach(({ id }) => withdrawn.add(id));
      await permit.withdraw(stage);
      const latest = clock.monotonic() + unwindSecondsOf(plan, stage) * 1000;
      const view = await until((view) => every(view, mine, isTerminal) || clock.monotonic() > latest);
      if (view === null) return false;
      if (!every(view, mine, isTerminal)) return true;
    }
    return true;
  }

  /** Watches a stage for its time, and ends the run when what was measured lets no further one follow. */
  async function passes(stage: number, next: number): Promise<boolean> {
    const { stageSeconds = 0 } = plan;
    recorder.event({
      source: 'run',
      kind: 'run.stage',
      text: `stage ${stage} verified; watched for ${stageSeconds} s before stage ${next}`,
    });
    gate.begin();
    let from = clock.monotonic();
    const watched = await until(() => {
      // While a probe cannot see, nothing more is released, and what was seen before is too old by then.
      if (permit.frozen()) {
        gate.begin();
        from = clock.monotonic();
      }
      return clock.monotonic() - from >= stageSeconds * 1000;
    });
    if (watched === null) return false;
    const problem = gate.problem();
    if (problem !== null)
      ended.resolve(aborted('guard', 'stage-gate', `stage ${next} is not released: after stage ${stage} ${problem}`));
    return problem === null;
  }

  async function isUnfit(some: readonly InjectionSpec[], touched: boolean): Promise<boolean> {
    const unfit = await targetsUnfit(plan, some, { platform, touched });
    if (unfit !== null) ended.resolve(unfit);
    return unfit !== null;
  }

  /** Polls until `reached`; null when the watch has ended, which it does itself when an injection left on its own. */
  async function until(reached: (view: InjectionView) => boolean): Promise<InjectionView | null> {
    for (;;) {
      const view = await readInjections(store, specs);
      narrate(view);
      tellQuestions(view);
      const gone = leftByItself(withoutThese(view, withdrawn), answered);
      view.statuses.forEach(({ id }) => answered.add(id));
      // The halt ends every injection that an agent sees; this ends the run, also when no agent lives to see it.
      const began = clock.monotonic();
      const halted = await store.readHalt(lookedAt);
      lookedAt = began;
      if (halted !== null) ended.resolve(aborted('halt', halted.by, `halted by ${halted.by}: ${halted.why}`));
      if (gone !== null) ended.resolve(gone);
      // Nobody would revert at the end of the lease: what an agent does first when it is back is to end this.
      const silence = await agents.silence(view.statuses);
      if (silence !== null) ended.resolve(aborted('agent', 'none', silence));
      if (await isEnded(pollEveryMs)) return null;
      if (reached(view)) return view;
    }
  }

  async function isEnded(waitMs: number): Promise<boolean> {
    const pause = Promise.withResolvers<false>();
    const timer = setTimeout(() => pause.resolve(false), waitMs);
    const over = await Promise.race([ended.promise.then(() => true), pause.promise]);
    clearTimeout(timer);
    return over;
  }
}

function withoutThese(view: InjectionView, ids: ReadonlySet<string>): InjectionView {
  return { ...view, statuses: view.statuses.filter(({ id }) => !ids.has(id)) };
}

function every(view: InjectionView, specs: readonly InjectionSpec[], holds: (phase: Phase) => boolean): boolean {
  return specs.every((spec) => {
    const status = view.statuses.find((candidate) => candidate.id === spec.id);
    return status !== undefined && holds(status.phase);
  });
}
