import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import { lookUp } from './dns-look.ts';
import { resolversOf } from './dns-rules.ts';
import type { PodNetwork } from './pod-network.ts';
import { withProber } from './prober.ts';

const patienceMs = 2000;

/** The IPv4 resolvers of the pod's own resolv.conf. Errors: `policy/denied` when it has none. */
export async function podResolvers(context: FaultContext, network: PodNetwork): Promise<[string, ...string[]]> {
  const path = nodeOf(context).pathIn(await network.process(), '/etc/resolv.conf');
  const [first, ...others] = resolversOf(await context.host.files.readText(path));
  if (first !== undefined) return [first, ...others];
  throw new AppError('policy/denied', `${network.name} has no IPv4 resolver in /etc/resolv.conf. Choose another`);
}

/** The addresses of these hosts, asked of the pod's first resolver from inside its network. Those without one are left out. */
export async function resolveInPod(
  context: FaultContext,
  network: PodNetwork,
  hosts: readonly string[],
): Promise<readonly string[]> {
  if (hosts.length === 0) return [];
  const [server] = await podResolvers(context, network);
  return withProber(context, network, async (prober) => {
    const found = await Promise.all(hosts.map((name) => lookUp(prober, { name, server, timeoutMs: patienceMs })));
    return [...new Set(found.flatMap(({ addresses }) => addresses))];
  });
}
