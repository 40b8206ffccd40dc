import type { PlannedFile, PluginPlan } from './plugin-plan.js';

/** README, package.json and, for a package of its own, what builds it. */
export function packageFiles(plan: PluginPlan): PlannedFile[] {
  const own = plan.home === 'package';
  return [
    { path: 'README.md', text: readme(plan) },
    { path: 'package.json', text: json(own ? ownPackage(plan) : checkoutPackage(plan)) },
    ...(own
      ? [
          { path: 'tsconfig.json', text: tsconfig },
          { path: '.gitignore', text: 'node_modules/\ndist/\n' },
        ]
      : []),
  ];
}

function common({ vendor, title, ports }: PluginPlan): object {
  return {
    name: `keelson-plugin-${vendor}`,
    version: '0.1.0',
    description: `${title} for Keelson: ${ports.map(({ source }) => source.port.id).join(', ')}.`,
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '^20.19.0 || ^22.13.0 || >=24.11.0' },
  };
}

function checkoutPackage(plan: PluginPlan): object {
  return {
    ...common(plan),
    files: ['dist'],
    exports: {
      '.': { 'keelson-source': './src/index.ts', types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      './simulator': {
        'keelson-source': './simulator/index.ts',
        types: './dist/simulator/index.d.ts',
        default: './dist/simulator/index.js',
      },
    },
    dependencies: pick(plan, ['@keelson/core', 'class-validator'], ''),
    devDependencies: pick(plan, ['@keelson/testing'], ''),
  };
}

/** The core is a peer: the plugin works with the copy of the installation that it is put into. */
function ownPackage(plan: PluginPlan): object {
  return {
    ...common(plan),
    keywords: ['keelson-plugin'],
    files: ['dist', '!dist/test'],
    exports: {
      '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' },
      './simulator': { types: './dist/simulator/index.d.ts', default: './dist/simulator/index.js' },
    },
    scripts: {
      build: 'tsc',
      test: 'tsc && node --experimental-vm-modules node_modules/jest/bin/jest.js',
      prepack: 'tsc',
    },
    jest: { testMatch: ['**/dist/test/**/*.spec.js'], transform: {} },
    peerDependencies: pick(plan, ['@keelson/core'], '^'),
    dependencies: pick(plan, ['class-validator'], '^'),
    devDependencies: pick(
      plan,
      ['@jest/globals', '@keelson/core', '@keelson/testing', '@types/node', 'jest', 'typescript'],
      '^',
    ),
  };
}

function pick({ versions }: PluginPlan, names: readonly string[], range: string): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const version = versions[name];
      if (version === undefined) throw new Error(`the version of ${name} is unknown`);
      return [name, `${range}${version}`];
    }),
  );
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "types": ["node"],
    "rootDir": ".",
    "outDir": "dist",
    "declaration": true,
    "sourceMap": true,
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "experimentalDecorators": true,
    "emitDecoratorMetadata": true,
    "useDefineForClassFields": false,
    "strictPropertyInitialization": false,
    "skipLibCheck": true
  },
  "include": ["src", "simulator", "test"]
}
`;

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function readme({ vendor, title, ports, home }: PluginPlan): string {
  const install =
    home === 'package'
      ? `Install it beside Keelson (\`npm install keelson-plugin-${vendor}\`) and name it in \`keelson.config.yaml\`:`
      : 'Name it in `keelson.config.yaml`:';
  const offers = ports.map(({ source: { port }, capabilities }) => {
    const names = capabilities.map(({ name }) => name).join(', ');
    return `- \`${port.id}\` ${port.version}, ${names === '' ? 'with no capabilities' : `with ${names}`}\n`;
  });
  return `# keelson-plugin-${vendor}

${title} for Keelson. It speaks:

${offers.join('')}
Say here which product and versions of it were tried, and where its documentation is.

## Settings

| Setting    | Needed      | Meaning                                  |
| ---------- | ----------- | ---------------------------------------- |
| \`url\`      | yes         | Address of the API                       |
| \`apiToken\` | yes, secret | Token of an account that may use the API |

${install}

\`\`\`yaml
plugins: [${vendor}]
connections:
  ${vendor}:
    plugin: ${vendor}
    settings: { url: 'https://api.example.com', apiToken: '\${${vendor.toUpperCase().replaceAll('-', '_')}_TOKEN}' }
bindings:
  default:
${ports.map(({ source }) => `    ${source.port.id}: ${vendor}`).join('\n')}
\`\`\`

## What to know

Say here what the vendor cannot do, which limits it has, and how to try this live.
`;
}
