import { generatePassword, PortError, provisionerPort, supports } from '@keelson/core';
import { ServiceSecret } from '@keelson/hosting';
import { IsOptional, Length, Matches } from 'class-validator';
import { defineRecipe, type Recipe } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { noteDegraded, operationHooks, type OperationOrder } from './operation-order.js';
import type { OperationWork } from './operation.js';
import { sendCredentials } from './send-credentials.step.js';
import { refuseWithoutAccount, usernameOf } from './service-account.js';

export class ChangePasswordInput {
  /** The new password of the panel. Without one, one is made and mailed to the customer. */
  @IsOptional()
  @Length(12, 64)
  @Matches(/^[\x21-\x7e]+$/, { message: 'password must be visible ASCII characters without spaces' })
  password?: string;
}

interface PasswordChange {
  generated: boolean;
}

/** Where the new password waits, sealed, until the panel has it. */
const waiting = 'panel_password_next';
const current = 'panel_password';

/**
 * Gives the panel account another password. It is sealed from the moment it is asked for, and is in no task, log or answer. A repetition
 * sets the same one.
 */
function changePasswordRecipe(tools: RecipeTools): Recipe {
  const { secrets } = tools;
  return defineRecipe<OperationOrder<PasswordChange>>('service.change_password', {
    version: 1,
    ...operationHooks<PasswordChange>({
      completed: (manager, { service }, missing) => noteDegraded(manager, service.id, ['send_credentials'], missing),
      undone: async (manager, { service }) => {
        await manager.delete(ServiceSecret, { serviceId: service.id, name: waiting });
      },
    }),
  })
    .pivot('set_password', {
      needs: provisionerPort,
      run: async ({ adapter, order }) => {
        if (!supports(adapter, provisionerPort, 'change-password'))
          throw new PortError('unsupported', 'The server cannot set passwords: set it there by hand.');
        const password = await secrets.find(order.service.id, waiting);
        if (password === undefined)
          throw new PortError('wrong-state', 'The new password is no longer kept: ask for the change again.');
        await adapter.setAccountPassword(usernameOf(order), password);
        return { username: usernameOf(order) };
      },
      record: async ({ order: { service } }, _output, manager) => {
        const password = await secrets.find(service.id, waiting, manager);
        if (password === undefined) return;
        await secrets.put(manager, service.id, current, password);
        await manager.delete(ServiceSecret, { serviceId: service.id, name: waiting });
      },
      plan: ({ order }) => [
        {
          port: 'provisioner',
          method: 'setAccountPassword',
          summary: `gives the account ${usernameOf(order)} another password`,
        },
      ],
    })
    .then_('send_credentials', {
      after: ['set_password'],
      ...sendCredentials(tools, { only: 'panel' }),
      optional: 'degraded',
      skipWhen: ({ order }) => (order.input.generated ? undefined : 'the customer chose the password'),
    })
    .build();
}

export const changePassword: OperationWork<ChangePasswordInput> = {
  make: (tools) => [changePasswordRecipe(tools)],
  freeze: ({ service, input }): PasswordChange => {
    refuseWithoutAccount(service);
    return { generated: input.password === undefined };
  },
  prepare: ({ manager, service, input, tools }) =>
    tools.secrets.put(manager, service.id, waiting, input.password ?? generatePassword(16)),
};
