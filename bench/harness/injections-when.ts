import { readInjections } from '../../src/activities/injection-watch.ts';
import type { InjectionView } from '../../src/activities/injection-watch.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { InjectionSpec } from '../../src/domain/injection/records.ts';
import type { InjectionStore } from '../../src/ports/injections.ts';
import type { WatchRecords } from '../../src/ports/record-watch.ts';

const usualPatienceMs = 20_000;

export interface InjectionsWait {
  readonly store: InjectionStore;
  /** Tells that a status may have been written. */
  readonly onChange: WatchRecords;
  readonly what: string;
  readonly specs: readonly InjectionSpec[];
  readonly holds: (view: InjectionView) => boolean;
  /** 20 s when it is not said. */
  readonly patienceMs?: number;
  /** How soon a status is seen that nothing tells of; 100 ms when it is not said. */
  readonly lookEveryMs?: number;
}

/** Resolves with the first view that holds, read as soon as a status was written. Errors: `upstream/unreachable`, with what was seen. */
export async function injectionsWhen(wait: InjectionsWait): Promise<InjectionView> {
  const { store, onChange, what, specs, holds, patienceMs = usualPatienceMs, lookEveryMs = 100 } = wait;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => changed.resolve();
  const unwatch = onChange(wake);
  // A look now and then, so that a lost event delays the end and nothing else.
  const timer = setInterval(wake, lookEveryMs);
  const until = performance.now() + patienceMs;
  try {
    for (;;) {
      const view = await readInjections(store, specs);
      if (holds(view)) return view;
      if (performance.now() > until) {
        const seen = view.statuses.map(({ id, phase, error }) => `${id} ${phase} ${error?.message ?? ''}`).join('; ');
        throw new AppError('upstream/unreachable', `${what} never came within ${patienceMs} ms. Seen: ${seen}`);
      }
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
  } finally {
    clearInterval(timer);
    unwatch();
  }
}
