import { BindingsService, ConnectionsService } from '@keelson/catalogue';
import { type AdapterOf, mailPort, PortError } from '@keelson/core';
import { Injectable } from '@nestjs/common';

/** The way by which mail to operators goes: what is bound to the mail port for everything. */
@Injectable()
export class OperatorMail {
  constructor(
    private readonly bindings: BindingsService,
    private readonly connections: ConnectionsService,
  ) {}

  /** @throws PortError `invalid-config` when no connection is bound */
  async adapter(): Promise<AdapterOf<typeof mailPort>> {
    const [bound] = await this.bindings.connectionsFor('mail');
    if (bound === undefined)
      throw new PortError(
        'invalid-config',
        'No connection is bound to the mail port: bind one in keelson.config.yaml.',
      );
    return this.connections.adapterFor(mailPort, bound.id);
  }
}
