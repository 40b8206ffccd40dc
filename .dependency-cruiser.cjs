// The import rules of docs/architecture.md. test/repository/import-rules.spec.ts plants a violation of each.

/** From the ground up, between core, which imports nothing of ours, and billing, which may import every other. */
const floors = [['database'], ['queue'], ['catalogue', 'customers'], ['notifications'], ['hosting'], ['provisioning']];

const tests = String.raw`(\.spec|\.e2e-spec)\.ts$|^(libs|apps|plugins)/[^/]+/test/|^test/|^bench/`;
const indexes = [
  String.raw`^(?:libs|apps|plugins)/[^/]+/src/index\.ts$`,
  String.raw`^libs/testing/src/[^/]+/index\.ts$`,
  String.raw`^plugins/[^/]+/simulator/index\.ts$`,
];

const floorRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `floor-${room}`,
    comment: `libs/${room} imports only the floors below it; what lies below tells what lies above by events.`,
    severity: 'error',
    from: { path: `^libs/${room}/`, pathNot: tests },
    to: { path: `^libs/(?:${above(floor, room).join('|')})/` },
  })),
);

/** The rooms that a room must not see: those on its own floor and on the floors above. */
function above(floor, room) {
  return [...floors.slice(floor).flat(), 'billing'].filter((other) => other !== room);
}

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'core-stands-alone',
      comment: 'libs/core imports nothing of ours, tests included.',
      severity: 'error',
      from: { path: '^libs/core/' },
      to: { path: '^(?:apps|plugins|libs/(?!core/))' },
    },
    {
      name: 'libs-know-no-apps-or-plugins',
      comment: 'Libraries are used by applications and are told about plugins at boot.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(?:apps|plugins)/' },
    },
    {
      name: 'only-through-index',
      comment:
        'Another package is imported by its name, which means its index.ts. Tests of apps may start the real peers of plugins.',
      severity: 'error',
      from: { path: '^((?:apps|libs|plugins)/[^/]+)/', pathNot: '^apps/[^/]+/test/.*\\.real\\.e2e-spec\\.ts$' },
      to: { path: '^(?:apps|libs|plugins)/[^/]+/', pathNot: ['^$1/', ...indexes] },
    },
    {
      name: 'plugin-imports-core-only',
      comment: 'A plugin imports @keelson/core and npm packages.',
      severity: 'error',
      from: { path: '^plugins/[^/]+/src/', pathNot: tests },
      to: { path: '^(?:apps|libs/(?!core/))' },
    },
    {
      name: 'plugin-tests-import-core-and-testing',
      comment: 'Tests and simulators of a plugin also import @keelson/testing, and nothing else of ours.',
      severity: 'error',
      from: { path: '^plugins/' },
      to: { path: '^(?:apps|libs/(?!core/|testing/))' },
    },
    {
      name: 'no-plugin-imports-a-plugin',
      comment: 'Plugins meet only through ports.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/' },
    },
    {
      name: 'plugins-own-no-tables',
      comment: 'A plugin keeps its state through AdapterContext.state and leaves repetition to the engine.',
      severity: 'error',
      from: { path: '^plugins/' },
      to: { path: 'node_modules/(?:typeorm|bullmq|@nestjs/(?:typeorm|bullmq))/' },
    },
    {
      name: 'apps-do-not-import-apps',
      comment: 'Only the command line starts other applications.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-know-no-plugins',
      comment: 'Plugins are found at boot. Only the sandbox and tests import simulators.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^plugins/[^/]+/src/' },
    },
    {
      name: 'simulators-only-in-sandbox-and-tests',
      comment: 'What runs for customers does not contain a simulator.',
      severity: 'error',
      from: { path: '^apps/', pathNot: [tests, '^apps/sandbox/'] },
      to: { path: '^plugins/[^/]+/simulator/' },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'libs/testing is for tests, simulators and the sandbox.',
      severity: 'error',
      from: {
        path: '^(?:apps|libs|plugins)/',
        pathNot: [tests, '^libs/testing/', '^plugins/[^/]+/simulator/', '^apps/sandbox/'],
      },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'no-circles',
      comment: 'Modules that need each other at run time belong into one file, or one of them imports too much.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'declared-dependencies',
      comment: 'What a package imports at run time stands in its own package.json, so that it can be published.',
      severity: 'error',
      from: { path: '^(?:apps|libs|plugins)/[^/]+/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['keelson-source', 'import', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
