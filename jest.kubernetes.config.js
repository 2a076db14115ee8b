import base from './jest.config.js';

/** What needs a real cluster: `npm run cluster:up` first. One file at a time, for there is one cluster. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/kubernetes/**/*.k8s.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/kubernetes/require-cluster.ts',
  globalTeardown: '<rootDir>/test/kubernetes/leave-cluster.ts',
  maxWorkers: 1,
  // Longer than what a test waits for on its way: each wait says itself what never came.
  testTimeout: 240_000,
};
