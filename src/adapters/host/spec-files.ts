import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { SpecFiles } from '../../ports/spec-files.ts';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

export const specFiles: SpecFiles = {
  async list(path) {
    try {
      if (!(await stat(path)).isDirectory()) return [path];
      const entries = await readdir(path, { recursive: true });
      return entries
        .filter((entry) => /\.ya?ml$/.test(entry))
        .map((entry) => join(path, entry))
        .toSorted();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new AppError('spec/not-found', `${path} cannot be read: ${messageOf(error)}. Check the path`, { cause: error });
    }
  },
};
