import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Jars } from '../image-builder/maven.ts';
import type { ImageRecipe } from '../image-builder/recipe.ts';
import { shell, shellLinks } from './runtime.ts';

const java = '/usr/lib/jvm/java-17-openjdk-amd64';

/** A broker, a controller, Kafka's own tools, or the ledger's two ends: which, the manifests say. */
export const kafka: ImageRecipe = {
  name: 'kafka',
  layers: [
    shell,
    shellLinks,
    {
      debian: ['openjdk-17-jre-headless'],
      // A folder brings no shared libraries of others; the virtual machine names those that are needed.
      take: [java, `${java}/bin/java`, `${java}/lib/server/libjvm.so`, '/etc/java-17-openjdk'],
    },
    { jars: JSON.parse(readFileSync(join(import.meta.dirname, 'kafka-jars.json'), 'utf8')) as Jars, to: '/opt/kafka' },
    { source: { 'lab/kafka': '/opt/ledger' } },
  ],
  entrypoint: [],
  command: ['java', '-version'],
  user: '65534:65534',
  environment: { PATH: `${java}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, CLASSPATH: '/opt/kafka/*' },
};
