import { resolve } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { errorCodes, isAppError } from '../../src/domain/errors.ts';
import { isMounted } from './audit-volume.ts';
import { findNft } from './nft.ts';
import { isAlive } from './process-identity.ts';
import { readStackRecord } from './stack-record.ts';
import { supervisedPrograms } from './payments.ts';
import { startStack, stopStack } from './stack.ts';

/** `node lab/host/main.ts up | down | status`: the demo stack from a shell. */
const directory = { type: 'string', default: '.lab', describe: 'where the stack lies' } as const;
const report = (line: string): void => console.log(line);

async function up(options: { directory: string }): Promise<void> {
  const stack = await startStack({ ...options, report });
  report(`environment: ${stack.environmentFile}`);
  report(`agent policy: ${stack.policyFile}`);
  const nft = await findNft(report);
  if (nft !== null) report(`for an agent that redirects links: FIREDRILL_NFT_BIN=${nft}`);
}

function status(options: { directory: string }): void {
  const directory = resolve(options.directory);
  const record = readStackRecord(directory);
  if (record === null) {
    report(`no stack is up in ${options.directory}`);
    return;
  }
  for (const part of record.parts) {
    report(`${part.name.padEnd(14)} ${isAlive(part) ? 'alive' : 'DEAD '} pid ${String(part.pid).padEnd(8)} ${part.address}`);
  }
  for (const program of supervisedPrograms(directory)) {
    report(`  ${program.name.padEnd(20)} ${program.alive ? 'alive' : 'DEAD '} pid ${program.pid}`);
  }
  for (const mount of record.mounts) report(`${'volume'.padEnd(14)} ${isMounted(mount) ? 'mounted' : 'plain folder'} ${mount}`);
}

await yargs(hideBin(process.argv))
  .scriptName('lab')
  .option('directory', directory)
  .command('up', 'start the demo stack', {}, (args) => up({ directory: String(args['directory']) }))
  .command('down', 'end it: no process, mount or port stays', {}, (args) =>
    stopStack({ directory: String(args['directory']), report }),
  )
  .command('status', 'what is up', {}, (args) => status({ directory: String(args['directory']) }))
  .demandCommand(1)
  .strict()
  .fail((message, error) => {
    console.error(error === undefined ? message : isAppError(error) ? error.message : error);
    process.exit(isAppError(error) ? errorCodes[error.code].exit : 2);
  })
  .parseAsync();
