import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Jars } from '../image-builder/maven.ts';
import type { ImageRecipe } from '../image-builder/recipe.ts';
import { shell, shellLinks } from './runtime.ts';

const java = '/usr/lib/jvm/java-17-openjdk-amd64';
/** What a broker and its clients load; fonts, sound and printing stay outside. */
const libraries = ['java', 'jli', 'jimage', 'net', 'nio', 'zip', 'verify', 'extnet', 'management', 'management_ext'];

/** A broker, a controller, Kafka's own tools, or the ledger's two ends: which, the manifests say. */
export const kafka: ImageRecipe = {
  name: 'kafka',
  layers: [
    shell,
    shellLinks,
    {
      debian: ['openjdk-17-jre-headless'],
      take: [
        `${java}/bin/java`,
        ...libraries.map((name) => `${java}/lib/lib${name}.so`),
        ...['server', 'security', 'modules', 'jvm.cfg', 'tzdb.dat', 'jrt-fs.jar'].map((name) => `${java}/lib/${name}`),
        `${java}/lib/server/libjvm.so`,
        `${java}/conf`,
        '/etc/java-17-openjdk',
      ],
    },
    { jars: JSON.parse(readFileSync(join(import.meta.dirname, 'kafka-jars.json'), 'utf8')) as Jars, to: '/opt/kafka' },
    { source: { 'lab/kafka': '/opt/ledger' } },
  ],
  entrypoint: [],
  command: ['java', '-version'],
  user: '65534:65534',
  environment: { PATH: `${java}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, CLASSPATH: '/opt/kafka/*' },
};
