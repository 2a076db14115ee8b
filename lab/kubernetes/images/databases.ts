import type { ImageRecipe, Layer } from '../image-builder/recipe.ts';
import { shell, shellLinks } from './runtime.ts';

const nobody = '65534:65534';
const postgresPrograms = ['postgres', 'initdb', 'pg_ctl', 'psql', 'pg_basebackup', 'pg_isready', 'pg_controldata'];
/** Not the compiler for queries, which would bring LLVM: a hundred megabytes for queries that take a millisecond. */
const postgresModules = ['plpgsql', 'dict_snowball', 'libpqwalreceiver'];
const postgresFolder = '/usr/lib/postgresql/15';

const postgresFiles: Layer = {
  debian: ['postgresql-15', 'tzdata'],
  take: [
    ...postgresPrograms.map((name) => `${postgresFolder}/bin/${name}`),
    ...postgresModules.map((name) => `${postgresFolder}/lib/${name}.so`),
    '/usr/share/postgresql/15',
    '/usr/share/zoneinfo/Etc',
  ],
};

/** What a database does at its start, the manifests say in scripts: here are only its programs and a shell. */
export const databaseImages: readonly ImageRecipe[] = [
  {
    name: 'postgres',
    layers: [shell, shellLinks, postgresFiles],
    entrypoint: [],
    command: ['postgres'],
    user: nobody,
    environment: { PATH: `${postgresFolder}/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
  },
  {
    name: 'pgbouncer',
    layers: [shell, shellLinks, { debian: ['pgbouncer'], take: ['/usr/sbin/pgbouncer'] }],
    entrypoint: [],
    command: ['pgbouncer'],
    user: nobody,
  },
  {
    name: 'redis',
    layers: [shell, shellLinks, { debian: ['redis-server'], take: ['/usr/bin/redis-server', '/usr/bin/redis-cli'] }],
    entrypoint: [],
    command: ['redis-server'],
    user: nobody,
  },
];
