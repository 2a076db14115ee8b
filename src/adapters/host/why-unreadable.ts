import { messageOf } from '../../domain/errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its folder is a file',
  EACCES: 'permission denied',
};

/** What kept a file that somebody named from being read, in words; of a failure without such a code, its own message. */
export function whyUnreadable(error: unknown): string {
  return reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
}
