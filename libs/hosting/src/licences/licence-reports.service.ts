import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Between, DataSource, In } from 'typeorm';
import { Domain } from '../domain.entity.js';
import { LicenceNotFoundError } from './licence.errors.js';
import { type LicenceResource, licenceResources, type LicenceView } from './licence.types.js';
import { Licences } from './licences.service.js';

export interface LicenceFilter {
  /** Licences of this customer only. */
  customerId?: string;
  /** Number or id of one licence. */
  licence?: string;
}

/** A resource of a licence that is nearly used up, or more than that. */
export interface LicenceAlert {
  view: LicenceView;
  resource: LicenceResource;
  current: number;
  maximum: number;
  severity: 'warning' | 'critical';
}

const warningShare = 0.8;
const criticalShare = 0.95;

/** Tells owners how much of their licences is used. */
@Injectable()
export class LicenceReports {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly licences: Licences,
  ) {}

  /** The licences of the filter. @throws LicenceNotFoundError when there are none */
  async select({ customerId, licence }: LicenceFilter): Promise<LicenceView[]> {
    if (licence !== undefined) return [await this.licences.get(licence, customerId)];
    const views = await this.licences.list(customerId === undefined ? undefined : [customerId]);
    if (views.length === 0) throw new LicenceNotFoundError();
    return views;
  }

  /** Number of domains that the owners of the licences got in the time. */
  async countDomains(views: readonly LicenceView[], from: Date, to: Date): Promise<number> {
    const owners = [...new Set(views.map(({ service }) => service.customerId))];
    return this.dataSource.manager.countBy(Domain, { customerId: In(owners), createdAt: Between(from, to) });
  }

  /** Warnings from 80 %, critical from 95 %; resources that a licence does not allow at all are left out. */
  async alerts({ customerId }: Pick<LicenceFilter, 'customerId'>): Promise<LicenceAlert[]> {
    const views = await this.licences.list(customerId === undefined ? undefined : [customerId]);
    return views.flatMap((view) =>
      licenceResources.flatMap((resource) => {
        const { current, maximum } = view.usage[resource];
        const share = maximum === 0 ? 0 : current / maximum;
        if (share < warningShare) return [];
        return [{ view, resource, current, maximum, severity: share < criticalShare ? 'warning' : 'critical' }];
      }),
    );
  }
}
