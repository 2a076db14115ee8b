import type { Plan } from '../domain/plan/plan.ts';
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

/** Tells each replacement the first time it is seen. Only processes are replaced by others. */
export function watchReplacements(plan: Plan, platformOf: () => Platform, recorder: Pick<Recorder, 'event'>): Replacements {
  const missing = new Map(
    plan.steps
      .filter(({ target }) => target.kind === 'process')
      .map(({ target }) => [`${target.service}/${target.name}`, target]),
  );
  const problemWith = async (name: string): Promise<string | null> => {
    const target = missing.get(name);
    if (target === undefined) return null;
    const platform = platformOf();
    const now = (await platform.resolve(selectorOf(target))).find((candidate) => candidate.name === target.name);
    if (now === undefined) return 'does not run';
    const problem = await platform.problemWith(now);
    if (problem === null && now.uid !== target.uid) {
      recorder.event({ source: 'run', kind: 'run.replaced', text: `${name} runs again, as ${now.uid}` });
    }
    return problem;
  };
  return {
    async look() {
      for (const name of missing.keys()) {
        if ((await problemWith(name).catch(() => 'could not be asked')) === null) missing.delete(name);
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
