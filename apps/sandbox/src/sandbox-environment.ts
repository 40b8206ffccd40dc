import type { Simulator } from '@keelson/testing/simulator';

/**
 * What a configuration needs to reach the simulators, as environment variables: `SANDBOX_<PLUGIN>_<SETTING>`, so that the
 * setting `apiToken` of the plugin `cpanel-whm` becomes `SANDBOX_CPANEL_WHM_API_TOKEN`.
 */
export function environmentOf(simulators: readonly Pick<Simulator, 'plugin' | 'settings'>[]): Record<string, string> {
  return Object.fromEntries(
    simulators.flatMap(({ plugin, settings }) =>
      Object.entries(settings).map(([name, value]) => [
        `SANDBOX_${upperSnake(plugin)}_${upperSnake(name)}`,
        String(value),
      ]),
    ),
  );
}

function upperSnake(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}
