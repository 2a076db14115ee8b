import { classify } from '../domain/measure/classify.ts';
import { initialProbeState, nextProbeState } from '../domain/measure/probe-state.ts';
import type { ProbeState } from '../domain/measure/probe-state.ts';
import type { Reading, Sample } from '../domain/measure/sample.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import type { Clock } from '../ports/clock.ts';
import { isoOf } from '../ports/clock.ts';

export interface ProbeLoopInput {
  readonly probes: readonly PlannedProbe[];
  readonly clock: Clock;
  readonly read: (probe: PlannedProbe, signal: AbortSignal) => Promise<Reading>;
  /** Called at once for every sample, in the order of each probe. */
  readonly onSample: (probe: PlannedProbe, sample: Sample, state: ProbeState) => void;
  /** States of an earlier attempt: the blind clock spans a worker's death. */
  readonly resume?: Readonly<Record<string, ProbeState>>;
}

export interface ProbeLoop {
  states(): Readonly<Record<string, ProbeState>>;
  /** Milliseconds since a sample of this probe was judged last, of whatever class. */
  sinceJudged(probe: PlannedProbe): number;
  stop(): void;
}

/** Samples every probe on its own timer. A sample that is still under way is never doubled: its timeout is below its interval. */
export function startProbeLoop({ probes, clock, read, onSample, resume = {} }: ProbeLoopInput): ProbeLoop {
  const stopped = new AbortController();
  const states = new Map<string, ProbeState>();
  const judgedAt = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];

  for (const probe of probes) {
    states.set(probe.name, resume[probe.name] ?? initialProbeState(probe, isoOf(clock)));
    judgedAt.set(probe.name, clock.monotonic());
    let busy = false;
    const tick = async () => {
      if (busy || stopped.signal.aborted) return;
      busy = true;
      const sample = await takeSample(probe, clock, read, stopped.signal);
      busy = false;
      if (stopped.signal.aborted) return;
      const state = nextProbeState(probe, states.get(probe.name)!, sample);
      states.set(probe.name, state);
      judgedAt.set(probe.name, clock.monotonic());
      onSample(probe, sample, state);
    };
    timers.push(setInterval(() => void tick(), probe.intervalSeconds * 1000));
    void tick();
  }

  return {
    states: () => Object.fromEntries(states),
    sinceJudged: (probe) => clock.monotonic() - judgedAt.get(probe.name)!,
    stop: () => {
      stopped.abort();
      timers.forEach(clearInterval);
    },
  };
}

export async function takeSample(
  probe: PlannedProbe,
  clock: Clock,
  read: ProbeLoopInput['read'],
  signal: AbortSignal,
): Promise<Sample> {
  const startedAt = clock.monotonic();
  const reading = await read(probe, AbortSignal.any([signal, AbortSignal.timeout(probe.timeoutSeconds * 1000)]));
  return classify(probe, reading, { at: isoOf(clock), latencyMs: clock.monotonic() - startedAt });
}
