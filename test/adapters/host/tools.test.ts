import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { allocateFile } from '../../../src/adapters/host/files.ts';
import { createHostTools } from '../../../src/adapters/host/tools.ts';
import { until } from '../../faults/until.ts';

const host = createHostTools();
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-host-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a process that cannot be looked at, for want of descriptors, is not taken for gone', async () => {
  const script = `
    import { openSync } from 'node:fs';
    import { isAlive, readProcess } from './src/adapters/host/processes.ts';
    const self = readProcess(process.pid);
    try { for (;;) openSync('/dev/null'); } catch {}
    try { isAlive(self); } catch (error) { process.exit(error.code === 'EMFILE' ? 7 : 8); }`;
  const few = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script];
  const child = spawn(few[0]!, few.slice(1), { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([7, null]);
});

/** The input of a command: its time counts only from when it has written the file. */
async function onceWritten(path: string): Promise<string> {
  await until('it is written', () => existsSync(path) && readFileSync(path, 'utf8') !== '');
  return '';
}

describe('running a command', () => {
  test('arguments reach it as they are, for there is no shell', async () => {
    expect(await host.run(['echo', '$HOME; a "b"'])).toEqual({ code: 0, stdout: '$HOME; a "b"\n', stderr: '', timedOut: false });
  });

  test('it gets none of our environment', async () => {
    process.env['FIREDRILL_TEST_SECRET'] = 'hunter2';
    const { stdout } = await host.run(['env']);
    delete process.env['FIREDRILL_TEST_SECRET'];
    expect(stdout).not.toContain('hunter2');
  });

  test('its whole process group ends at the timeout', async () => {
    const pidFile = join(directory, 'pid');
    const script = `sleep 300 & echo $! > ${pidFile}; wait`;
    const result = await host.run(['sh', '-c', script], { timeoutMs: 300, input: onceWritten(pidFile) });
    expect(result).toMatchObject({ code: null, timedOut: true });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await until('the grandchild is gone', () => host.readProcess(pid) === null);
  });

  test('a daemon that it leaves behind is not waited for, and does not hide what it said', async () => {
    const pidFile = join(directory, 'pid');
    const script = `setsid sleep 300 & echo $! > ${pidFile}; echo started; exit 3`;
    const result = await host.run(['sh', '-c', script], { timeoutMs: 10_000 });
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    expect(result).toEqual({ code: 3, stdout: 'started\n', stderr: '', timedOut: false });
  });

  test('what it said is read also when we had no time for it before its end', async () => {
    const said = join(directory, 'said');
    const busyUntil = (holds: () => boolean): void => {
      while (!holds());
    };
    const isZombie = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    const asked = host.run(['sh', '-c', `sleep 0.1; echo all of it; echo $$ > ${said}`]);
    const other = spawn('echo', ['first']);
    // This one ends while the other's output is handled, so that both are heard to have ended before this one's output is read.
    other.stdout.once('data', () => busyUntil(() => existsSync(said) && isZombie(Number(readFileSync(said, 'utf8')))));
    other.once('exit', () => {
      const since = performance.now();
      busyUntil(() => performance.now() - since > 400);
    });
    busyUntil(() => isZombie(other.pid ?? 0));
    expect(await asked).toMatchObject({ code: 0, stdout: 'all of it\n' });
  });

  test('it ends at the timeout also when a part of it has left its process group', async () => {
    const pidFile = join(directory, 'pid');
    const script = `setsid sleep 300 & echo $! > ${pidFile}; wait`;
    const result = await host.run(['sh', '-c', script], { timeoutMs: 300, input: onceWritten(pidFile) });
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    expect(result).toMatchObject({ code: null, timedOut: true });
  });

  test('it ends when the signal aborts', async () => {
    const controller = new AbortController();
    const running = host.run(['sleep', '300'], { signal: controller.signal, timeoutMs: 20_000 });
    controller.abort();
    expect(await running).toMatchObject({ code: null, timedOut: false });
  });

  test('it waits for its input, and its time counts from then', async () => {
    const { promise: input, resolve: give } = Promise.withResolvers<string>();
    const started = join(directory, 'started');
    const asked = host.run(['sh', '-c', `touch ${started}; cat; sleep 300`], { timeoutMs: 300, input });
    await until('it has started', () => existsSync(started));
    const before = await Promise.race([asked, sleep(400)]);
    give('what it reads');
    expect([before, await asked]).toEqual([undefined, { code: null, stdout: 'what it reads', stderr: '', timedOut: true }]);
  });

  test('more output than wanted is cut', async () => {
    const { stdout, code } = await host.run(['head', '-c', '1000000', '/dev/zero'], { maxOutputBytes: 100 });
    expect([stdout.length, code]).toEqual([100, 0]);
  });

  test('a program that is not there is told, not thrown', async () => {
    expect(await host.run(['/no/such/program'])).toMatchObject({ code: null, timedOut: false });
  });
});

