import base from './jest.config.js';

/** What needs a real cluster: `npm run cluster:up` first. One file at a time, for there is one cluster. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/kubernetes/**/*.k8s.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/kubernetes/require-cluster.ts',
  maxWorkers: 1,
  testTimeout: 120_000,
};
