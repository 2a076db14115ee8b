import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { framed, readQuestion, refusalOf, takeFrames } from '../../../src/agent/dns-proxy/message.ts';
import { HeldRule, type Rule } from '../../../src/agent/dns-proxy/rule.ts';
import { serveTcp } from '../../../src/agent/dns-proxy/tcp.ts';
import { serveUdp } from '../../../src/agent/dns-proxy/udp.ts';

/** A query for the IPv4 addresses of a name, as a resolver's client writes it. */
function query(name: string, id = 0x1234): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

const ruleOf = (answer: Rule['answer'], names = ['api.example.com'], delayMs = 0): Rule => ({ answer, names, delayMs });

describe('a DNS message', () => {
  test('says what is asked, whatever the case of its letters', () => {
    expect(readQuestion(query('API.Example.com'))).toMatchObject({ id: 0x1234, name: 'api.example.com' });
  });

  test.each([
    ['too short', Buffer.from([0, 1, 1, 0])],
    ['cut within its name', query('api.example.com').subarray(0, 18)],
    ['cut after its name', query('api.example.com').subarray(0, -2)],
    ['without a question', Buffer.from([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['with a pointer in its question', Buffer.concat([query('a').subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])],
  ])('that is %s is none of ours', (_, message) => {
    expect(readQuestion(message)).toBeNull();
  });

  test('is refused with its own id and question, and no record', () => {
    const asked = readQuestion(query('api.example.com'));
    const answer = refusalOf(asked!, 'nxdomain');
    expect(answer.subarray(0, 12).toString('hex')).toBe('123481830001000000000000');
    expect(answer.subarray(12)).toEqual(query('api.example.com').subarray(12));
    expect(refusalOf(asked!, 'servfail').readUInt16BE(2) & 15).toBe(2);
  });

  test('is taken off a stream when all of it has come', () => {
    const [first, second] = [query('a.b'), query('c.d')];
    const bytes = Buffer.concat([framed(first), framed(second)]);
    const { messages, rest } = takeFrames(bytes.subarray(0, -1));
    expect(messages).toEqual([first]);
    expect(rest).toEqual(framed(second).subarray(0, -1));
    expect(takeFrames(bytes).messages).toEqual([first, second]);
  });
});

describe('the rule of a stand-in', () => {
  test.each([
    ['api.example.com', 'api.example.com', true],
    ['api.example.com', 'xapi.example.com', false],
    ['api.example.com', 'apixexample.com', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['fraud-detector.*', 'fraud-detector.payments.svc.cluster.local', true],
    ['*', 'anything', true],
  ])('%s and the name %s: %s', (pattern, name, isMeant) => {
    const rule = new HeldRule();
    rule.set(ruleOf('timeout', [pattern]), 1000);
    expect(rule.judge(query(name)) === null).toBe(isMeant);
    expect(rule.counts).toEqual({ asked: 1, matched: isMeant ? 1 : 0 });
  });

  test('ends by itself, and is never brought back', async () => {
    const rule = new HeldRule();
    rule.set(ruleOf('timeout'), 60_000);
    expect(rule.refresh(30)).toBe(true);
    const endsAt = performance.now() + 31;
    while (performance.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(rule.judge(query('api.example.com'))).toEqual({ passAfterMs: 0 });
    expect(rule.refresh(30)).toBe(false);
  });
});

describe('a stand-in for a resolver', () => {
  const closing: (() => void)[] = [];
  let rule: HeldRule;
  let servedPort: number;
  let upstream: { readonly host: string; readonly port: number };

  /** 192.0.2.7 for every name. */
  const record = Buffer.from('c00c00010001000000050004c0000207', 'hex');
  function answered(message: Buffer): Buffer {
    const answer = Buffer.concat([readQuestion(message)!.header, readQuestion(message)!.question, record]);
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(1, 6);
    answer.writeUInt16BE(0, 10);
    return answer;
  }

  beforeEach(async () => {
    const socket = createSocket('udp4');
    socket.on('message', (message, { port, address }) => socket.send(answered(message), port, address));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    closing.push(() => socket.close());
    upstream = { host: '127.0.0.1', port: socket.address().port };
    rule = new HeldRule();
    const served = await serveUdp(upstream, rule);
    closing.push(() => served.close());
    servedPort = served.port;
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** As a client asks; patient where an answer is to come. */
  function resolve4(name: string, timeout = 10_000): Promise<string[]> {
    const resolver = new Resolver({ timeout, tries: 1 });
    resolver.setServers([`127.0.0.1:${servedPort}`]);
    return resolver.resolve4(name);
  }

  test('passes what it has no rule for', async () => {
    rule.set(ruleOf('nxdomain'), 60_000);
    expect(await resolve4('other.example.com')).toEqual(['192.0.2.7']);
  });

  test.each([
    ['nxdomain', 'ENOTFOUND', undefined],
    ['servfail', 'ESERVFAIL', undefined],
    ['timeout', 'ETIMEOUT', 500],
  ] as const)('answers %s, as a client sees it, until the rule ends', async (answer, code, timeoutMs) => {
    rule.set(ruleOf(answer), 60_000);
    await expect(resolve4('api.example.com', timeoutMs)).rejects.toMatchObject({ code });
    rule.end();
    expect(await resolve4('api.example.com')).toEqual(['192.0.2.7']);
  });

  test('is slow', async () => {
    rule.set(ruleOf('latency', ['*'], 200), 60_000);
    const askedAt = performance.now();
    expect(await resolve4('api.example.com')).toEqual(['192.0.2.7']);
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(199);
  });

  test('does the same over TCP, message by message', async () => {
    const server = createServer((socket) => {
      let waiting: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        const { messages, rest } = takeFrames(Buffer.concat([waiting, chunk]));
        waiting = rest;
        for (const message of messages) socket.write(framed(answered(message)));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const { port, close } = await serveTcp({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, rule);
    closing.push(close);
    rule.set(ruleOf('servfail'), 60_000);
    const client = createConnection({ host: '127.0.0.1', port });
    const answers: Buffer[] = [];
    let waiting: Buffer = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      const { messages, rest } = takeFrames(Buffer.concat([waiting, chunk]));
      waiting = rest;
      answers.push(...messages);
    });
    client.write(Buffer.concat([framed(query('api.example.com', 1)), framed(query('other.example.com', 2))]));
    while (answers.length < 2) await once(client, 'data');
    const codes = Object.fromEntries(answers.map((answer) => [answer.readUInt16BE(0), answer.readUInt16BE(2) & 15]));
    expect(codes).toEqual({ 1: 2, 2: 0 });
    client.destroy();
  });
});
