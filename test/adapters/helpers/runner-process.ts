import { startRunner } from '../../../src/adapters/helpers/runner.ts';

// A runner that a test can kill, or have stand still.
const [, , socket = ''] = process.argv;
await startRunner(socket, (line) => void process.stdout.write(`${line}\n`));
process.stdout.write('listens\n');
