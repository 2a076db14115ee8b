import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';
import { agent } from '../../../lab/kubernetes/images/agent.ts';
import { prepareImages } from '../../../lab/kubernetes/prepare.ts';
import type { Figure } from '../../harness/figure.ts';

const mebibyte = 2 ** 20;

export const agentImage: Figure<'zstd' | 'gzip' | 'plain' | 'node'> = {
  name: 'agent-image',
  summary: 'the image of the agents, one for the cluster and its nodes, as a registry would keep it; lab build',
  platform: 'kubernetes',
  trials: 1,
  rows: {
    zstd: { summary: 'compressed by zstd -19', unit: 'MiB', goal: { max: 80 } },
    gzip: { summary: 'compressed by gzip, as usual', unit: 'MiB', goal: { max: 80 } },
    plain: { summary: 'not compressed', unit: 'MiB' },
    node: { summary: 'Node.js alone, compressed by zstd -19: what dominates', unit: 'MiB' },
  },
  async open({ say }) {
    const [image] = await prepareImages(say, [agent.name]);
    return {
      async run() {
        const archive = await readFile(image!.archive);
        const program = await readFile(process.execPath);
        const [zstd, zipped, node] = await Promise.all([compressed(archive), promisify(gzip)(archive), compressed(program)]);
        return {
          zstd: zstd.length / mebibyte,
          gzip: zipped.length / mebibyte,
          plain: archive.length / mebibyte,
          node: node.length / mebibyte,
        };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

function compressed(bytes: Buffer): Promise<Buffer> {
  return promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
}
