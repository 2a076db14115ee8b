import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../../domain/errors.ts';
import { serveControl } from './control.ts';
import { Relay, type Address } from './relay.ts';
import { RoundTrip } from './round-trip.ts';

const usage = 'relay --listen HOST:PORT --upstream HOST:PORT[,HOST:PORT …] --control PATH.sock';

function addressOf(text: string): Address {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new AppError('spec/invalid', `"${text}" is not HOST:PORT. Usage: ${usage}`);
  return { host, port: Number(port) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { listen: { type: 'string' }, upstream: { type: 'string' }, control: { type: 'string' } },
  });
  const { listen, upstream, control } = values;
  if (listen === undefined || upstream === undefined || control === undefined) {
    throw new AppError('spec/invalid', `an argument is missing. Usage: ${usage}`);
  }
  const address = addressOf(listen);
  const relay = new Relay();
  const port = await relay.listen(address, upstream.split(',').map(addressOf));
  const roundTrip = await RoundTrip.through(relay);
  const server = await serveControl(control, relay, roundTrip);
  process.stdout.write(`${JSON.stringify({ ready: true, listen: `${address.host}:${port}`, control })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close();
      roundTrip.close();
      relay.close();
      rmSync(control, { force: true });
      process.exit(0);
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`relay: ${messageOf(error)}\n`);
  process.exit(2);
});
