import { type Clock, systemClock } from '@keelson/core';
import { Injectable } from '@nestjs/common';

/** The time as billing sees it; tests put another in its place. */
@Injectable()
export class BillingClock implements Clock {
  now(): Date {
    return systemClock.now();
  }
}
