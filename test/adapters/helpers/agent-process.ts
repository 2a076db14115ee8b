import { startHelper } from '../../../src/adapters/helpers/helper-child.ts';
import { helpersOfRunner } from '../../../src/adapters/helpers/runner-connection.ts';
import { source } from './source.ts';

// A process that has a helper and then only lives, so that a test can kill it as an agent would be killed.
const [, , socket] = process.argv;
const start = socket === undefined ? startHelper : helpersOfRunner(socket);
await start(source.name, source.config);
process.stdout.write('started\n');
setInterval(() => {}, 1000);
