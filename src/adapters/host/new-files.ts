import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { NewFiles } from '../../ports/new-files.ts';

export const newFiles: NewFiles = {
  async existing(paths) {
    return paths.filter((path) => existsSync(path));
  },

  async write(path, text) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
    } catch (error) {
      throw new AppError('archive/failed', `${path} cannot be written: ${messageOf(error)}. Check the folder and try again`, {
        cause: error,
      });
    }
  },
};
