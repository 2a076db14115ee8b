import { describe, expect, test } from '@jest/globals';
import { isOf, parseSs } from '../../src/faults/shared/open-connections.ts';
import {
  cgroupMatch,
  closeRedirect,
  createTable,
  deleteTable,
  extendRedirect,
  openRedirect,
  refreshRedirect,
  tableOf,
} from '../../src/faults/shared/redirect-rules.ts';

const routes = [
  { host: '127.0.0.1', port: 7001, relayPort: 15_001 },
  { host: '10.0.0.7', port: 80, relayPort: 15_002 },
];
const table = tableOf('run-1-1');

describe('the rules of a redirect', () => {
  test('turn only first packets, only of the caller and of our measurement, and never what the relay sends', () => {
    expect(createTable(table, routes.slice(0, 1), { by: 'user', user: 'payments' })).toBe(`table ip firedrill-run-1-1 {
  set live {
    type ipv4_addr . inet_service
    flags timeout
  }
  chain output {
    type nat hook output priority -100
    policy accept
    meta skgid 61234 return
    ip daddr 127.0.0.1 tcp dport 7001 ip daddr . tcp dport @live tcp flags & (syn|ack) == syn meta skuid payments counter redirect to :15001 comment "caller"
    ip daddr 127.0.0.1 tcp dport 7001 ip daddr . tcp dport @live tcp flags & (syn|ack) == syn meta skgid 61235 counter redirect to :15001 comment "prober"
  }
}`);
  });

  test('know a caller by its cgroup', () => {
    const rules = createTable(table, routes, { by: 'cgroup', path: 'unified/payments', level: 1 });
    expect(rules.match(/socket cgroupv2 level 1 "unified\/payments"/g)).toHaveLength(2);
  });

  test('need no rule for our measurement where anyone is turned', () => {
    expect(createTable(table, routes, { by: 'anyone' })).not.toContain('skgid 61235');
  });

  test('are opened for two seconds, for all addresses at once', () => {
    expect(openRedirect(table, routes)).toBe(
      'add element ip firedrill-run-1-1 live { 127.0.0.1 . 7001 timeout 2s, 10.0.0.7 . 80 timeout 2s }',
    );
  });

  test('are kept alive by a transaction that fails once they have expired', () => {
    const [first, second] = refreshRedirect(table, routes).split('\n');
    expect(first).toBe('delete element ip firedrill-run-1-1 live { 127.0.0.1 . 7001, 10.0.0.7 . 80 }');
    expect(second).toBe(openRedirect(table, routes));
  });

  test('take more in by the transaction that fails once they have expired', () => {
    const [kept = routes[0]!, added = routes[0]!] = routes;
    const script = extendRedirect(table, [kept], { gained: [], added: [added], caller: { by: 'anyone' } });
    expect(script.split('\n')).toEqual([
      'delete element ip firedrill-run-1-1 live { 127.0.0.1 . 7001 }',
      // Whether it is there already or not.
      openRedirect(table, [added]),
      'delete element ip firedrill-run-1-1 live { 10.0.0.7 . 80 }',
      openRedirect(table, [kept, added]),
      'add rule ip firedrill-run-1-1 output ip daddr 10.0.0.7 tcp dport 80 ip daddr . tcp dport @live tcp flags & (syn|ack) == syn counter redirect to :15002 comment "caller"',
    ]);
  });

  test('are closed before they are deleted', () => {
    expect([closeRedirect(table), deleteTable(table)]).toEqual([
      'flush set ip firedrill-run-1-1 live',
      'delete table ip firedrill-run-1-1',
    ]);
  });
});

describe('a cgroup, as nft takes it', () => {
  test.each([
    ['a unified hierarchy', 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0', 'system.slice/payments.service', 2],
    [
      'one beside the old hierarchies',
      'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
      'unified/system.slice/payments.service',
      2,
    ],
  ])('is named for %s', (_, mounts, path, level) => {
    expect(cgroupMatch(`proc /proc proc rw 0 0\n${mounts}\n`, '/system.slice/payments.service')).toEqual({
      by: 'cgroup',
      path,
      level,
    });
  });

  test('is none where there is no unified hierarchy', () => {
    expect(cgroupMatch('cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n', 'payments')).toBeNull();
  });
});

describe('open connections', () => {
  const [first, second] = parseSs(`ESTAB 0 0 127.0.0.1:40000 127.0.0.1:5432 uid:1001 ino:77 sk:1 cgroup:/payments.slice/api <->
ESTAB 0 0 127.0.0.1:40002 127.0.0.1:5432 ino:78 sk:2 cgroup:/payments.slicer <->
`);
  const uidOf = (user: string): number | null => (user === 'payments' ? 1001 : null);

  test('are read with the user and the cgroup they belong to', () => {
    expect(first).toEqual({ local: '127.0.0.1:40000', peer: '127.0.0.1:5432', uid: 1001, cgroup: '/payments.slice/api' });
    expect(second).toMatchObject({ uid: 0, cgroup: '/payments.slicer' });
  });

  test.each([
    ['anyone', true, true],
    [{ user: 'payments' }, true, false],
    [{ cgroup: 'payments.slice' }, true, false],
    [{ user: 'nobody-knows' }, false, false],
  ] as const)('of the caller %j are told from others', (caller, ofFirst, ofSecond) => {
    expect(first !== undefined && isOf(caller, first, uidOf)).toBe(ofFirst);
    expect(second !== undefined && isOf(caller, second, uidOf)).toBe(ofSecond);
  });
});
