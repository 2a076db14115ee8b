import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { startHelper } from '../../../src/adapters/helpers/helper-child.ts';
import { Pace } from '../../../src/agent/traffic-source/pace.ts';
import type { TrafficSource } from '../../../src/agent/traffic-source/source.ts';
import { until } from '../../faults/until.ts';

describe('the pace of requests', () => {
  test('is kept on average, whatever the ticks', () => {
    const pace = new Pace(0);
    pace.set(33, 0);
    let due = 0;
    for (let now = 7; now <= 10_000; now += 7) due += pace.take(now);
    expect(due).toBe(329);
  });

  test('changes from now on, and what was missed for long is no burst', () => {
    const pace = new Pace(0);
    pace.set(10, 0);
    expect(pace.take(1000)).toBe(10);
    expect(pace.take(61_000)).toBe(10);
    pace.set(0, 61_000);
    expect(pace.take(62_000)).toBe(0);
  });
});

describe('a source of traffic', () => {
  test('sends on while nothing answers, and counts what was limited apart; it sends no more once its agent lets go of it', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      if (asked % 4 === 0) return void response.writeHead(429).end();
      if (asked % 4 === 1) return; // never answered
      response.end('ok');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const source = await startHelper('traffic-source', {
      host: 'web.shop',
      method: 'GET',
      path: '/',
      body: null,
      timeoutMs: 300,
    });
    try {
      await source.ask({ op: 'aim', perSecond: 100, addresses: [{ address: '127.0.0.1', port }] });
      const counts = async () => (await source.ask({ op: 'count' })) as unknown as TrafficSource['counts'];
      await until('it sends at its rate', async () => {
        const { sent, timedOut } = (await counts()).lastSecond;
        return sent >= 90 && sent <= 115 && timedOut > 10;
      });
      const { all } = await counts();
      expect(all.limited).toBeGreaterThan(0);
      expect(all.ok).toBeGreaterThan(all.limited);
      expect([all.refused, all.failed, all.unsent]).toEqual([0, 0, 0]);
    } finally {
      await source.stop();
    }
    const connections = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await until('none of its connections is left', async () => (await connections()) === 0);
    server.closeAllConnections();
    server.close();
  });
});
