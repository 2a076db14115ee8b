import { AppError } from '../../domain/errors.ts';
import type { PacketKernel } from './kernel.ts';
import type { ExistingConnections } from './relay-client.ts';

/**
 * `netem`: the kernel's own queue, where packets leave the pod or come to it. `redirect`: new connections are turned into a relay
 * of ours. `drop`: rules that let packets go no further.
 */
export type PodEngine = 'netem' | 'redirect' | 'drop';

/** What of a fault an engine must be able to do. */
export interface Needs {
  readonly parts: readonly string[];
  /** Absent where open connections are never spared nor turned. */
  readonly connections?: ExistingConnections;
  /** Every destination is one address and one TCP port. */
  readonly onlyEnds: boolean;
}

export interface ChosenEngine {
  readonly engine: PodEngine;
  /** For people: why this one. */
  readonly why: string;
}

interface Ability {
  /** As people ask for it. */
  readonly name: string;
  readonly kernel: 'netem' | 'nft';
  readonly parts: readonly string[];
  readonly problem: (needs: Needs) => string | null;
}

const delays = ['delay', 'jitter', 'correlation', 'distribution'];
const abilities: Readonly<Record<PodEngine, Ability>> = {
  netem: {
    name: 'netem',
    kernel: 'netem',
    parts: [...delays, 'loss', 'corruption', 'duplication', 'reordering', 'egress', 'ingress'],
    problem: ({ connections }) =>
      connections === 'keep' ? 'it tells no open connection from a new one (write connections: slow, or reset)' : null,
  },
  redirect: {
    name: 'relay',
    kernel: 'nft',
    parts: ['delay', 'jitter', 'bandwidth', 'reset', 'blackhole'],
    problem: ({ connections, onlyEnds }) => {
      if (!onlyEnds) return 'it needs single addresses with TCP ports';
      return connections === 'slow' ? 'open connections cannot be turned (write connections: keep, or reset)' : null;
    },
  },
  drop: { name: 'nft', kernel: 'nft', parts: ['egress', 'ingress'], problem: () => null },
};

/**
 * The first of `order` that can do all of it on this node's kernel. Never silently another than was asked for: `why` says what
 * those before it lack. Errors: `policy/denied`, with what each of them lacks.
 */
export async function chooseEngine(
  order: readonly PodEngine[],
  needs: Needs,
  kernel: PacketKernel,
  name: string,
): Promise<ChosenEngine> {
  const lacks: string[] = [];
  for (const engine of order) {
    const problem = await problemOf(abilities[engine], needs, kernel);
    if (problem === null) return { engine, why: whyOf(order, lacks) };
    lacks.push(`${abilities[engine].name}: ${problem}`);
  }
  throw new AppError(
    'policy/denied',
    `${name}: no engine can do it. ${lacks.join('; ')}. Choose another engine, node or parameters`,
  );
}

async function problemOf(ability: Ability, needs: Needs, kernel: PacketKernel): Promise<string | null> {
  const { kernel: needed, parts, problem } = ability;
  const absent = kernel[needed];
  if (absent !== null) return `this node's kernel cannot (${absent})`;
  const missing = needs.parts.filter((part) => !parts.includes(part));
  if (missing.length > 0) return `it cannot do ${missing.join(', ')}`;
  const other = problem(needs);
  if (other !== null || needed !== 'netem' || !needs.parts.includes('ingress')) return other;
  const noIngress = await kernel.ingress();
  return noIngress === null ? null : `this node's kernel cannot do ingress (${noIngress})`;
}

function whyOf(order: readonly PodEngine[], lacks: readonly string[]): string {
  if (lacks.length > 0) return `not ${lacks.join('; not ')}`;
  return order.length === 1 ? 'the only one asked for' : 'the first that can do all of it here';
}
