import { AppError } from '../domain/errors.ts';
import type { Confirmation, ConfirmationWord } from '../domain/injection/confirmation.ts';
import { mayConfirm, questionOf } from '../domain/injection/question.ts';
import type { InjectionSpec, InjectionStatus } from '../domain/injection/records.ts';
import type { ByHand } from '../domain/plan/plan.ts';
import { faults } from '../faults/index.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { InjectionStore, Read } from '../ports/injections.ts';

const registry = faultRegistry(faults);

/** What each of these injections asks a person now, by id. */
export function questionsNow(
  specs: readonly Read<InjectionSpec>[],
  statuses: readonly Read<InjectionStatus>[],
): ReadonlyMap<string, string> {
  const byId = byHandIn(specs);
  return new Map(
    statuses.flatMap((status): [string, string][] => {
      const byHand = byId.get(status.id) ?? null;
      const question = byHand === null || isCorrupt(status) ? null : questionOf(byHand, status);
      return question === null ? [] : [[status.id, question.text]];
    }),
  );
}

/** null for an injection that an agent makes. What cannot be read is in no entry. */
function byHandIn(specs: readonly Read<InjectionSpec>[]): ReadonlyMap<string, ByHand | null> {
  return new Map(
    specs.flatMap((spec) => (isCorrupt(spec) ? [] : [[spec.id, registry.byHand(spec.fault, spec.params)] as const])),
  );
}

/**
 * Stores a person's word on an injection, or on the only one of a run that waits for it. Errors: `run/not-found`, `guard/blocked`
 * where nobody is asked or another was first, `spec/invalid` where several wait, `record/corrupt`.
 */
export async function confirmByHand(
  store: Pick<InjectionStore, 'readSpecs' | 'readStatuses' | 'readConfirmation' | 'writeConfirmation'>,
  { of, word, by, at }: { readonly of: string; readonly word: ConfirmationWord; readonly by: string; readonly at: string },
): Promise<Confirmation> {
  const byHand = byHandIn(await store.readSpecs());
  const said = (await store.readStatuses()).filter((status): status is InjectionStatus => !isCorrupt(status));
  // One whose spec is gone may have been made by hand, and must be able to end.
  const mine = said.filter(({ id, runId }) => (id === of || runId === of) && byHand.get(id) !== null);
  if (mine.length === 0) {
    throw new AppError('run/not-found', `nothing of "${of}" is done by hand. \`firedrill status\` shows what is open`);
  }
  const open = mine.filter((status) => mayConfirm(word, status));
  const [one] = open;
  if (one === undefined) {
    const earlier = await Promise.all(mine.map(({ id }) => store.readConfirmation(id, word)));
    const before = earlier.find((confirmation) => confirmation !== null);
    if (before !== undefined) return settled(before, by);
    const phases = mine.map(({ id, phase }) => `${id} is ${phase}`).join(', ');
    throw new AppError(
      'guard/blocked',
      `nobody is asked to confirm that it is ${word}: ${phases}. \`firedrill status\` shows what is asked`,
    );
  }
  if (open.length > 1) {
    throw new AppError(
      'spec/invalid',
      `${open.length} of "${of}" wait for that. Name one: ${open.map(({ id }) => id).join(', ')}`,
    );
  }
  return settled(await store.writeConfirmation({ schemaVersion: 1, id: one.id, word, by, at }), by);
}

/** Saying it again is no mistake; whoever comes second is told who was first. */
function settled(stored: Read<Confirmation>, by: string): Confirmation {
  if (isCorrupt(stored)) throw new AppError('record/corrupt', `${stored.problem}. Take it away, and confirm again`);
  if (stored.by === by) return stored;
  throw new AppError(
    'guard/blocked',
    `${stored.by} has confirmed at ${stored.at} that "${stored.id}" is ${stored.word}, and that stays`,
  );
}
