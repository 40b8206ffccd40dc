import { CheckoutsService, InboxService } from '@keelson/billing';
import { DomainExpiries } from '@keelson/hosting';
import { AlertDispatcher, Alerts } from '@keelson/notifications';
import {
  CertificateSchedule,
  ConnectionChecks,
  DriftService,
  Reconciler,
  RemovalSchedule,
  UsageCollector,
} from '@keelson/provisioning';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Schedules } from './schedules.js';

const second = 1_000;
const minute = 60 * second;

/** Everything that a worker looks for by itself, and how often. */
@Injectable()
export class WorkerSchedules implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly inbox: InboxService,
    private readonly checkouts: CheckoutsService,
    private readonly certificates: CertificateSchedule,
    private readonly domains: DomainExpiries,
    private readonly reconciler: Reconciler,
    private readonly drift: DriftService,
    private readonly usage: UsageCollector,
    private readonly removals: RemovalSchedule,
    private readonly checks: ConnectionChecks,
    private readonly alerts: Alerts,
    private readonly dispatcher: AlertDispatcher,
  ) {}

  onModuleInit(): void {
    const { schedules } = this;
    schedules.every(15 * second, 'payment events and pages that nobody woke us for', async () => {
      await this.inbox.sweepDue();
      await this.checkouts.reconcileDue();
    });
    schedules.every(minute, 'certificates to ask about and to renew', async () => {
      await this.certificates.askDue();
      await this.certificates.beginDue();
    });
    schedules.every(10 * minute, 'what registrars say of domains', () => this.domains.syncDue());
    schedules.every(30 * second, 'what vendors really hold', async () => {
      const observed = await this.reconciler.observeDue();
      if (observed.size > 0) await this.drift.applyPolicy();
    });
    schedules.every(minute, 'what accounts use', () => this.usage.collectDue());
    schedules.every(minute, 'data whose time has come', () => this.removals.beginDue());
    schedules.every(15 * second, 'connections that do not answer', () => this.checks.checkDue());
    schedules.every(15 * second, 'what operators should know of', async () => {
      await this.alerts.look();
      await this.dispatcher.deliverDue();
    });
  }
}
