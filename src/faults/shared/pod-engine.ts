import { AppError } from '../../domain/errors.ts';
import type { PacketKernel } from './kernel.ts';
import type { ExistingConnections } from './relay-client.ts';

/**
 * `netem`: the kernel's own queue where packets leave the pod. `redirect`: new connections are turned into a relay of ours.
 * `drop`: rules that let packets go no further.
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
  readonly kernel: keyof PacketKernel;
  readonly parts: readonly string[];
  readonly problem: (needs: Needs) => string | null;
}

const abilities: Readonly<Record<PodEngine, Ability>> = {
  netem: {
    name: 'netem',
    kernel: 'netem',
    parts: ['delay', 'jitter', 'correlation', 'distribution', 'loss', 'corruption', 'duplication', 'reordering', 'egress'],
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
export function chooseEngine(order: readonly PodEngine[], needs: Needs, kernel: PacketKernel, name: string): ChosenEngine {
  const lacks: string[] = [];
  for (const engine of order) {
    const problem = problemOf(abilities[engine], needs, kernel);
    if (problem === null) return { engine, why: whyOf(order, lacks) };
    lacks.push(`${abilities[engine].name}: ${problem}`);
  }
  throw new AppError(
    'policy/denied',
    `${name}: no engine can do it. ${lacks.join('; ')}. Choose another engine, node or parameters`,
  );
}

function problemOf({ kernel: needed, parts, problem }: Ability, needs: Needs, kernel: PacketKernel): string | null {
  const absent = kernel[needed];
  if (absent !== null) return `this node's kernel cannot (${absent})`;
  const missing = needs.parts.filter((part) => !parts.includes(part));
  return missing.length > 0 ? `it cannot do ${missing.join(', ')}` : problem(needs);
}

function whyOf(order: readonly PodEngine[], lacks: readonly string[]): string {
  if (lacks.length > 0) return `not ${lacks.join('; not ')}`;
  return order.length === 1 ? 'the only one asked for' : 'the first that can do all of it here';
}
