import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedProgram, type Program } from '../../host/program.ts';
import { contentHash } from '../content-hash.ts';

const CENTRAL = 'https://repo.maven.apache.org/maven2';

/** `group:artifact:version` → the SHA-256 of its jar. */
export type Jars = Readonly<Record<string, string>>;

/** These jars, from Maven Central or the mirror FIREDRILL_MAVEN_REPOSITORY names; what is found is their folder. */
export function mavenJars(jars: Jars): Program<string> {
  return cachedProgram({
    name: `lab-jars-${contentHash([jars])}`,
    what: `${Object.keys(jars).length} jars from Maven Central`,
    otherwise: 'Name a mirror of it in FIREDRILL_MAVEN_REPOSITORY',
    use: (directory) => directory,
    async unpack(work) {
      const folder = join(work, 'jars');
      mkdirSync(folder);
      for (const [coordinates, sha256] of Object.entries(jars)) await fetchJar(folder, coordinates, sha256);
      return folder;
    },
  });
}

async function fetchJar(folder: string, coordinates: string, sha256: string): Promise<void> {
  const [group = '', artifact = '', version = ''] = coordinates.split(':');
  const file = `${artifact}-${version}.jar`;
  const repository = process.env['FIREDRILL_MAVEN_REPOSITORY'] ?? CENTRAL;
  const url = [repository, ...group.split('.'), artifact, version, file].join('/');
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const found = createHash('sha256').update(content).digest('hex');
  if (found !== sha256) throw new Error(`${url} is not what is pinned: its SHA-256 is ${found}`);
  writeFileSync(join(folder, file), content);
}
