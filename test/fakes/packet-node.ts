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
/** What turns packets that come in. */
interface Ingress {
  /** null: somebody else's, without one. */
  readonly block: string | null;
  /** Addresses whose packets are turned, once packets come to the chain that says so. */
  turned: { readonly from: string; readonly into: string }[];
  open: boolean;
}

/** A node with one pod, whose kernel has netem: what ip, tc and our prober make of its one device, in memory. */
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
  /** Somebody's `tc qdisc del … root`, `tc filter del …`, `tc qdisc change … netem delay …`, wherever there is one. */
  deleteRoot(): void;
  deleteFilters(): void;
  changeDelay(ms: number): void;
  /** Somebody's `tc filter del …` where packets come in, `tc qdisc del … ingress`, `tc qdisc add … ingress`. */
  deleteTurns(): void;
  deleteIngress(): void;
  addIngress(): void;
  /** What `tc qdisc show` tells, without counters. */
  shown(): readonly object[];
  /** How many processes wait for their input. */
  waiting(): number;
  /** Kills every one of them. */
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
  /** By device: its own root, or the kernel's. */
  const roots = new Map<string, Queue | null>([['eth0', null]]);
  let ingress: Ingress | null = null;
  /** How many packets eth0 lets wait, where its queue has no say of its own. */
  let length = 0;
  const rootOf = (device: string): Queue | null => {
    const root = roots.get(device);
    if (root === undefined) throw new Error(`Cannot find device "${device}"`);
    return root;
  };

  const ip = (line: string): string => {
    if (line === 'link show') {
      const all = [...roots.keys()].map((ifname) => ({ ifname, ...(ifname === 'eth0' && length > 0 ? { txqlen: length } : {}) }));
      return `${JSON.stringify(all)}\n`;
    }
    const [, verb, , device = '', ...words] = line.split(' ');
    if (verb === 'del') {
      rootOf(device);
      roots.delete(device);
    } else if (verb === 'set' && device === 'eth0' && words[0] === 'txqueuelen') length = Number(words[1]);
    else if (words.join(' ') === 'up type ifb' && device.length <= 15) roots.set(device, null);
    else throw new Error(`What is "${line}"?`);
    return '';
  };
  const tc = (line: string): string => {
    const words = line.split(' ');
    const after = (word: string): string => words[words.indexOf(word) + 1] ?? '';
    const device = after('dev');
    if (words.includes('block') && ingress?.block !== after('block'))
      throw new Error('Error: Block of given index was not found.');
    switch (`${words[0]} ${words[1]}`) {
      case 'qdisc show':
        return `${JSON.stringify(shown())}\n`;
      case 'qdisc add':
        if (device === 'eth0' && length === 0) length = 1000;
        if (words.at(-1) === 'ingress') {
          if (ingress !== null) throw new Error('Error: Exclusivity flag on, cannot modify.');
          ingress = { block: after('ingress_block'), turned: [], open: false };
          return '';
        }
        if (words.includes('prio')) {
          if (rootOf(device) !== null) throw new Error('Error: NLM_F_REPLACE needed to override.');
          roots.set(device, { handle: after('handle'), sorted: [], netem: null });
          return '';
        }
        queueOf(device).netem = { handle: after('handle'), packets: 0, dropped: 0, ...toldBy(words) };
        return '';
      case 'qdisc del':
        if (words.at(-1) === 'ingress') {
          if (ingress === null) throw new Error('Error: Cannot find specified qdisc on specified device.');
          ingress = null;
          return '';
        }
        if (rootOf(device)?.handle !== after('handle')) throw new Error('Error: Invalid handle.');
        roots.set(device, null);
        return '';
      case 'filter add':
        if (words.includes('goto')) ingress!.open = true;
        else if (words.includes('redirect')) ingress!.turned.push({ from: after('src').replace('/32', ''), into: device });
        else if (!words.includes('block')) queueOf(device).sorted.push(after('dst').replace('/32', ''));
        return '';
      case 'filter del':
        ingress!.open = false;
        return '';
      default:
        throw new Error(`What is "${line}"?`);
    }
  };
  const queueOf = (device: string): Queue => {
    const root = rootOf(device);
    if (root === null) throw new Error('Error: Failed to find specified qdisc.');
    return root;
  };
  const shown = (): readonly object[] =>
    [...roots].flatMap(([dev, root]) => [
      ...rootShown(dev, root),
      ...(dev === 'eth0' && ingress !== null ? [ingressShown(dev, ingress)] : []),
    ]);
  const ingressShown = (dev: string, { block }: Ingress): object => ({
    kind: 'ingress',
    handle: 'ffff:',
    dev,
    parent: 'ffff:fff1',
    ...(block === null ? {} : { ingress_block: Number(block) }),
    options: {},
    ...counters,
  });
  const rootShown = (dev: string, root: Queue | null): readonly object[] => {
    if (root === null) return [{ ...noQueue, dev, ...counters }];
    const prio = { kind: 'prio', handle: root.handle, dev, root: true, refcnt: 2, options: { bands: 4 }, ...counters };
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
    return [prio, { kind: 'netem', handle, dev, parent: `${root.handle}4`, options, ...counters, packets, drops: dropped }];
  };
  /** As the kernel does what one process is given. */
  const runBatch = (argv: readonly string[], lines: readonly string[]): CommandResult => {
    let [stdout, stderr] = ['', ''];
    for (const [at, line] of lines.entries()) {
      try {
        stdout += argv[0] === 'ip' ? ip(line) : tc(line);
      } catch (error) {
        stderr += `${(error as Error).message}\nCommand failed -:${at + 1}\n`;
        if (!argv.includes('-force')) break;
      }
    }
    return done(stdout, stderr);
  };
  const runIn: NodeTools['runIn'] = async (_process, _namespaces, argv, options) => {
    started.push(argv.join(' '));
    if (!['ip', 'tc'].includes(argv[0] ?? '') || !argv.includes('-batch')) throw new Error(`What is "${argv.join(' ')}"?`);
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

  const netemsOn = (host: string) => {
    const into = ingress?.open === true ? ingress.turned.find(({ from }) => from === host)?.into : undefined;
    const turned = into === undefined ? null : (roots.get(into) ?? null);
    const leaving = roots.get('eth0') ?? null;
    return {
      leaving: leaving?.sorted.includes(host) === true ? leaving.netem : null,
      coming: turned?.sorted.includes('0.0.0.0/0') === true ? turned.netem : null,
    };
  };
  const waits = (netem: Told | null): number => (netem === null ? 0 : netem.delayMs - node.earlierMs);
  /** Packets of one of our measurements. null: none of them comes back. */
  const send = (host: string, packets: number): number | null => {
    const { leaving, coming } = netemsOn(host);
    if (leaving !== null && node.sends) leaving.packets += packets;
    if (node.farMs === null || !node.sends) return null;
    if (coming !== null) coming.packets += packets;
    return packets * (node.farMs + waits(leaving) + waits(coming));
  };
  const ask: HelperProcess['ask'] = async (message): Promise<JsonObject> => {
    const { host, path, count, timeoutMs, sideBySide } = question.parse(message);
    if (sideBySide) {
      const comes = send(host, count) !== null;
      const { leaving, coming } = netemsOn(host);
      return { opened: comes ? count - (leaving === null && coming === null ? 0 : node.met) : 0 };
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
    deleteRoot: () => [...roots.keys()].forEach((device) => roots.set(device, null)),
    deleteFilters: () => [...roots.values()].forEach((root) => root?.sorted.splice(0)),
    changeDelay: (ms) => [...roots.values()].forEach((root) => root?.netem != null && (root.netem.delayMs = ms)),
    deleteTurns: () => void (ingress !== null && (ingress.open = false)),
    deleteIngress: () => void (ingress = null),
    addIngress: () => void (ingress = { block: null, turned: [], open: false }),
    shown,
    waiting: () => kills.size,
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
