import { globSync, readFileSync } from 'node:fs';

/** Of a program of ours, as this machine counts its processes: every word is in its arguments or its environment. */
export function pidOfAgent(...words: readonly string[]): number {
  const [pid] = pidsOfAgent(...words);
  if (pid === undefined) throw new Error(`no process has ${words.join(' and ')}`);
  return pid;
}

/** The same, of all that there are at the moment. */
export function pidsOfAgent(...words: readonly string[]): readonly number[] {
  return pidsWith(words).filter((each) => wordsOf(each, 'cmdline')[0]?.endsWith('node'));
}

/** Every process of that pod's containers. */
export function pidsOfPod(pod: string): readonly number[] {
  return pidsWith([`HOSTNAME=${pod}`]);
}

function pidsWith(words: readonly string[]): readonly number[] {
  return globSync('/proc/[0-9]*')
    .map((path) => Number(path.split('/')[2]))
    .filter((pid) => {
      const own = [...wordsOf(pid, 'cmdline'), ...wordsOf(pid, 'environ')];
      return words.every((word) => own.includes(word));
    });
}

/** None when it has ended. */
function wordsOf(pid: number, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
