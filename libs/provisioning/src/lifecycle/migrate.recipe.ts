import { type Account, PortError, provisionerPort, unlessAbsent } from '@keelson/core';
import { newId } from '@keelson/database';
import { RemoteResource, Server, Service } from '@keelson/hosting';
import { IsOptional, Length } from 'class-validator';
import type { EntityManager } from 'typeorm';
import { ByHand, defineRecipe, Pending, type Recipe, type RetriedStep, type UndoableStep } from '../engine/recipe.js';
import { bindingOf } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { retried } from '../recipes/retried.js';
import { installSsl } from '../recipes/steps/install-ssl.step.js';
import { setupDns } from '../recipes/steps/setup-dns.step.js';
import { siteDomain } from '../recipes/site-domain.js';
import { OperationRefusedError } from './lifecycle.errors.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { refuseWithoutAccount, usernameOf } from './service-account.js';

export class MigrateInput {
  /** Id, number or name of the server to move to. Default: the least utilised other one of the group. */
  @IsOptional()
  @Length(1, 80)
  server?: string;
}

/** Where from and where to, decided when it was asked for. */
interface Move {
  fromServerId: string;
  fromConnectionId: string;
  /** Address of the site until now, where the panel told. */
  fromIp: string | null;
  toServerId: string;
  toConnectionId: string;
  toName: string;
}

type Order = OperationOrder<Move>;

/** How long the old account stays at least: resolvers may send visitors there while they remember the old address. */
const keepOldMs = 24 * 3_600_000;
/** How often the world is asked whether it still sends visitors to the old address after that. */
const askAgainMs = 6 * 3_600_000;

/**
 * Moves an account to another server: a slot and an account of the same name there, its data copied by a person (or his tools), then addresses and
 * certificate, and, when nobody is sent there any more, the old account removed. Until the data is copied nothing is changed for visitors, and all of it can be taken
 * back.
 */
function migrateRecipe(tools: RecipeTools): Recipe {
  return defineRecipe<Order>('service.migrate', {
    version: 1,
    ...operationHooks<Move>({
      completed: (manager, { service }, missing) =>
        noteDegraded(manager, service.id, ['install_ssl', 'remove_old_account'], missing),
    }),
    // Provisioner steps speak to the server it moves to; the old one is reached by its own connection.
    bindingOf: (order) => ({ ...bindingOf(order), serverConnectionId: order.input.toConnectionId }),
  })
    .step('reserve_slot', reserveSlot())
    .step('create_new_account', { after: ['reserve_slot'], ...createNewAccount(tools) })
    .step('copy_data', { after: ['create_new_account'], ...copyData() })
    .pivot('switch_server', switchServer())
    .then_('setup_dns', { after: ['switch_server'], ...retried(setupDns(tools)) })
    .then_('install_ssl', { after: ['setup_dns'], ...installSsl(tools) })
    .then_('remove_old_account', { after: ['setup_dns'], ...removeOldAccount(tools) })
    .build();
}

/** Takes the slot in the transaction that records it, so that no crash takes two. */
function reserveSlot(): UndoableStep<Order, object, { serverId: string }, never, never> {
  return {
    run: ({ order }) => Promise.resolve({ serverId: order.input.toServerId }),
    record: async (_context, { serverId }, manager) => {
      const [, taken] = await manager.query<[unknown[], number]>(
        `UPDATE servers SET used = used + 1, updated_at = now() WHERE id = $1 AND is_active AND is_online AND used < capacity`,
        [serverId],
      );
      if (taken === 0) throw new PortError('wrong-state', 'The server has no free slot any more.');
    },
    undo: () => Promise.resolve(),
    unrecord: async ({ order }, manager) => {
      await manager.query(`UPDATE servers SET used = greatest(used - 1, 0), updated_at = now() WHERE id = $1`, [
        order.input.toServerId,
      ]);
    },
  };
}

function createNewAccount({
  secrets,
  settings,
}: RecipeTools): UndoableStep<Order, object, Account, typeof provisionerPort, never> {
  return {
    needs: provisionerPort,
    look: async ({ adapter, order }) => {
      const found = await adapter.findAccount({ username: usernameOf(order) });
      if (found === undefined || found.domain === siteDomain(order, settings)) return found;
      throw new PortError('already-exists', `Another account on the server is called ${found.username}.`);
    },
    run: async ({ adapter, order }) => {
      const { service, product, customer } = order;
      return adapter.ensureAccount({
        username: usernameOf(order),
        domain: siteDomain(order, settings),
        package: service.packageName ?? product.packageName ?? product.slug,
        email: customer.email,
        password: (await secrets.find(service.id, 'panel_password')) ?? '',
        externalId: service.id,
        fullName: customer.name,
      });
    },
    undo: async ({ adapter, order, ours }) => {
      if (ours) await adapter.removeAccount(usernameOf(order));
    },
    plan: ({ order }) => [
      {
        port: 'provisioner',
        method: 'ensureAccount',
        summary: `makes the account ${usernameOf(order)} on ${order.input.toName}`,
      },
    ],
  };
}

