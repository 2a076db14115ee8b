import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../lab/host/free-ports.ts';
import { startPart, stopPart, type PartCommand, type PartRecord } from '../../lab/host/part.ts';
import { groupMembers, isAlive, readStat } from '../../lab/host/process-identity.ts';

let directory: string;
let started: PartRecord[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-part-'));
  started = [];
});

afterEach(async () => {
  for (const part of started) await stopPart(part);
  rmSync(directory, { recursive: true, force: true });
});

function part(script: string, ready: () => Promise<boolean>, readyWithinMs = 10_000): PartCommand {
  return {
    name: 'subject',
    argv: ['sh', '-c', script],
    cwd: directory,
    logFile: join(directory, 'subject.log'),
    address: '127.0.0.1:1',
    stopSignal: 'SIGTERM',
    readyWithinMs,
    ready,
  };
}
const start = (command: PartCommand): Promise<PartRecord> => startPart(command, (record) => started.push(record));

test('a part that dies is reported as died, with the end of its log', async () => {
  const dying = start(part('echo no space on the moon; exit 3', async () => false));
  await expect(dying).rejects.toMatchObject({ code: 'part/died', message: expect.stringContaining('no space on the moon') });
  await expect(dying).rejects.toMatchObject({ message: expect.stringContaining('exit code 3') });
});

test('of a long log its beginning and its end are told', async () => {
  const dying = start(part('echo panic: the moon is full; seq 1000; echo goodbye; exit 2', async () => false));
  await expect(dying).rejects.toMatchObject({
    message: expect.stringMatching(/panic: the moon is full\n1\n[^]* lines …[^]*\ngoodbye$/),
  });
});

test('a program that is not there is reported as died', async () => {
  const command = { ...part('', async () => true), argv: [join(directory, 'nothing')] };
  await expect(start(command)).rejects.toMatchObject({ code: 'part/died' });
});

test('a part that lives but is never ready is unreachable, and is still on record', async () => {
  const waiting = start(part('exec sleep 60', async () => false, 300));
  await expect(waiting).rejects.toMatchObject({ code: 'upstream/unreachable' });
  expect(started.filter(isAlive)).toHaveLength(1);
});

test('stopping ends the children too, even those that ignore the signal', async () => {
  const record = await start(part('trap "" TERM; sleep 60 & sleep 60', async () => groupMembers(started[0]!).length === 3));
  await stopPart(record);
  expect(groupMembers(record)).toEqual([]);
  expect(isAlive(record)).toBe(false);
}, 20_000);

test('a record whose pid belongs to another process now ends nobody', async () => {
  const record = await start(part('exec sleep 60', async () => true));
  await stopPart({ ...record, startTime: '1' });
  expect(isAlive(record)).toBe(true);
  expect(readStat(record.pid)).not.toBeNull();
});

test('free ports are different ports', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
});

test('free ports are none that a connection, or who asks for any, is given before they are used', async () => {
  const [lowest] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number);
  expect(Math.max(...(await freePorts(50)))).toBeLessThan(lowest!);
});

test('a part that ends after it was ready is reported at once, with its log', async () => {
  const said = Promise.withResolvers<string>();
  const command = part('sleep 30', async () => true);
  const record = await startPart(command, (record) => started.push(record), said.resolve);
  process.kill(record.pid, 'SIGKILL');
  expect(await said.promise).toBe(`subject has ended by itself (signal SIGKILL). Its log: ${command.logFile}`);
});
