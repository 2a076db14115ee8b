import { z } from 'zod';
import type { JsonObject } from '../../src/domain/json.ts';
import type { CommandResult, HelperProcess } from '../../src/faults/fault.ts';
import type { ContainerProcess, NodeTools } from '../../src/faults/node-tools.ts';

/** What our prober is asked. */
const question = z.object({
  host: z.string(),
  path: z.string().nullable(),
  count: z.number(),
  timeoutMs: z.number(),
  sideBySide: z.boolean().default(false),
});

type Told = { delayMs: number; jitterMs: number; loss: number; corruption: number; duplication: number };
interface Queue {
  readonly handle: string;
  /** Addresses whose packets go to netem. */
  sorted: string[];
  netem: (Told & { readonly handle: string; packets: number; dropped: number }) | null;
}

/** A node with one pod, whose kernel has netem: what tc and our prober make of its one device, in memory. */
export interface PacketNode extends NodeTools {
  /** Every process that was started in the pod's network, in order. */
  readonly started: readonly string[];
  /** What a far end takes by itself for one packet there and back; null: nothing comes back. */
  farMs: number | null;
  /** How much less than it is told the kernel lets each packet wait, as a drawn delay may be. */
  earlierMs: number;
  /** Whether our measurements get to send anything. */
  sends: boolean;
  /** Of connections that are opened side by side: how many meet what netem does to packets. */
  met: number;
  /** The pod is on this node. */
  there: boolean;
  /** Somebody's `tc qdisc del … root`, `tc filter del …`, `tc qdisc change … netem delay …`. */
  deleteRoot(): void;
  deleteFilters(): void;
  changeDelay(ms: number): void;
  /** Kills every process that waits for its input. */
  killWaiting(): void;
}

const noQueue = { kind: 'noqueue', handle: '0:', root: true, refcnt: 2, options: {} };
const counters = { bytes: 0, packets: 0, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 };
export const queuesBefore = [noQueue];

const done = (stdout = '', stderr = ''): CommandResult => ({ code: stderr === '' ? 0 : 1, stdout, stderr, timedOut: false });
const killed: CommandResult = { code: null, stdout: '', stderr: '', timedOut: false };

