import { AppError } from '../../domain/errors.ts';
import type { FaultContext, HostTools } from '../fault.ts';
import type { NodeTools } from '../node-tools.ts';

/** What the kernel of this node can do to packets; null: it can, else why not. */
export interface PacketKernel {
  readonly netem: string | null;
  readonly nft: string | null;
  /** netem for what comes in. Asked only where it is needed, and once: the kernel may load what it has not needed yet. */
  ingress(): Promise<string | null>;
}

/** A network that ends with the question: nobody's packets are touched. */
const ofItsOwn = ['unshare', '--net'];

const netem = [['netem', 'delay', '1ms'], ['prio']].map((words) => [
  ...ofItsOwn,
  'tc',
  'qdisc',
  'add',
  'dev',
  'lo',
  'root',
  ...words,
]);

/** The device that packets are turned into, and what turns them. */
const ingress: readonly { readonly argv: readonly string[]; readonly input?: string }[] = [
  { argv: [...ofItsOwn, 'ip', 'link', 'add', 'dev', 'trial', 'up', 'type', 'ifb'] },
  {
    argv: [...ofItsOwn, 'tc', '-batch', '-'],
    input: [
      'qdisc add dev lo ingress_block 1 ingress',
      'filter add block 1 chain 1 protocol ip prio 2 u32 match u32 0 0 action mirred egress redirect dev lo',
      'filter add block 1 protocol ip prio 3 u32 match u32 0 0 action goto chain 1',
      '',
    ].join('\n'),
  },
];

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
  const problemOf = async (argv: readonly string[], input?: string): Promise<string | null> => {
    const given = input === undefined ? {} : { input: Promise.resolve(input) };
    const { code, stderr, timedOut } = await host.run(argv, { timeoutMs: patienceMs, ...given });
    if (timedOut) {
      throw new AppError(
        'upstream/unreachable',
        `what this node's kernel can do to packets is not known: ${argv[0]} did not end within ${patienceMs / 1000} s. Look at the node's load, then run again`,
      );
    }
    return code === 0 ? null : (stderr.trim().split('\n', 1)[0] ?? '');
  };
  const firstProblem = async (asked: readonly Promise<string | null>[]): Promise<string | null> =>
    (await Promise.all(asked)).find((problem) => problem !== null) ?? null;
  const [forNft, forNetem] = await Promise.all([problemOf(nft), firstProblem(netem.map((argv) => problemOf(argv)))]);
  let forIngress: Promise<string | null> | undefined;
  return {
    netem: forNetem,
    nft: forNft,
    async ingress() {
      forIngress ??= firstProblem(ingress.map(({ argv, input }) => problemOf(argv, input)));
      // What failed may work the next time.
      forIngress.catch(() => (forIngress = undefined));
      return forIngress;
    },
  };
}
