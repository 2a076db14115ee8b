import type { ByHand } from '../plan/plan.ts';
import type { ConfirmationWord } from './confirmation.ts';
import type { InjectionStatus, Phase } from './records.ts';

/** What a person is asked to do, and to confirm. */
export interface Question {
  readonly word: ConfirmationWord;
  readonly text: string;
}

type Asked = Pick<InjectionStatus, 'id' | 'phase' | 'activeAt'>;

/** The phases in which it may be said that it is undone: also before that is asked for. */
const endable: readonly Phase[] = ['activating', 'active', 'reverting', 'stuck'];

/** What an injection by hand waits for; null: for nobody. Once it is there that it was asked, and not before: what was not asked is not done. */
export function questionOf({ instruction, revertInstruction, withinSeconds }: ByHand, status: Asked): Question | null {
  const { id, phase, activeAt } = status;
  if (activeAt === undefined) return null;
  if (phase === 'activating') {
    return { word: 'injected', text: `within ${withinSeconds} s do "${instruction}", then ${confirmCommand(id, 'injected')}` };
  }
  if (phase !== 'reverting' && phase !== 'stuck') return null;
  return { word: 'reverted', text: `now do "${revertInstruction}", then ${confirmCommand(id, 'reverted')}` };
}

/** Whether this may be said of it now. */
export function mayConfirm(word: ConfirmationWord, { phase, activeAt }: Asked): boolean {
  if (word === 'injected') return phase === 'activating' && activeAt !== undefined;
  return endable.includes(phase);
}

export function confirmCommand(id: string, word: ConfirmationWord): string {
  return `\`firedrill confirm ${id} ${word} --as NAME\``;
}
