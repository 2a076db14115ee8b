import { rm, writeFile } from 'node:fs/promises';
import type { Confirmation, ConfirmationWord } from '../../../src/domain/injection/confirmation.ts';

/** Does by hand what is asked as soon as somebody looks for nothing else than their word: a file is there, or is not. */
export function willingPerson(file: string) {
  let before: ConfirmationWord | null = null;
  return async (word: ConfirmationWord): Promise<Confirmation | null> => {
    const again = before === word;
    before = word;
    if (word === 'injected') await writeFile(file, '');
    // Whoever looks whether it came looks whether it went, too.
    else if (!again) return null;
    else await rm(file, { force: true });
    return { schemaVersion: 1, id: 'any', word, by: 'ann', at: new Date().toISOString() };
  };
}
