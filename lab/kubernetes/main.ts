import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { errorCodes, isAppError } from '../../src/domain/errors.ts';
import { startNode } from './boot.ts';
import { clusterDown } from './cluster-down.ts';
import { clusterStatus } from './cluster-status.ts';
import { bringImages, clusterUp } from './cluster.ts';
import { demoDown, demoUp } from './demo/deployment.ts';
import { copyShop } from './demo/shop-copy.ts';
import { images } from './images/index.ts';
import { kindDown, kindUp } from './kind.ts';
import { killNode } from './node-process.ts';
import { prepareImages, requireMachine } from './prepare.ts';
import { everyWorker, topology } from './topology.ts';

/** `node lab/kubernetes/main.ts up | down | status | node kill|start NAME | images [NAME…] | demo up|down|copy NAMESPACE` */
const report = (line: string): void => console.log(line);
const nodeNames = [topology.controlPlane, ...everyWorker].map((node) => node.name);
const kind = { type: 'boolean', default: false, describe: 'with kind and kind-config.yaml, where Docker runs' } as const;
const netem = { type: 'boolean', default: false, describe: 'with w4, whose own kernel has netem and cgroup v2' } as const;
const name = { choices: nodeNames, demandOption: true, describe: 'a node of the lab' } as const;

await yargs(hideBin(process.argv))
  .scriptName('cluster')
  .command(
    'up',
    'bring the lab cluster up, as far as it is not',
    (command) => command.option('kind', kind).option('netem', netem),
    (args) => (args.kind ? kindUp() : clusterUp(report, args)),
  )
  .command(
    'down',
    'end it: nothing of it stays but programs and images in the cache',
    (command) => command.option('kind', kind),
    (args) => (args.kind ? kindDown() : clusterDown(report)),
  )
  .command('status', 'what is up', {}, () => clusterStatus(report))
  .command(
    'node <what> <name>',
    'cut the power of a node, or boot it with the disks it had',
    (command) => command.positional('what', { choices: ['kill', 'start'] as const, demandOption: true }).positional('name', name),
    (args) => (args.what === 'kill' ? killNode(args.name) : startNode(args.name)),
  )
  .command(
    'images [names..]',
    'build images, all by default, and bring them into the running nodes',
    (command) => command.positional('names', { array: true, default: [], choices: images.map((image) => image.name) }),
    async (args) => {
      requireMachine();
      await bringImages(await prepareImages(report, args.names), report);
    },
  )
  .command('demo', 'the demo system in the cluster', (command) =>
    command
      .command(
        ['up', '$0'],
        'deploy it, and wait until it is ready, measured and quiet',
        (up) => up.option('full', { type: 'boolean', default: false, describe: 'with Redis, Kafka, a replica and more' }),
        async (args) => void (await demoUp(args.full ? 'full' : 'light', report)),
      )
      .command('down', 'end it and the copies of its shop', {}, () => demoDown(report))
      .command(
        'copy <namespace>',
        'a shop of your own, on its database',
        (copy) => copy.positional('namespace', { type: 'string', demandOption: true }),
        (args) => copyShop(args.namespace, report),
      ),
  )
  .demandCommand(1)
  .strict()
  .fail((message, error) => {
    console.error(error === undefined ? message : isAppError(error) ? error.message : error);
    process.exit(isAppError(error) ? errorCodes[error.code].exit : 2);
  })
  .parseAsync();
