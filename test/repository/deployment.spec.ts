import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { foldersIn, read, root } from './repository.js';

interface Service {
  image: string;
  command?: string[];
  ports?: string[];
  environment?: Record<string, string | number>;
  depends_on?: Record<string, { condition: string }>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const commandLine = read('apps/cli/src/main.ts');
const readme = read('README.md');

describe('docker-compose.yml', () => {
  it('runs what the README says: the API and any number of workers on Postgres and Redis', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['api', 'postgres', 'redis', 'setup', 'worker']);
    expect(readme).toContain('docker-compose.yml');
    for (const setting of ['DATABASE_URL', 'REDIS_URL', 'KEELSON_CONFIG']) {
      expect(readme).toContain(setting);
      for (const service of ['api', 'worker', 'setup'])
        expect(compose.services[service]?.environment).toHaveProperty(setting);
    }
    expect(compose.services['api']?.ports).toEqual(['${PORT:-2271}:2271']);
  });

  it('gives the image commands that keelson has', () => {
    const commands = ['api', 'worker', 'setup'].flatMap((service) => compose.services[service]?.command ?? []);
    expect(commands).toEqual(['api', 'worker', 'setup']);
    for (const command of commands) expect(commandLine).toContain(`.command('${command}')`);
  });

  it('waits for services that exist', () => {
    for (const { depends_on: needs } of Object.values(compose.services)) {
      for (const needed of Object.keys(needs ?? {})) expect(compose.services).toHaveProperty(needed);
    }
  });

  it('holds no password', () => {
    const values = Object.values(compose.services).flatMap((service) => Object.entries(service.environment ?? {}));
    const secrets = values.filter(([name]) => /PASSWORD|SECRET|TOKEN|KEY/.test(name));
    expect(secrets).toEqual([['POSTGRES_PASSWORD', '${PGPASSWORD:?set PGPASSWORD in .env}']]);
    for (const [, value] of values) expect(String(value)).not.toMatch(/:\/\/\w+:(?!\$\{)[^@/]+@/);
  });
});

describe('Dockerfile', () => {
  it('starts the command that package.json names', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(read('Dockerfile')).toContain(`"${bin['keelson']}"`);
    expect(existsSync(join(root, bin['keelson'] ?? ''))).toBe(true);
  });

  it('runs as an ordinary user', () => {
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
  });
});

describe('nest-cli.json', () => {
  it('lists every application and library, where it is', () => {
    const { monorepo, projects } = JSON.parse(read('nest-cli.json')) as {
      monorepo: boolean;
      projects: Record<string, { type: string; root: string; sourceRoot: string; entryFile: string }>;
    };
    expect(monorepo).toBe(true);
    expect(Object.keys(projects).sort()).toEqual([...foldersIn('apps'), ...foldersIn('libs')].sort());
    for (const { root: folder, sourceRoot, entryFile } of Object.values(projects)) {
      expect(sourceRoot).toBe(`${folder}/src`);
      expect(existsSync(join(root, sourceRoot, `${entryFile}.ts`))).toBe(true);
    }
  });
});

describe('package.json of every package', () => {
  const { engines, version } = JSON.parse(read('package.json')) as { engines: object; version: string };
  const packages = ['apps', 'libs', 'plugins'].flatMap((group) => foldersIn(group).map((name) => `${group}/${name}`));

  it.each(packages)(
    '%s agrees with the repository on licence, Node.js and module kind, and pins what it needs',
    (folder) => {
      const own = JSON.parse(read(`${folder}/package.json`)) as Record<string, unknown> & {
        dependencies?: Record<string, string>;
      };
      expect(own).toMatchObject({ license: 'Apache-2.0', type: 'module', engines, version });
      expect(Object.entries(own.dependencies ?? {}).filter(([, range]) => !/^\d+\.\d+\.\d+/.test(range))).toEqual([]);
    },
  );
});

describe('package-lock.json', () => {
  interface Locked {
    version?: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  }
  const text = read('package-lock.json');
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };

  it('names no registry, so that any can be used', () => {
    expect(text).not.toMatch(/"resolved": "https?:/);
  });

  it('says what the packages say, so that npm ci works', () => {
    const folders = ['apps', 'libs', 'plugins'].flatMap((group) => foldersIn(group).map((name) => `${group}/${name}`));
    for (const folder of ['', ...folders]) {
      const { dependencies, devDependencies } = JSON.parse(read(join(folder, 'package.json'))) as Locked;
      const locked = packages[folder];
      expect({ folder, dependencies: locked?.dependencies, devDependencies: locked?.devDependencies }).toEqual({
        folder,
        dependencies,
        devDependencies,
      });
    }
  });

  it('holds the native parts for every platform, not only for the one it was written on', () => {
    // msgpackr works without its native part.
    const dispensable = 'node_modules/msgpackr-extract';
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {})
        .filter(
          (name) =>
            packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined,
        )
        .map((name) => `${path}: ${name}`),
    );
    expect(missing.filter((line) => !line.startsWith(dispensable))).toEqual([]);
  });
});
