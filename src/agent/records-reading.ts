import type { InjectionSpec } from '../domain/injection/records.ts';
import type { PermitLook, Read } from '../ports/injections.ts';
import type { AgentDependencies } from './dependencies.ts';

/** What the store said in one look. */
export interface Records {
  readonly halted: boolean;
  readonly specs: ReadonlyMap<string, Read<InjectionSpec>>;
  /** Injections whose end was asked for by taking their record away. */
  readonly withdrawn: ReadonlySet<string>;
  /** Of the runs that have injections here. */
  readonly permits: ReadonlyMap<string, PermitLook>;
}

/** Reads halt, the specs of all that has not ended, and the permits of the given runs. `since`: monotonic ms of the look before. Errors: `upstream/unreachable`. */
export async function readRecords(
  { store }: Pick<AgentDependencies, 'store'>,
  { runs, ended, since }: { readonly runs: ReadonlySet<string>; readonly ended: ReadonlySet<string>; readonly since: number },
): Promise<Records> {
  const [halt, specs, withdrawn, permits] = await Promise.all([
    store.readHalt(since),
    store.readSpecs(ended),
    store.readWithdrawn(),
    Promise.all([...runs].map(async (run) => [run, await store.lookAtPermit(run)] as const)),
  ]);
  return {
    halted: halt !== null,
    specs: new Map(specs.map((spec) => [spec.id, spec])),
    withdrawn: new Set(withdrawn),
    permits: new Map(permits),
  };
}