/** Panels copy accounts with tools of their own, so a person does it, or a program of his that marks the step done. */
function copyData(): UndoableStep<Order, object, { copied: true }, never, never> {
  return {
    run: ({ order }) =>
      Promise.resolve(
        new ByHand(
          `Copy the account ${usernameOf(order)} from ${order.server?.name} to ${order.input.toName} with the panel's own tool, then mark this step done.`,
        ),
      ),
    accept: () => ({ copied: true }),
    undo: () => Promise.resolve(),
  };
}

/** From here on the service lives on the new server. */
function switchServer(): RetriedStep<Order, { create_new_account: Account }, { switchedAt: string }, never, never> {
  return {
    run: () => Promise.resolve({ switchedAt: new Date().toISOString() }),
    record: async ({ order: { service, input }, done }, _output, manager) => {
      const account = done.create_new_account;
      await manager.update(
        Service,
        { id: service.id },
        { serverId: input.toServerId, ip: account?.ip ?? null, panelUrl: account?.panelUrl ?? null },
      );
      await manager.query(`UPDATE servers SET used = greatest(used - 1, 0), updated_at = now() WHERE id = $1`, [
        input.fromServerId,
      ]);
      await manager.delete(RemoteResource, { serviceId: service.id, kind: 'account' });
      await manager.insert(RemoteResource, {
        id: newId(),
        serviceId: service.id,
        connectionId: input.toConnectionId,
        kind: 'account',
        remoteId: account?.remoteId ?? service.username ?? '',
      });
    },
  };
}

function removeOldAccount({
  ports,
  clock,
  dns,
  settings,
}: RecipeTools): RetriedStep<Order, { switch_server: { switchedAt: string } }, { username: string }, never, never> {
  return {
    // Other operations need not wait for it; until it is done, the service is marked.
    optional: 'degraded',
    run: async ({ order, done }) => {
      const removable = new Date(Date.parse(done.switch_server?.switchedAt ?? '') + keepOldMs);
      if (removable > clock.now()) return new Pending(removable, 'resolvers may still know the old address');
      const username = usernameOf(order);
      const { fromConnectionId, fromIp } = order.input;
      const answers = fromIp === null ? [] : ((await unlessAbsent(dns.ask(siteDomain(order, settings), 'A'))) ?? []);
      if (fromIp !== order.service.ip && answers.some(({ values = [] }) => values.includes(fromIp ?? ''))) {
        return new Pending(new Date(clock.now().getTime() + askAgainMs), `the domain still points at ${fromIp}`);
      }
      const key = { ...bindingOf(order), serverConnectionId: fromConnectionId };
      const old = await ports.at(provisionerPort, fromConnectionId, key);
      const found = await old.findAccount({ username });
      if (found !== undefined) await old.removeAccount(username);
      return { username };
    },
    plan: ({ order }) => [
      {
        port: 'provisioner',
        method: 'removeAccount',
        summary: `removes the account ${usernameOf(order)} on ${order.server?.name} a day later`,
      },
    ],
  };
}

export const migrate: OperationWork<MigrateInput> = {
  make: (tools) => [migrateRecipe(tools)],
  freeze: async ({ manager, service, input }): Promise<Move> => {
    refuseWithoutAccount(service);
    const from = service.serverId === null ? null : await manager.findOneBy(Server, { id: service.serverId });
    if (from === null) throw new OperationRefusedError('conflict', 'no-server', 'The service is on no server.');
    const to = await chooseServer(manager, from, input.server);
    return {
      fromServerId: from.id,
      fromConnectionId: from.connectionId,
      fromIp: service.ip,
      toServerId: to.id,
      toConnectionId: to.connectionId,
      toName: to.name,
    };
  },
};

/** @throws OperationRefusedError when no other server of the group can take it */
async function chooseServer(manager: EntityManager, from: Server, wanted: string | undefined): Promise<Server> {
  const [row] = await manager.query<{ id: string }[]>(
    `SELECT id FROM servers WHERE server_group = $1 AND id <> $2 AND connection_id <> $3 AND is_active AND is_online AND used < capacity
        AND ($4::text IS NULL OR $4 IN (id::text, number::text, name))
      ORDER BY used::float / capacity, used, name LIMIT 1`,
    [from.serverGroup, from.id, from.connectionId, wanted ?? null],
  );
  if (row !== undefined) return manager.findOneByOrFail(Server, { id: row.id });
  throw new OperationRefusedError(
    'conflict',
    'no-server',
    `No ${wanted === undefined ? 'other server' : `server ${wanted}`} of the group ${from.serverGroup} is online with a free slot.`,
  );
}
