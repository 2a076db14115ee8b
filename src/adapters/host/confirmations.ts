import { join } from 'node:path';
import type { Confirmation, ConfirmationWord } from '../../domain/injection/confirmation.ts';
import { AppError } from '../../domain/errors.ts';
import type { Read } from '../../ports/injections.ts';
import { confirmationSchema } from '../records/schemas.ts';
import { createDurably } from './durable-file.ts';
import { reach, readRecord, recordPath } from './record-file.ts';

/** What people say, in a file for each word, which is made once. */
export function createConfirmations(directory: string) {
  const pathOf = (id: string, word: ConfirmationWord): string => recordPath(join(directory, `confirmed-${word}`), id);
  /** One that lies in the other word's place is none. */
  const read = (id: string, word: ConfirmationWord): Promise<Read<Confirmation> | null> =>
    readRecord(pathOf(id, word), confirmationSchema, (said) => (said.word === word ? said.id : `${said.id}, ${said.word}`));

  return {
    read,
    async write(confirmation: Confirmation): Promise<Read<Confirmation>> {
      const { id, word } = confirmation;
      const path = pathOf(id, word);
      if (await reach(path, () => createDurably(path, `${JSON.stringify(confirmation, null, 2)}\n`))) return confirmation;
      const stored = await read(id, word);
      if (stored !== null) return stored;
      throw new AppError('upstream/unreachable', `${path} was taken away while it was read. Confirm again`);
    },
  };
}
