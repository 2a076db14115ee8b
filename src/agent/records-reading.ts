import type { InjectionSpec, Permit } from '../domain/injection/records.ts';
import type { Read } from '../ports/injections.ts';
import type { AgentDependencies } from './dependencies.ts';

/** What the store said in one look. */
export interface Records {
  /** Monotonic ms at which the look began. */
  readonly readAt: number;
  readonly halted: boolean;
  readonly specs: ReadonlyMap<string, Read<InjectionSpec>>;
  /** Of the runs that have injections here; null: there is none. */
  readonly permits: ReadonlyMap<string, Read<Permit> | null>;
}

/** Reads halt, the specs of all that has not ended, and the permits of the given runs. Errors: `upstream/unreachable`. */
export async function readRecords(
  { store, clock }: Pick<AgentDependencies, 'store' | 'clock'>,
  { runs, ended }: { readonly runs: ReadonlySet<string>; readonly ended: ReadonlySet<string> },
): Promise<Records> {
  const readAt = clock.monotonic();
  const [halt, specs, permits] = await Promise.all([
    store.readHalt(),
    store.readSpecs(ended),
    Promise.all([...runs].map(async (run) => [run, await store.readPermit(run)] as const)),
  ]);
  return {
    readAt,
    halted: halt !== null,
    specs: new Map(specs.map((spec) => [spec.id, spec])),
    permits: new Map(permits),
  };
}
