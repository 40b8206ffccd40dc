/** Jest runs our sources as ES modules; `keelson-source` makes every workspace package resolve to its TypeScript. */
const shared = {
  rootDir: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['keelson-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/\\.keelson/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
};

const suffix = (name) => [`**/*${name}.ts`];

export default {
  // Real databases and servers on a busy machine; a test that hangs still ends.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: suffix('.spec'),
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.(integration|conformance)\\.spec\\.ts$'],
    },
    { ...shared, displayName: 'conformance', testMatch: suffix('.conformance.spec') },
    { ...shared, displayName: 'integration', testMatch: suffix('.integration.spec') },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: suffix('.e2e-spec'),
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.real\\.e2e-spec\\.ts$'],
    },
    { ...shared, displayName: 'real', testMatch: suffix('.real.e2e-spec') },
  ],
};
