import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import { lookUp } from './dns-look.ts';
import { resolversOf, serviceDomainOf } from './dns-rules.ts';
import type { PodNetwork } from './pod-network.ts';
import { withProber } from './prober.ts';

const patienceMs = 2000;

/** By what a link is known where its addresses may change. */
export interface LinkNames {
  readonly hosts: readonly string[];
  /** NAME.NAMESPACE of a Service whose name stands for its pods; null: the link has no such Service. */
  readonly service: string | null;
}

export interface NameAnswer {
  readonly name: string;
  /** In the words of `dns-failure`; `answered` has addresses. */
  readonly outcome: string;
  readonly addresses: readonly string[];
}

export interface NamesAnswer {
  readonly names: readonly NameAnswer[];
  /** Whom the pod asks, the one who answered here among them. */
  readonly resolvers: readonly string[];
}

export const namesOf = ({ hosts, service }: LinkNames): readonly string[] =>
  service === null ? hosts : [...hosts, `${service}.svc`];

/** The IPv4 resolvers of the pod's own resolv.conf. Errors: `policy/denied` when it has none. */
export async function podResolvers(context: FaultContext, network: PodNetwork): Promise<[string, ...string[]]> {
  return resolversIn(await readResolvConf(context, network), network);
}

/** Asked of the pod's first resolver from inside its network. Errors: as `podResolvers`. */
export async function resolveNames(context: FaultContext, network: PodNetwork, names: LinkNames): Promise<NamesAnswer> {
  const resolvConf = await readResolvConf(context, network);
  const resolvers = resolversIn(resolvConf, network);
  const [server] = resolvers;
  const domain = serviceDomainOf(resolvConf);
  const askable = names.service === null || domain === null ? names.hosts : [...names.hosts, `${names.service}.${domain}`];
  const strangers = namesOf(names).slice(askable.length);
  const answered = await withProber(context, network, (prober) =>
    Promise.all(askable.map(async (name) => ({ name, ...(await lookUp(prober, { name, server, timeoutMs: patienceMs })) }))),
  );
  return {
    resolvers,
    names: [
      ...answered.map(({ name, outcome, addresses }) => ({ name, outcome, addresses })),
      ...strangers.map((name) => ({ name, outcome: "the pod's resolv.conf has no domain of Services", addresses: [] })),
    ],
  };
}

async function readResolvConf(context: FaultContext, network: PodNetwork): Promise<string> {
  return context.host.files.readText(nodeOf(context).pathIn(await network.process(), '/etc/resolv.conf'));
}

function resolversIn(resolvConf: string, { name }: PodNetwork): [string, ...string[]] {
  const [first, ...others] = resolversOf(resolvConf);
  if (first !== undefined) return [first, ...others];
  throw new AppError('policy/denied', `${name} has no IPv4 resolver in /etc/resolv.conf. Choose another`);
}
