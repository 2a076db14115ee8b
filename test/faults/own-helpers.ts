import { readFileSync } from 'node:fs';

/** The pids of this process's children whose command line has these words. */
export function childrenLike(words: string): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.filter((pid) => commandOf(pid).includes(words)).map(Number);
}

/** The pid of this process's helper of that name. */
export function helperOf(name: string): number {
  const [found] = childrenLike(`/agent/${name}/main`);
  if (found === undefined) throw new Error(`no ${name} runs`);
  return found;
}

/** Nothing of one that has ended since it was listed. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
