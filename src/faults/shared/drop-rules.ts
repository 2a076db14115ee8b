import type { Destination } from './destinations.ts';
import { gateSet, whileOpen } from './gate.ts';

/** `egress`: what the pod sends there; `ingress`: all that comes from there. */
export type Direction = 'egress' | 'ingress' | 'both';

export interface Dropped {
  readonly destinations: readonly Destination[];
  /** Left alone though a range covers them. */
  readonly excluded: readonly Destination[];
  readonly direction: Direction;
}

/** The table, with no effect yet: packets are only dropped while the gate is open. Open connections are not spared. */
export function createDropTable(table: string, { destinations, excluded, direction }: Dropped): string {
  const drop = (match: string): string => `    ${match} ${whileOpen} counter drop comment "caller"`;
  const pass = (match: string): string => `    ${match} return`;
  const out = [...excluded.map((one) => pass(towards(one))), ...destinations.map((one) => drop(towards(one)))];
  const back = [...excluded.map((one) => pass(from(one))), ...addressesOf(destinations).map((one) => drop(from(one)))];
  return [
    `table ip ${table} {`,
    ...gateSet,
    ...(direction === 'ingress' ? [] : chain('output', out)),
    ...(direction === 'egress' ? [] : chain('input', back)),
    '}',
  ].join('\n');
}

function chain(hook: 'output' | 'input', rules: readonly string[]): string[] {
  return [`  chain ${hook} {`, `    type filter hook ${hook} priority 0`, '    policy accept', ...rules, '  }'];
}

const towards = ({ address, port, protocol }: Destination): string =>
  `ip daddr ${address}${port === null ? '' : ` ${protocol} dport ${port}`}`;

const from = ({ address }: Pick<Destination, 'address'>): string => `ip saddr ${address}`;

/** Each once: whatever comes from there, by whatever port. */
function addressesOf(destinations: readonly Destination[]): { readonly address: string }[] {
  return [...new Set(destinations.map(({ address }) => address))].map((address) => ({ address }));
}
