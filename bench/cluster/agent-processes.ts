import { globSync, readFileSync } from 'node:fs';
import { AppError } from '../../src/domain/errors.ts';
import { programs } from '../../src/install/names.ts';

/** Of agents on workers that are namespaces of this machine, by its own numbers. */
export interface AgentProcess {
  readonly pid: number;
  /** Its pod's name. */
  readonly pod: string;
}

/** Every process of the cluster's agent of an installation. */
export function clusterAgentProcesses(namespace: string): readonly AgentProcess[] {
  return processesWith([programs.clusterAgent, namespace]);
}

/** The process of the node agent of a run. Errors: `part/died` when there is none, or more than one. */
export function nodeAgentProcess(runId: string): AgentProcess {
  const [found, ...more] = processesWith([programs.nodeAgent, runId]);
  if (found === undefined || more.length > 0)
    throw new AppError('part/died', `${more.length + Number(found !== undefined)} agents serve ${runId}, not one`);
  return found;
}

/** All words are among its arguments. Processes that end while we look are passed over. */
function processesWith(words: readonly string[]): readonly AgentProcess[] {
  return globSync('/proc/[0-9]*/cmdline').flatMap((path) => {
    try {
      const given = readFileSync(path, 'utf8').split('\0');
      if (given[0] !== programs.node || !words.every((word) => given.includes(word))) return [];
      const pod = /(?:^|\0)HOSTNAME=([^\0]*)/.exec(readFileSync(path.replace('cmdline', 'environ'), 'utf8'))?.[1] ?? '';
      return [{ pid: Number(path.split('/')[2]), pod }];
    } catch {
      return [];
    }
  });
}
