import { BulkOperations } from './bulk-operations.service.js';
import { LifecycleService } from './lifecycle.service.js';
import { OperationPlanner } from './operation-planner.service.js';
import { RemovalSchedule } from './removal-schedule.service.js';
import { SignOnService } from './sign-on.service.js';
import { SuspensionRules } from './suspension-rules.service.js';
import { UsageCollector } from './usage-collector.service.js';

/** What this folder offers to the applications and to billing. */
export const lifecycleServices = [
  LifecycleService,
  BulkOperations,
  RemovalSchedule,
  SignOnService,
  SuspensionRules,
  UsageCollector,
];

export const lifecycleProviders = [...lifecycleServices, OperationPlanner];
