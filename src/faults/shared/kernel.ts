import type { FaultContext } from '../fault.ts';

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

export async function readPacketKernel({ host }: FaultContext): Promise<PacketKernel> {
  const problemOf = async (argv: readonly string[]): Promise<string | null> => {
    const { code, stderr, timedOut } = await host.run(argv, { timeoutMs: 3000 });
    if (code === 0) return null;
    return timedOut ? `${argv.join(' ')} did not end within 3 s` : (stderr.trim().split('\n', 1)[0] ?? '');
  };
  const [forNft, ...forNetem] = await Promise.all([problemOf(nft), ...netem.map(problemOf)]);
  return { netem: forNetem.find((problem) => problem !== null) ?? null, nft: forNft };
}
