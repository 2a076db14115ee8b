import { wholeHosts } from './destinations.ts';
import type { Destination } from './destinations.ts';
import type { Direction } from './direction.ts';
import { gateSet, whileOpen } from './gate.ts';

export interface Dropped {
  readonly destinations: readonly Destination[];
  /** Left alone though a range covers them. */
  readonly excluded: readonly Destination[];
  readonly direction: Direction;
}

/** The table, with no effect yet: packets are only dropped while the gate is open. Open connections are not spared. */
export function createDropTable(table: string, { destinations, excluded, direction }: Dropped): string {
  const pass = (match: string): string => `${match} return`;
  const passes = { output: excluded.map((one) => pass(towards(one))), input: excluded.map((one) => pass(from(one))) };
  const drops = dropsOf(destinations);
  const chains = hooksOf[direction].flatMap((hook) => chain(hook, [...passes[hook], ...drops[hook]]));
  return [`table ip ${table} {`, ...gateSet, ...chains, '}'].join('\n');
}

/** More of the same, which act as long as the others do. It fails where there is no such table any more. */
export function extendDropTable(table: string, gained: readonly Destination[], direction: Direction): string {
  const drops = dropsOf(gained);
  return hooksOf[direction].flatMap((hook) => drops[hook].map((rule) => `add rule ip ${table} ${hook} ${rule}`)).join('\n');
}

type Hook = 'output' | 'input';
const hooksOf: Readonly<Record<Direction, readonly Hook[]>> = {
  egress: ['output'],
  ingress: ['input'],
  both: ['output', 'input'],
};

function dropsOf(destinations: readonly Destination[]): Readonly<Record<Hook, readonly string[]>> {
  const drop = (match: string): string => `${match} ${whileOpen} counter drop comment "caller"`;
  return {
    output: destinations.map((one) => drop(towards(one))),
    input: wholeHosts(destinations).map((one) => drop(from(one))),
  };
}

function chain(hook: Hook, rules: readonly string[]): string[] {
  const indented = rules.map((rule) => `    ${rule}`);
  return [`  chain ${hook} {`, `    type filter hook ${hook} priority 0`, '    policy accept', ...indented, '  }'];
}

const towards = ({ address, port, protocol }: Destination): string =>
  `ip daddr ${address}${port === null ? '' : ` ${protocol} dport ${port}`}`;

const from = ({ address }: Destination): string => `ip saddr ${address}`;
