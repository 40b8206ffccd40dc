import { StateFile } from '@keelson/testing/simulator';

/** Ports set aside for one simulator. */
const block = 4;

/**
 * Ports of the sandbox: the first for its own pages, then a block for each simulator. A block once given stays with its plugin,
 * so that addresses survive restarts and new plugins.
 * @param first 0: every port is free and nothing is remembered
 */
export class PortPlan {
  private readonly file: StateFile<{ order: string[] }>;

  constructor(
    private readonly first: number,
    home: string | undefined,
  ) {
    this.file = new StateFile(home, 'ports', { order: [] });
  }

  /** First port of the plugin's block; 0 when ports are free. */
  of(plugin: string): number {
    if (this.first === 0) return 0;
    if (!this.file.data.order.includes(plugin)) {
      this.file.data.order.push(plugin);
      this.file.save();
    }
    return this.first + 1 + this.file.data.order.indexOf(plugin) * block;
  }
}
