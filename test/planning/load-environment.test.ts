import { expect, test } from '@jest/globals';
import { loadEnvironment } from '../../src/planning/load-environment.ts';

const text = `
apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: demo }
spec:
  platform: host
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  state: ./state
  archive: ./runs
  services:
    store:
      postgres: [{ name: main, connection: 'file:./secrets/main.dsn' }]
      redis:
        - { name: sessions, connection: 'file:./secrets/redis.url' }
        - { name: cache, connection: env:REDIS_URL }
`;

test('connections that are files are where the environment is, and variables stay as they are', async () => {
  const files = { read: async () => text, list: async () => [], write: async () => {} };
  expect(await loadEnvironment('/srv/drills/demo.yaml', files)).toMatchObject({
    services: {
      store: {
        postgres: [{ connection: 'file:/srv/drills/secrets/main.dsn' }],
        redis: [{ connection: 'file:/srv/drills/secrets/redis.url' }, { connection: 'env:REDIS_URL' }],
      },
    },
  });
});
