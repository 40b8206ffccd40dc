import { PortError } from '@keelson/core';
import { Service } from '@keelson/hosting';
import { isIP } from 'node:net';
import { ByHand, type UndoableStep } from '../../engine/recipe.js';
import type { VpsOrder } from '../vps-order.js';

/** What an operator says about the machine that he set up. */
export interface FulfilledMachine {
  ip: string;
  username?: string;
  panelUrl?: string;
}

/** Asks a person to set the machine up, when no server of the product's group can. Its password goes to the customer by the person. */
export function fulfilByHand(): UndoableStep<VpsOrder, object, FulfilledMachine, never, never> {
  return {
    skipWhen: ({ order }) => (order.automatic ? 'a server of the group makes it' : undefined),
    run: ({ order: { service, product, customer } }) =>
      Promise.resolve(
        new ByHand(
          `Set up a ${product.name} for ${customer.email} (service ${service.id}), then mark this step done with its address: {"ip": "…", "username": "…", "panelUrl": "https://…"}.`,
        ),
      ),
    accept: (given) => {
      const { ip, username, panelUrl } = given;
      if (typeof ip !== 'string' || isIP(ip) === 0)
        throw invalid('ip has to be the IPv4 or IPv6 address of the machine');
      if (username !== undefined && !isShortText(username))
        throw invalid('username has to be a text of up to 100 characters');
      if (panelUrl !== undefined && !(isShortText(panelUrl) && URL.canParse(panelUrl) && /^https?:/.test(panelUrl))) {
        throw invalid('panelUrl has to be an http or https address');
      }
      return {
        ip,
        ...(username === undefined ? {} : { username }),
        ...(panelUrl === undefined ? {} : { panelUrl }),
      };
    },
    record: async ({ order: { service } }, { ip, username = null, panelUrl = null }, manager) => {
      await manager.update(Service, { id: service.id }, { ip, username, panelUrl });
    },
    undo: (_, output) => {
      if (output === undefined) return Promise.resolve();
      throw new PortError(
        'wrong-state',
        `The machine ${output.ip} was set up by hand: remove it by hand, then mark this step done.`,
      );
    },
    unrecord: async ({ order: { service } }, manager) => {
      await manager.update(Service, { id: service.id }, { ip: null, username: null, panelUrl: null });
    },
  };
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 100 && !/\p{Cc}/u.test(value);
}

function invalid(message: string): PortError {
  return new PortError('invalid-input', `What was given does not fit: ${message}.`);
}
