import { gateSet, whileOpen } from './gate.ts';
import { relayGroup } from './redirect-rules.ts';

/** One resolver of a pod, and the ports of our stand-in for it. */
export interface ResolverRoute {
  readonly address: string;
  readonly udpPort: number;
  readonly tcpPort: number;
}

/** The table, with no effect yet: questions are only turned while the gate is open, and never those of our stand-in. */
export function createDnsTable(table: string, routes: readonly ResolverRoute[]): string {
  const rules = routes.flatMap(({ address, udpPort, tcpPort }) => [
    `ip daddr ${address} udp dport 53 ${whileOpen} counter redirect to :${udpPort} comment "caller"`,
    `ip daddr ${address} tcp dport 53 tcp flags & (syn|ack) == syn ${whileOpen} counter redirect to :${tcpPort} comment "caller"`,
  ]);
  return [
    `table ip ${table} {`,
    ...gateSet,
    '  chain output {',
    '    type nat hook output priority -100',
    '    policy accept',
    `    meta skgid ${relayGroup} return`,
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '}',
  ].join('\n');
}

/** The domain under which NAME.NAMESPACE is a Service, as a pod's resolv.conf has it in its search list; null: it has none. */
export function serviceDomainOf(resolvConf: string): string | null {
  const domains = resolvConf.split('\n').flatMap((line) => {
    const [word, ...given] = line.trim().split(/\s+/);
    return word === 'search' ? given : [];
  });
  return domains.find((domain) => domain.startsWith('svc.')) ?? null;
}

/** The IPv4 resolvers of a resolv.conf, in its order. */
export function resolversOf(resolvConf: string): string[] {
  return resolvConf.split('\n').flatMap((line) => {
    const [word, address = ''] = line.trim().split(/\s+/);
    return word === 'nameserver' && /^(\d{1,3}\.){3}\d{1,3}$/.test(address) ? [address] : [];
  });
}
