import { describe, expect, test } from '@jest/globals';
import type { Destination } from '../../src/faults/shared/destinations.ts';
import type { Direction } from '../../src/faults/shared/direction.ts';
import { createDropTable, extendDropTable } from '../../src/faults/shared/drop-rules.ts';
import { closeGate, openGate, refreshGate } from '../../src/faults/shared/gate.ts';

const destinations: Destination[] = [
  { address: '10.96.0.7', port: 80, protocol: 'tcp' },
  { address: '10.78.1.2', port: 8080, protocol: 'tcp' },
  { address: '10.78.1.2', port: 9090, protocol: 'udp' },
];
const excluded: Destination[] = [{ address: '10.96.0.10', port: 53, protocol: 'udp' }];
const rules = (direction: Direction): string[] =>
  createDropTable('t', { destinations, excluded, direction })
    .split('\n')
    .map((line) => line.trim());

describe('the rules of a cut', () => {
  test('drop what goes there by port, and what comes from there whatever its port, while the gate is open', () => {
    expect(rules('both')).toEqual([
      'table ip t {',
      'set live {',
      'type inet_proto',
      'flags timeout',
      '}',
      'chain output {',
      'type filter hook output priority 0',
      'policy accept',
      'ip daddr 10.96.0.10 udp dport 53 return',
      'ip daddr 10.96.0.7 tcp dport 80 meta l4proto @live counter drop comment "caller"',
      'ip daddr 10.78.1.2 tcp dport 8080 meta l4proto @live counter drop comment "caller"',
      'ip daddr 10.78.1.2 udp dport 9090 meta l4proto @live counter drop comment "caller"',
      '}',
      'chain input {',
      'type filter hook input priority 0',
      'policy accept',
      'ip saddr 10.96.0.10 return',
      'ip saddr 10.96.0.7 meta l4proto @live counter drop comment "caller"',
      'ip saddr 10.78.1.2 meta l4proto @live counter drop comment "caller"',
      '}',
      '}',
    ]);
  });

  test('are in one direction only, where one is asked for', () => {
    expect(rules('egress').join(' ')).not.toContain('hook input');
    expect(rules('ingress').join(' ')).not.toContain('hook output');
  });
});

describe('the rules of what a cut takes in later', () => {
  const gained: Destination[] = [{ address: '10.78.1.9', port: 8080, protocol: 'tcp' }];
  const out = 'add rule ip t output ip daddr 10.78.1.9 tcp dport 8080 meta l4proto @live counter drop comment "caller"';
  const back = 'add rule ip t input ip saddr 10.78.1.9 meta l4proto @live counter drop comment "caller"';
  test.each<[Direction, string[]]>([
    ['egress', [out]],
    ['ingress', [back]],
    ['both', [out, back]],
  ])('are those of the others, behind their gate: %s', (direction, expected) => {
    expect(extendDropTable('t', gained, direction).split('\n')).toEqual(expected);
  });
});

describe('a gate', () => {
  test('is opened for two seconds, kept open by what fails once it has closed, and closed at once', () => {
    expect(openGate('t')).toBe('add element ip t live { tcp timeout 2s, udp timeout 2s, icmp timeout 2s }');
    expect(refreshGate('t').split('\n')).toEqual(['delete element ip t live { tcp, udp, icmp }', openGate('t')]);
    expect(closeGate('t')).toBe('flush set ip t live');
  });
});
