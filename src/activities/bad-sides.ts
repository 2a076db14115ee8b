import { messageOf } from '../domain/errors.ts';
import { badSideKinds } from '../domain/measure/bad-side.ts';
import type { Plan, PlannedProbe } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import { unseenBadSide } from '../probes/bad-side.ts';
import type { Recorder } from './recorder.ts';

/** Puts on the timeline which ratio probes have never seen anything bad, so that their 0 is not taken for more than it is. */
export async function tellBadSides(
  { probes }: Pick<Plan, 'probes'>,
  metrics: Pick<MetricsSource, 'labelNames'>,
  recorder: Pick<Recorder, 'event'>,
): Promise<void> {
  await Promise.all(probes.map((probe) => tellBadSide(probe, metrics, recorder)));
}

async function tellBadSide(
  { name, source }: PlannedProbe,
  metrics: Pick<MetricsSource, 'labelNames'>,
  recorder: Pick<Recorder, 'event'>,
): Promise<void> {
  if (source.type !== 'prometheus-ratio') return;
  try {
    const unseen = await unseenBadSide(source, metrics);
    if (unseen === null) return;
    const kind = unseen.unknown ? badSideKinds.unknown : badSideKinds.unseen;
    recorder.event({ source: 'run', kind, text: `${name}: bad side never seen: ${unseen.why}`, data: { probe: name } });
  } catch (error) {
    const text = `whether the bad side of ${name} can be seen could not be asked: ${messageOf(error)}`;
    recorder.event({ source: 'run', kind: 'run.not-measured', text });
  }
}
