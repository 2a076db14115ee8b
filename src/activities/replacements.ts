import type { Plan, PlannedInjection, TargetRef } from '../domain/plan/plan.ts';
import { selectorOf } from '../domain/plan/selector.ts';
import type { Platform } from '../ports/platform.ts';
import type { Recorder } from './recorder.ts';

/** What a fault acted on and what has taken its place: a killed process is back when one of its name takes requests. */
export interface Replacements {
  /** Looks again; true when nothing is missing. What cannot be asked counts as missing. */
  look(): Promise<boolean>;
  /** Says what is missing still, once nobody waits any longer. */
  giveUp(withinSeconds: number): void;
}

/** Of one thing: null while it is missing, else what to tell of its return; nothing where it never was away. */
type Look = (platform: Platform) => Promise<{ readonly told: string | null } | null>;

/** Tells each replacement the first time it is seen. A process comes back under its name; pods as others, as many as there were. */
export function watchReplacements(plan: Plan, platformOf: () => Platform, recorder: Pick<Recorder, 'event'>): Replacements {
  const missing = new Map<string, Look>([
    ...plan.steps
      .filter(({ target }) => target.kind === 'process')
      .map(({ target }): [string, Look] => [`${target.service}/${target.name}`, processLook(target)]),
    ...[...Map.groupBy(plan.steps.filter(endsPods), ({ target }) => target.service)].map(([service, steps]): [string, Look] => [
      `pods of ${service}`,
      podsLook(service, steps, plan),
    ]),
  ]);
  return {
    async look() {
      for (const [name, look] of missing) {
        // A look that fails has seen nothing; whether it was replaced is asked again until the run gives up.
        const back = await look(platformOf()).catch(() => null);
        if (back === null) continue;
        missing.delete(name);
        if (back.told !== null) recorder.event({ source: 'run', kind: 'run.replaced', text: back.told });
      }
      return missing.size === 0;
    },
    giveUp(withinSeconds) {
      for (const name of missing.keys()) {
        recorder.event({ source: 'run', kind: 'run.not-replaced', text: `${name} was not replaced within ${withinSeconds} s` });
      }
    },
  };
}

function processLook(target: TargetRef): Look {
  return async (platform) => {
    const now = (await platform.resolve(selectorOf(target))).find((candidate) => candidate.name === target.name);
    if (now === undefined || (await platform.problemWith(now)) !== null) return null;
    return { told: now.uid === target.uid ? null : `${target.service}/${target.name} runs again, as ${now.uid}` };
  };
}

function endsPods({ target: { kind }, disrupts }: PlannedInjection): boolean {
  return disrupts === true && (kind === 'pod' || kind === 'container');
}

/** As many well as when the plan was made: what was away before the run is not its doing. */
function podsLook(service: string, steps: readonly PlannedInjection[], { surroundings = [] }: Plan): Look {
  const known = surroundings.find(({ step }) => step === steps[0]?.step);
  const before = known === undefined ? steps[0]!.selection.of : known.stays.length + steps[0]!.selection.selected;
  const gone = new Set(steps.map(({ target }) => target.uid));
  return async (platform) => {
    const { candidates, well } = await platform.survey({ kind: 'member', service });
    if (well < before) return null;
    const away = steps.filter(({ target }) => candidates.every((candidate) => candidate.target.uid !== target.uid)).length;
    const still = candidates.filter(({ target }) => gone.has(target.uid)).length;
    return {
      told:
        away === 0
          ? null
          : `${service}: ${well} pods are well again; ${away} of the targets were replaced${still === 0 ? '' : `, ${still} run on`}`,
    };
  };
}
