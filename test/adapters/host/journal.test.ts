import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInjectionStore } from '../../../src/adapters/host/injection-store.ts';
import { createJournal } from '../../../src/adapters/host/journal.ts';
import { journalContract } from '../../contracts/journal.ts';

journalContract(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  createInjectionStore(folder);
  const path = (id: string): string => join(folder, 'journal', `${id}.jsonl`);
  return {
    open: () => createJournal(folder),
    tear: async (id) => truncate(path(id), (await stat(path(id))).size - 5),
    damage: (id) => writeFile(path(id), 'garbage\n'),
    close: () => rm(folder, { recursive: true }),
  };
});
