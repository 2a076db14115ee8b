import { AppError } from '../../domain/errors.ts';
import type { FaultContext, HostTools } from '../fault.ts';
import type { NodeTools } from '../node-tools.ts';

/** What the kernel of this node can do to packets; null: it can, else why not. */
export interface PacketKernel {
  readonly netem: string | null;
  readonly nft: string | null;
}

/** Each in a network of its own that ends with the question: nobody's packets are touched. */
const netem = [['netem', 'delay', '1ms'], ['prio']].map((words) => [
  'unshare',
  '--net',
  'tc',
  'qdisc',
  'add',
  'dev',
  'lo',
  'root',
  ...words,
]);

/** Asked of the kernel and not done. */
const nft = [
  'nft',
  '--check',
  'table ip trial {\n chain c {\n type nat hook output priority -100\n tcp dport 1 redirect to :1\n }\n}',
];

/** A node with one slow processor took more than three when it was overloaded. */
const patienceMs = 8_000;

/** A node's agent lives as long as one run: it asks its kernel once. */
const known = new WeakMap<NodeTools, Promise<PacketKernel>>();

/** Errors: `upstream/unreachable`. */
export function readPacketKernel({ host, node }: FaultContext): Promise<PacketKernel> {
  if (node === null) return ask(host);
  const asked = known.get(node) ?? ask(host);
  known.set(node, asked);
  // What failed may work the next time.
  asked.catch(() => known.delete(node));
  return asked;
}

async function ask(host: HostTools): Promise<PacketKernel> {
  const problemOf = async (argv: readonly string[]): Promise<string | null> => {
    const { code, stderr, timedOut } = await host.run(argv, { timeoutMs: patienceMs });
    if (timedOut) {
      throw new AppError(
        'upstream/unreachable',
        `what this node's kernel can do to packets is not known: ${argv[0]} did not end within ${patienceMs / 1000} s. Look at the node's load, then run again`,
      );
    }
    return code === 0 ? null : (stderr.trim().split('\n', 1)[0] ?? '');
  };
  const [forNft, ...forNetem] = await Promise.all([problemOf(nft), ...netem.map(problemOf)]);
  return { netem: forNetem.find((problem) => problem !== null) ?? null, nft: forNft };
}
