import type { Operation } from '../../domain/injection/state.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { Evidence, Fault, FaultContext } from '../fault.ts';
import type { Destination } from './destinations.ts';
import { endNames, followNames, forgetNames, sayNames } from './followed-names.ts';
import type { NamedLink } from './followed-names.ts';

/** Where the addresses go that a link's names gain. */
export interface Covering {
  readonly link: NamedLink;
  cover(gained: readonly Destination[]): Promise<void>;
}

/** On an overloaded node: the kernel is asked and what measures is started first; what holds is some commands one after the other. */
const patience: Partial<Record<Operation, number>> = { prepare: 19_000, hold: 20_000 };

/**
 * The same fault, which while it is active also acts on what the names of its link gain, in a frozen run too: an address in place
 * of another makes nothing worse. Evidence says what was gained. `coveringOf`: null where a link has no names.
 */
export function followingNames<Params extends JsonObject, Undo extends JsonObject>(
  fault: Fault<Params, Undo>,
  coveringOf: (context: FaultContext, target: TargetRef, params: Params, undo: Undo) => Covering | null,
): Fault<Params, Undo> {
  return {
    ...fault,
    patienceMs: (operation, given) => patience[operation] ?? fault.patienceMs?.(operation, given) ?? 0,
    async hold(context, target, params, undo) {
      const covering = coveringOf(context, target, params, undo);
      if (covering !== null) await followNames(context, covering.link, (gained) => covering.cover(gained));
      return undefined;
    },
    async verify(context, target, params, undo) {
      return withNames(context, await fault.verify(context, target, params, undo));
    },
    async revert(context, target, undo) {
      endNames(context.injectionId);
      await fault.revert(context, target, undo);
    },
    async verifyReverted(context, target, undo) {
      const seen = withNames(context, await fault.verifyReverted(context, target, undo));
      if (!seen.present) forgetNames(context.injectionId);
      return seen;
    },
  };
}

function withNames({ injectionId }: FaultContext, seen: Evidence): Evidence {
  const { summary, data } = sayNames(injectionId);
  return { ...seen, summary: `${seen.summary}${summary}`, data: { ...seen.data, ...data } };
}
