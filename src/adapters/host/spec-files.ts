import { copyFile, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { SpecFiles } from '../../ports/spec-files.ts';
import { whyUnreadable } from './why-unreadable.ts';

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
      throw new AppError('spec/not-found', `${path} cannot be read: ${whyUnreadable(error)}. Check the path`, { cause: error });
    }
  },
  async write(path, text) {
    const scratch = `${path}.${process.pid}.tmp`;
    try {
      // A link stays a link, and a file keeps who may read it.
      const target = await realpath(path);
      await copyFile(target, scratch);
      await writeFile(scratch, text);
      await rename(scratch, target);
    } catch (error) {
      await rm(scratch, { force: true });
      throw new AppError('spec/not-found', `${path} cannot be written: ${messageOf(error)}. Check its permissions`, {
        cause: error,
      });
    }
  },
};