export function createPacketNode(): PacketNode {
  const started: string[] = [];
  const kills = new Set<() => void>();
  let root: Queue | null = null;

  const tc = (line: string): string => {
    const words = line.split(' ');
    const after = (word: string): string => words[words.indexOf(word) + 1] ?? '';
    switch (`${words[0]} ${words[1]}`) {
      case 'qdisc show':
        return `${JSON.stringify(shown())}\n`;
      case 'qdisc add':
        if (words.includes('prio')) {
          if (root !== null) throw new Error('Error: NLM_F_REPLACE needed to override.');
          root = { handle: after('handle'), sorted: [], netem: null };
          return '';
        }
        if (root === null) throw new Error('Error: Failed to find specified qdisc.');
        root.netem = { handle: after('handle'), packets: 0, dropped: 0, ...toldBy(words) };
        return '';
      case 'qdisc del':
        if (root?.handle !== after('handle')) throw new Error('Error: Invalid handle.');
        root = null;
        return '';
      case 'filter add':
        if (root === null) throw new Error("Error: Parent Qdisc doesn't exists.");
        root.sorted.push(after('dst').replace('/32', ''));
        return '';
      default:
        throw new Error(`What is "${line}"?`);
    }
  };
  const shown = (): readonly object[] => {
    if (root === null) return [{ ...noQueue, ...counters }];
    const prio = { kind: 'prio', handle: root.handle, root: true, refcnt: 2, options: { bands: 4 }, ...counters };
    if (root.netem === null) return [prio];
    const { handle, packets, dropped, delayMs, jitterMs, loss, corruption, duplication } = root.netem;
    const options = {
      limit: 100_000,
      ...(delayMs > 0 ? { delay: { delay: delayMs / 1000, jitter: jitterMs / 1000, correlation: 0 } } : {}),
      ...(loss > 0 ? { 'loss-random': { loss, correlation: 0 } } : {}),
      ...(duplication > 0 ? { duplicate: { duplicate: duplication, correlation: 0 } } : {}),
      ...(corruption > 0 ? { corrupt: { corrupt: corruption, correlation: 0 } } : {}),
      ecn: false,
      gap: 0,
    };
    return [prio, { kind: 'netem', handle, parent: `${root.handle}4`, options, ...counters, packets, drops: dropped }];
  };
  /** As the kernel does what one process is given. */
  const runBatch = (argv: readonly string[], lines: readonly string[]): CommandResult => {
    let [stdout, stderr] = ['', ''];
    for (const [at, line] of lines.entries()) {
      try {
        stdout += tc(line);
      } catch (error) {
        stderr += `${(error as Error).message}\nCommand failed -:${at + 1}\n`;
        if (!argv.includes('-force')) break;
      }
    }
    return done(stdout, stderr);
  };
  const runIn: NodeTools['runIn'] = async (_process, _namespaces, argv, options) => {
    started.push(argv.join(' '));
    if (argv[0] !== 'tc' || !argv.includes('-batch')) throw new Error(`What is "${argv.join(' ')}"?`);
    const { promise: kill, resolve } = Promise.withResolvers<null>();
    const end = (): void => resolve(null);
    kills.add(end);
    const input = await Promise.race([options?.input ?? '', kill]);
    kills.delete(end);
    return input === null
      ? killed
      : runBatch(
          argv,
          input.split('\n').filter((line) => line !== ''),
        );
  };

  /** Packets of one of our measurements. null: none of them comes back. */
  const send = (host: string, packets: number): number | null => {
    const netem = root?.sorted.includes(host) === true ? root.netem : null;
    if (netem !== null && node.sends) netem.packets += packets;
    if (node.farMs === null || !node.sends) return null;
    return packets * (node.farMs + (netem === null ? 0 : netem.delayMs - node.earlierMs));
  };
  const ask: HelperProcess['ask'] = async (message): Promise<JsonObject> => {
    const { host, path, count, timeoutMs, sideBySide } = question.parse(message);
    if (sideBySide) {
      const comes = send(host, count) !== null;
      return { opened: comes ? count - (root?.netem == null ? 0 : node.met) : 0 };
    }
    const elapsedMs = send(host, path === null ? 1 : 2);
    return { elapsedMs: elapsedMs === null || elapsedMs > timeoutMs ? null : elapsedMs };
  };
  const found: ContainerProcess = { pid: 7, startTime: '1', netns: 'net:[7]' };
  const node: PacketNode = {
    nodeName: 'w4',
    started,
    farMs: 1,
    earlierMs: 0,
    sends: true,
    met: 0,
    there: true,
    deleteRoot: () => void (root = null),
    deleteFilters: () => void root?.sorted.splice(0),
    changeDelay: (ms) => void (root?.netem != null && (root.netem.delayMs = ms)),
    killWaiting: () => kills.forEach((end) => end()),
    findContainer: async () => (node.there ? found : null),
    findPod: async () => (node.there ? found : null),
    processesOf: async () => (node.there ? [found] : []),
    runIn,
    pathIn: (_process, path) => path,
    cgroupOf: () => Promise.reject(new Error('not asked for here')),
    async startHelperIn(_process, _namespaces, name) {
      started.push(name);
      return { ask, stop: async () => {} };
    },
  };
  return node;
}

const toldBy = (words: readonly string[]): Told => {
  const number = (word: string): number => (words.includes(word) ? parseFloat(words[words.indexOf(word) + 1] ?? '') : 0);
  const jitter = words[words.indexOf('delay') + 2] ?? '';
  return {
    delayMs: number('delay'),
    jitterMs: words.includes('delay') && jitter.endsWith('ms') ? parseFloat(jitter) : 0,
    loss: number('loss') / 100,
    corruption: number('corrupt') / 100,
    duplication: number('duplicate') / 100,
  };
};
