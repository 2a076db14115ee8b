import { expect, test } from '@jest/globals';
import { parseSpec } from '../../src/spec/parse-spec.ts';
import { temporalAt } from '../../src/spec/temporal.ts';

const problemsOf = (temporal: object): readonly string[] => {
  const spec = { platform: 'host', prometheus: { url: 'http://127.0.0.1:1' }, temporal, state: 's', archive: 'a', services: {} };
  const environment = { apiVersion: 'firedrill.dev/v1', kind: 'Environment', metadata: { name: 'test' }, spec };
  return parseSpec('environment.yaml', JSON.stringify(environment)).problems.map(({ path, message }) => `${path}: ${message}`);
};
const address = 'temporal.test:7233';

test('a key of Temporal that is written into the file is refused, and not said again', () => {
  const problems = problemsOf({ address, apiKey: 'sk-1234' });
  expect(problems).toEqual([expect.stringMatching(/^spec\.temporal\.apiKey: .*file:PATH or env:NAME, never the key itself/)]);
  expect(problems.join()).not.toContain('sk-1234');
});

test('a certificate without its key is refused', () => {
  expect(problemsOf({ address, tls: { cert: 'a.pem' } })).toEqual([
    expect.stringMatching(/^spec\.temporal\.tls: cert and key go together/),
  ]);
  expect(problemsOf({ address, tls: { cert: 'a.pem', key: 'a.key' }, apiKey: 'env:KEY' })).toEqual([]);
});

test('files of Temporal are looked for beside the environment', () => {
  const settings = { address, namespace: 'n', tls: { ca: './ca.pem', serverName: './name' }, apiKey: 'file:./key' };
  expect(temporalAt(settings, (path) => `/env/${path.slice(2)}`)).toEqual({
    ...settings,
    tls: { ca: '/env/ca.pem', serverName: './name' },
    apiKey: 'file:/env/key',
  });
});
