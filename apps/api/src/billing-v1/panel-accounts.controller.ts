import { CustomersService, type Principal } from '@keelson/customers';
import { inTransaction, toPublicId } from '@keelson/database';
import {
  type HostedAccount,
  HostedAccounts,
  type PanelServer,
  PanelServers,
  type Service,
  wantedAccountOf,
} from '@keelson/hosting';
import { AccountOrders, type InputOf, LifecycleService, type OperationName, TaskOutcomes } from '@keelson/provisioning';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller, ownCustomerId } from '../access/caller.decorator.js';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { problemOf } from '../problem/problem-mapping.js';
import {
  AccountMessageDto,
  AccountStatsDto,
  ProvisionAccountDto,
  ProvisionedAccountDto,
  SuspendAccountDto,
} from './panel-accounts.dto.js';
import { panelPath, panelPlugin, panelUserIdOf } from './panel-contract.js';
import { urlOf } from './panel-servers.controller.js';
import { WaitMs } from './wait.decorator.js';

const numberPattern = /^[1-9]\d{0,8}$/;
const typesOf = { panel: 'standard', reseller: 'reseller', 'master-reseller': 'master-reseller' } as const;
const ApiWait = () =>
  ApiHeader({ name: 'Prefer', required: false, description: 'wait=<seconds>: how long to wait for the outcome; 50' });

