import { readFileSync } from 'node:fs';

/** The pid of this process's helper of that name. */
export function helperOf(name: string): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`/agent/${name}/main`));
  if (found === undefined) throw new Error(`no ${name} runs`);
  return Number(found);
}
