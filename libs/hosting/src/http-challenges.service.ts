import type { Challenge } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { HttpChallenge } from './http-challenge.entity.js';

/** Proofs that the API shows over plain HTTP, for as long as an order needs them. */
@Injectable()
export class HttpChallenges {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Shows the proofs from now on, in every process. Challenges of other kinds are left out. Repeating it changes nothing. */
  async show(serviceId: string, challenges: readonly Challenge[]): Promise<void> {
    const shown = challenges.flatMap((one) => (one.type === 'http-01' ? [one] : []));
    if (shown.length === 0) return;
    await this.dataSource.query(
      `INSERT INTO http_challenges (path, service_id, body)
       SELECT path, $2, body FROM unnest($1::text[], $3::text[]) AS shown (path, body)
       ON CONFLICT (path) DO UPDATE SET body = excluded.body WHERE http_challenges.service_id = excluded.service_id`,
      [shown.map(({ path }) => path), serviceId, shown.map(({ body }) => body)],
    );
  }

  /** What is shown at the path, or undefined. */
  async find(path: string): Promise<string | undefined> {
    return (await this.dataSource.manager.findOneBy(HttpChallenge, { path }))?.body;
  }

  /** Takes all proofs of the service away, in the caller's transaction where there is one. */
  async hide(serviceId: string, manager: EntityManager = this.dataSource.manager): Promise<void> {
    await manager.delete(HttpChallenge, { serviceId });
  }
}
