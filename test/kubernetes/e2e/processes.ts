import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { until } from '../../faults/until.ts';

/** A container on a node whose processes this machine sees. */
export interface RunningContainer {
  readonly pod: string;
  readonly restarts: number;
  /** As this machine numbers them; none when they have ended. */
  readonly pids: readonly number[];
}

/** The first container of each pod of the namespace that these labels choose, all by default. */
export async function containersIn(namespace: string, labels?: string): Promise<readonly RunningContainer[]> {
  const chosen = labels === undefined ? [] : [`--selector=${labels}`];
  const list = JSON.parse(await kubectl('-n', namespace, 'get', 'pods', ...chosen, '-o', 'json')) as PodList;
  return list.items.map(({ metadata, status }) => {
    const [container] = status.containerStatuses ?? [];
    return {
      pod: metadata.name,
      restarts: container?.restartCount ?? 0,
      pids: container?.state?.running === undefined ? [] : pidsOf((container.containerID ?? '').replace(/^.*:\/\//, '')),
    };
  });
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly containerStatuses?: readonly {
        readonly containerID?: string;
        readonly restartCount: number;
        readonly state?: { readonly running?: object };
      }[];
    };
  }[];
}

/** Nobody is answered by the API server meanwhile: it has stopped before `body` begins, with all its threads. */
export async function whileApiServerStands<T>(body: () => Promise<T>): Promise<T> {
  const pid = apiServerPid();
  const stands = (): boolean =>
    globSync(`/proc/${pid}/task/*/status`).every((file) => /^State:\tT/m.test(readFileSync(file, 'utf8')));
  process.kill(pid, 'SIGSTOP');
  try {
    await until('the API server stands still', stands);
    return await body();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** The lab's own, as this machine numbers it. */
function apiServerPid(): number {
  const [pid, another] = pidsWhose('cmdline', (text) => text.split('\0')[0]?.split('/').at(-1) === 'kube-apiserver');
  if (pid === undefined || another !== undefined) throw new Error(`not one kube-apiserver runs here: ${pid}, ${another}`);
  return pid;
}

/** `kill -9`; one that has ended with another is fine. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function pidsOf(containerId: string): readonly number[] {
  return containerId === '' ? [] : pidsWhose('cgroup', (text) => text.includes(containerId));
}

function pidsWhose(file: 'cgroup' | 'cmdline', fits: (text: string) => boolean): readonly number[] {
  return globSync(`/proc/[0-9]*/${file}`)
    .filter((path) => fits(textOf(path)))
    .map((path) => Number(path.split('/')[2]));
}

/** The kernel ends the container for want of memory: somebody takes all that its limit allows. */
export async function endForWantOfMemory({ pids }: RunningContainer): Promise<void> {
  const [pid = 0] = pids;
  const group = textOf(`/proc/${pid}/cgroup`)
    .split('\n')
    .find((line) => line.split(':')[1] === 'memory')
    ?.split(':')[2];
  // The kernel chooses by size and by this: who takes the memory must not be chosen, and may not protect itself everywhere.
  for (const chosen of pids) writeFileSync(`/proc/${chosen}/oom_score_adj`, '1000');
  const take = 'const taken = []; setInterval(() => taken.push(Buffer.alloc(4 << 20, 1)), 10)';
  const script = 'echo $$ > "$0"; exec "$1" -e "$2"';
  const file = `/sys/fs/cgroup/memory${group}/cgroup.procs`;
  const hog = spawn('sh', ['-c', script, file, process.execPath, take], { stdio: 'ignore' });
  const ended = once(hog, 'exit');
  const hasEnded = () => hog.exitCode !== null || hog.signalCode !== null;
  while (textOf(`/proc/${pid}/cgroup`) !== '' && !hasEnded()) await new Promise((resolve) => setTimeout(resolve, 20));
  if (hasEnded()) throw new Error(`who took the memory of process ${pid} ended first, by ${hog.signalCode ?? hog.exitCode}`);
  hog.kill('SIGKILL');
  await ended;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
