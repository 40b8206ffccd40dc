import type { AnyPort } from '@keelson/core';
import type { BoundAdapter, OrderPorts } from './order-ports.js';
import type { BindingKey } from './recipe.js';

/** Chooses as `OrderPorts` does, and remembers the choice for as long as a worker drives a task. A failure is not remembered. */
export class DrivePorts {
  private readonly chosen = new Map<string, Promise<BoundAdapter | undefined>>();

  constructor(private readonly ports: Pick<OrderPorts, 'find'>) {}

  find<P extends AnyPort>(port: P, key: BindingKey): Promise<BoundAdapter<P> | undefined> {
    const name = [port.id, key.productId, key.serverConnectionId].join(' ');
    let choice = this.chosen.get(name);
    if (choice === undefined) {
      choice = this.ports.find(port, key) as Promise<BoundAdapter | undefined>;
      choice.catch(() => this.chosen.delete(name));
      this.chosen.set(name, choice);
    }
    return choice as Promise<BoundAdapter<P> | undefined>;
  }
}