@ApiTags('billing v1')
@Controller(panelPath)
export class PanelAccountsController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly customers: CustomersService,
    private readonly servers: PanelServers,
    private readonly orders: AccountOrders,
    private readonly accounts: HostedAccounts,
    private readonly lifecycle: LifecycleService,
    private readonly outcomes: TaskOutcomes,
  ) {}

  /** Refusals are answers with status 200, as clients of this API expect; only what is wrong with the request itself is a 4xx. */
  @Access('provisioning', 'admin', 'operator')
  @Post('provision')
  @HttpCode(200)
  @ApiWait()
  @ApiOperation({ summary: 'Orders an account and waits until it is made; repeating it follows the same order' })
  @ApiOkResponse({ type: ProvisionedAccountDto })
  async provision(@Body() body: ProvisionAccountDto, @WaitMs() waitMs: number): Promise<ProvisionedAccountDto> {
    try {
      return await this.order(body, waitMs);
    } catch (thrown) {
      const { status, options } = problemOf(thrown);
      if (status >= 500) throw thrown;
      return { success: false, error: options.detail };
    }
  }

  @Access('provisioning', 'admin', 'operator')
  @Post('accounts/:id/suspend')
  @HttpCode(200)
  @ApiWait()
  @ApiOperation({ summary: 'Suspends an account' })
  @ApiOkResponse({ type: AccountMessageDto })
  async suspend(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: SuspendAccountDto,
    @WaitMs() waitMs: number,
  ): Promise<AccountMessageDto> {
    const { service } = await this.find(id);
    const input = { reason: body.reason ?? 'Suspended by billing system', hold: false };
    await this.operate(caller, service, 'suspend', input, waitMs);
    return { message: 'Account suspended successfully' };
  }

  @Access('provisioning', 'admin', 'operator')
  @Post('accounts/:id/unsuspend')
  @HttpCode(200)
  @ApiWait()
  @ApiOperation({ summary: 'Takes a suspension back, or confirms that there is none' })
  @ApiOkResponse({ type: AccountMessageDto })
  async unsuspend(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @WaitMs() waitMs: number,
  ): Promise<AccountMessageDto> {
    const { service } = await this.find(id);
    if (service.status !== 'active') await this.operate(caller, service, 'unsuspend', {}, waitMs);
    return { message: 'Account unsuspended successfully' };
  }

  /** Closes the account and removes it with all its data, at once. */
  @Access('provisioning', 'admin', 'operator')
  @Delete('accounts/:id')
  @ApiWait()
  @ApiOperation({ summary: 'Removes an account with all its data, at once; one that is gone is confirmed' })
  @ApiOkResponse({ type: AccountMessageDto })
  async remove(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @WaitMs() waitMs: number,
  ): Promise<AccountMessageDto> {
    const message = 'Account deleted successfully';
    if (numberPattern.test(id) && (await this.accounts.wasRemoved(Number(id)))) return { message };
    const { service } = await this.find(id);
    const deadline = performance.now() + waitMs;
    if (service.status !== 'quarantined' && service.status !== 'terminating') {
      const input = { reason: 'Deleted by billing system', removeAfterDays: 0 };
      await this.operate(caller, service, 'terminate', input, waitMs);
    }
    await this.operate(caller, service, 'remove', {}, Math.max(0, deadline - performance.now()));
    return { message };
  }

  @Access('provisioning', 'admin', 'operator', 'customer')
  @Get('accounts/:id/stats')
  @ApiOperation({ summary: 'What the account holds, asked of its server now' })
  @ApiOkResponse({ type: AccountStatsDto })
  async stats(@Caller() caller: Principal, @Param('id') id: string): Promise<AccountStatsDto> {
    const account = await this.find(id, ownCustomerId(caller));
    const usage = await this.accounts.getUsage(account);
    const owner = wantedAccountOf(account.service) ?? (await this.customers.get(account.service.customerId));
    return {
      user_id: Object.values(panelUserIdOf(account.remoteId))[0] as AccountStatsDto['user_id'],
      username: usage.username,
      email: owner.email,
      total_domains: usage.domains ?? null,
      total_databases: usage.databases ?? null,
      total_email_accounts: usage.mailboxes ?? null,
      total_ssl_certificates: usage.certificates ?? null,
      storage_used: usage.diskMb,
      last_login: usage.lastLoginAt?.toISOString() ?? null,
      account_age_days: usage.ageDays ?? null,
    };
  }

  private async order(body: ProvisionAccountDto, waitMs: number): Promise<ProvisionedAccountDto> {
    const customer = await this.customers.get(body.customer_id);
    const servers = await this.eligible(body.server_id);
    const serviceId = await this.orders.place({
      customerId: customer.id,
      account: {
        username: body.username,
        email: body.email,
        ...(body.full_name === undefined ? {} : { fullName: body.full_name }),
        ...(body.company === undefined ? {} : { company: body.company }),
        ...(body.phone === undefined ? {} : { phone: body.phone }),
        ...(body.account_type === undefined ? {} : { accountType: typesOf[body.account_type] }),
        ...(body.order_id === undefined ? {} : { orderReference: body.order_id }),
        serverIds: servers.map(({ server }) => server.id),
      },
      password: body.password,
      packageName: body.package_id ?? '',
    });
    const outcome = await this.orders.follow(serviceId, waitMs);
    if (outcome.state === 'made') return this.made(outcome.service);
    const error =
      outcome.state === 'failed'
        ? outcome.error
        : 'The account is still being made: repeat the request to learn what became of it.';
    return {
      success: false,
      error,
      ...(outcome.taskId === undefined ? {} : { job_id: toPublicId('job', outcome.taskId) }),
    };
  }

  private async made({ number }: Service): Promise<ProvisionedAccountDto> {
    const account = await this.find(String(number));
    return {
      success: true,
      account_id: number,
      server_name: account.server.name,
      server_url: urlOf(account),
      ...panelUserIdOf(account.remoteId),
      username: account.service.username ?? '',
    };
  }

  /** Servers that a new account may go to. @throws ProblemError when there is none */
  private async eligible(wanted: string | undefined): Promise<PanelServer[]> {
    const usable = (await this.servers.list(panelPlugin)).filter(({ server }) => server.isActive && server.isOnline);
    const servers =
      wanted === undefined
        ? usable
        : usable.filter(({ server }) => [String(server.number), server.name, server.id].includes(wanted));
    if (servers.length > 0) return servers;
    const detail = wanted === undefined ? 'No available servers' : `Server ${wanted} not available`;
    throw new ProblemError(409, { code: 'no-server', detail });
  }

  /** @throws ProblemError 404 when there is no such account on a server of the panel, or it is another customer's */
  private async find(id: string, customerId?: string): Promise<HostedAccount & PanelServer> {
    const account = numberPattern.test(id) ? await this.accounts.find(Number(id)) : undefined;
    const panels = account === undefined ? [] : await this.servers.list(panelPlugin);
    const panel = panels.find(({ server }) => server.id === account?.server.id);
    const visible = customerId === undefined || account?.service.customerId === customerId;
    if (account !== undefined && panel !== undefined && visible) return { ...account, ...panel };
    throw new ProblemError(404, { code: 'account-not-found', detail: 'Account not found' });
  }

  /**
   * Asks for the operation and waits until it is done.
   * @throws ProblemError 504 when that takes longer than the client waits, 502 when it failed; both name the job
   */
  private async operate<Name extends OperationName>(
    caller: Principal,
    { id: serviceId }: Service,
    operation: Name,
    input: Partial<InputOf<Name>>,
    waitMs: number,
  ): Promise<void> {
    const requestedBy = { actor: actorOf(caller), role: caller.role };
    const { taskId } = await inTransaction(this.dataSource, (manager) =>
      this.lifecycle.request(manager, { serviceId, operation, input, requestedBy }),
    );
    const outcome = await this.outcomes.wait(taskId, waitMs);
    if (outcome.state === 'done') return;
    const members = { job_id: toPublicId('job', taskId) };
    throw outcome.state === 'failed'
      ? new ProblemError(502, { code: 'operation-failed', detail: outcome.error, members })
      : new ProblemError(504, { code: 'under-way', detail: 'The job is still under way: look at it later.', members });
  }
}
