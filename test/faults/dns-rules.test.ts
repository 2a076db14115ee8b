import { describe, expect, test } from '@jest/globals';
import { dnsFailure } from '../../src/faults/dns-failure.ts';
import { createDnsTable, resolversOf, serviceDomainOf } from '../../src/faults/shared/dns-rules.ts';

test('the rules turn questions over UDP and TCP while the gate is open, and never those of our stand-in', () => {
  const table = createDnsTable('t', [{ address: '10.96.0.10', udpPort: 5001, tcpPort: 5002 }]);
  expect(table).toBe(`table ip t {
  set live {
    type inet_proto
    flags timeout
  }
  chain output {
    type nat hook output priority -100
    policy accept
    meta skgid 61234 return
    ip daddr 10.96.0.10 udp dport 53 meta l4proto @live counter redirect to :5001 comment "caller"
    ip daddr 10.96.0.10 tcp dport 53 tcp flags & (syn|ack) == syn meta l4proto @live counter redirect to :5002 comment "caller"
  }
}`);
});

test('the resolvers of a pod are the IPv4 ones of its resolv.conf', () => {
  const text =
    'search a.svc b\nnameserver 10.96.0.10\n# nameserver 10.0.0.1\nnameserver fd00::1\n nameserver\t10.0.0.2 \noptions ndots:5';
  expect(resolversOf(text)).toEqual(['10.96.0.10', '10.0.0.2']);
});

test.each([
  [
    'as the cluster has it',
    'nameserver 10.96.0.10\nsearch shop.svc.corp.example svc.corp.example corp.example',
    'svc.corp.example',
  ],
  ["not where the resolvers are the node's", 'nameserver 10.0.0.2\nsearch corp.example', null],
])('the domain of Services is read from the search list, %s', (_, resolvConf, domain) => {
  expect(serviceDomainOf(resolvConf)).toBe(domain);
});

describe('the parameters of dns-failure', () => {
  test.each([
    ['names', { answer: 'nxdomain' }],
    ['latency and delay go together', { answer: 'latency', names: ['*'] }],
    ['latency and delay go together', { answer: 'timeout', names: ['*'], delay: '1s' }],
    ['must be a name', { answer: 'nxdomain', names: ['a b'] }],
  ])('are refused: %s', (message, written) => {
    expect(dnsFailure.params.safeParse(written).error?.message).toContain(message);
  });

  test('name things in lower case, without a last dot', () => {
    expect(dnsFailure.params.parse({ answer: 'latency', delay: '2s', names: ['API.example.com.'] })).toEqual({
      answer: 'latency',
      delayMs: 2000,
      names: ['api.example.com'],
    });
  });
});
