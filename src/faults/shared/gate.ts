/**
 * A set of protocols that the rules of a table ask for before they do anything: whether they act is one element's life, and an
 * element that nobody keeps alive ends by itself.
 */
export const gateTtlSeconds = 2;

const set = 'live';
const protocols = ['tcp', 'udp', 'icmp'];

/** A word for a rule: true while the gate is open. */
export const whileOpen = `meta l4proto @${set}`;

export const gateSet: readonly string[] = [`  set ${set} {`, '    type inet_proto', '    flags timeout', '  }'];

/** One transaction: from now on, and for two seconds. */
export function openGate(table: string): string {
  return `add element ip ${table} ${set} { ${protocols.map((name) => `${name} timeout ${gateTtlSeconds}s`).join(', ')} }`;
}

/** One transaction that fails when the gate has closed: what has ended is never brought back. */
export function refreshGate(table: string): string {
  return [`delete element ip ${table} ${set} { ${protocols.join(', ')} }`, openGate(table)].join('\n');
}

export function closeGate(table: string): string {
  return `flush set ip ${table} ${set}`;
}