describe('signalling a process', () => {
  test('it is known by pid and start time, and gone once it has ended', async () => {
    const child = spawn('sleep', ['300']);
    await once(child, 'spawn');
    const found = host.readProcess(child.pid ?? 0);
    expect(found).not.toBeNull();
    if (found === null) return;
    expect(host.signal({ ...found, startTime: '1' }, 'SIGKILL')).toBe(false);
    expect(host.isAlive(found)).toBe(true);
    expect(host.signal(found, 'SIGKILL')).toBe(true);
    await until('it is gone', () => !host.isAlive(found));
    expect(host.signal(found, 'SIGKILL')).toBe(false);
  });

  test.each([0, 1, process.pid])('process %d is never signalled', (pid) => {
    const startTime = host.readProcess(pid)?.startTime ?? '0';
    expect(() => host.signal({ pid, startTime }, 'SIGTERM')).toThrow(/never signalled/);
  });
});

describe('asking a socket', () => {
  test('nobody listening is told from no answer', async () => {
    await expect(host.askSocket(join(directory, 'none.sock'), {})).rejects.toMatchObject({ code: 'part/missing' });
    const path = join(directory, 'mute.sock');
    const mute = createServer(() => {}).listen(path);
    await once(mute, 'listening');
    await expect(host.askSocket(path, {}, 100)).rejects.toMatchObject({ code: 'upstream/unreachable' });
    mute.close();
  });
});

describe('files', () => {
  test('a file gets real blocks, shrinks, and is removed however often', async () => {
    const path = join(directory, 'file');
    await host.files.allocate(path, 1_048_576, new AbortController().signal);
    expect(await host.files.stat(path)).toMatchObject({ isFile: true, sizeBytes: 1_048_576 });
    expect((await host.files.stat(path))?.allocatedBytes).toBeGreaterThanOrEqual(1_048_576);
    await host.files.shrink(path, 4096);
    expect((await host.files.stat(path))?.sizeBytes).toBe(4096);
    await host.files.remove(path);
    await host.files.remove(path);
    expect(await host.files.stat(path)).toBeNull();
  });

  test("a directory is its owner's alone, is made and removed however often, and never through a link", async () => {
    const [path, kept] = [join(directory, 'scratch'), join(directory, 'kept')];
    await host.files.makeDirectory(path);
    await host.files.makeDirectory(path);
    expect((await lstat(path)).mode & 0o777).toBe(0o700);
    await mkdir(kept);
    await writeFile(join(kept, 'file'), 'x');
    await symlink(kept, join(path, 'link'));
    await host.files.removeDirectory(path);
    await host.files.removeDirectory(path);
    expect(await host.files.stat(path)).toBeNull();
    await symlink(kept, path);
    await expect(host.files.makeDirectory(path)).rejects.toMatchObject({ code: 'EEXIST' });
    await host.files.removeDirectory(path);
    expect(await readdir(kept)).toEqual(['file']);
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['shrunk', (path) => host.files.shrink(path, 0)],
    ['grown', (path) => host.files.allocate(path, 1_048_576, new AbortController().signal)],
    ['timed', (path) => host.files.timeWrite(path)],
  ])('what a link leads to is never %s, be the link the file or a directory above it', async (_what, act) => {
    const kept = join(directory, 'kept');
    await mkdir(kept);
    await writeFile(join(kept, 'file'), 'x');
    await symlink(join(kept, 'file'), join(directory, 'link'));
    await symlink(kept, join(directory, 'above'));
    await expect(act(join(directory, 'link'))).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(act(join(directory, 'above', 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readFile(join(kept, 'file'), 'utf8')).toBe('x');
  });

  test('nothing is removed through a link above it', async () => {
    const kept = join(directory, 'kept');
    await mkdir(join(kept, 'scratch'), { recursive: true });
    await symlink(kept, join(directory, 'above'));
    await expect(host.files.remove(join(directory, 'above', 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(host.files.removeDirectory(join(directory, 'above', 'scratch'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readdir(kept)).toEqual(['scratch']);
  });

  test('a file grows as the one that was opened, whatever gets its name meanwhile', async () => {
    const path = join(directory, 'file');
    const kept = join(directory, 'kept');
    await writeFile(kept, 'x');
    const swap = ['sh', '-c', 'rm "$0"; ln -s "$1" "$0"; shift; exec fallocate "$@"', path, kept];
    await allocateFile(path, 1_048_576, new AbortController().signal, swap);
    expect(await readFile(kept, 'utf8')).toBe('x');
  });

  test('a write to the disk is timed, leaves nothing, and follows no link', async () => {
    const path = join(directory, 'probe');
    expect(await host.files.timeWrite(path)).toBeGreaterThan(0);
    expect(await host.files.stat(path)).toBeNull();
    await symlink(join(directory, 'elsewhere'), path);
    await expect(host.files.timeWrite(path)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await host.files.stat(join(directory, 'elsewhere'))).toBeNull();
  });
});
