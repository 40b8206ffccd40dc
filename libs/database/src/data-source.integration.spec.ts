import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { DatabaseModule } from './database.module.js';
import { newId } from './ids.js';

@Entity({ name: 'harbours' })
class Harbour {
  @PrimaryColumn('uuid')
  id: string;

  @Column('integer')
  depthInMetres: number;
}

@Entity({ name: 'boats' })
class Boat {
  @PrimaryColumn('uuid')
  id: string;

  @ManyToOne(() => Harbour)
  @JoinColumn()
  homeHarbour: Harbour;
}

describe('DatabaseModule', () => {
  let database: TestDatabase;
  let app: INestApplicationContext;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    @Module({
      imports: [
        DatabaseModule.forRoot({
          url: database.url,
          poolSize: 3,
          applicationName: 'keelson api',
          statementTimeoutMs: 250,
        }),
        TypeOrmModule.forFeature([Harbour, Boat]),
      ],
    })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    dataSource = app.get(DataSource);
    await dataSource.query(`
      CREATE TABLE harbours (id uuid PRIMARY KEY, depth_in_metres integer NOT NULL);
      CREATE TABLE boats (id uuid PRIMARY KEY, home_harbour_id uuid NOT NULL REFERENCES harbours (id));
    `);
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('finds the entities of the feature modules and names columns in snake case', async () => {
    const harbour = await dataSource.manager.save(Harbour, { id: newId(), depthInMetres: 7 });
    const boat = await dataSource.manager.save(Boat, { id: newId(), homeHarbour: harbour });
    const found = await dataSource.manager.findOne(Boat, { where: { id: boat.id }, relations: { homeHarbour: true } });
    expect(found?.homeHarbour.depthInMetres).toBe(7);
    const rows = await dataSource.query('SELECT b.home_harbour_id, h.depth_in_metres FROM boats b, harbours h');
    expect(rows).toEqual([{ home_harbour_id: harbour.id, depth_in_metres: 7 }]);
  });

  it('uses no more connections than it was given, under its own name', async () => {
    await Promise.all(Array.from({ length: 20 }, () => dataSource.query('SELECT pg_sleep(0.01)')));
    const [{ count }] = await dataSource.query(
      `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'keelson api'`,
    );
    expect(count).toBe(3);
  });

  it('ends a statement that takes too long', async () => {
    await expect(dataSource.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ driverError: { code: '57014' } });
  });

  it('takes back what a process locked that stopped in the middle of a transaction', async () => {
    const harbour = await dataSource.manager.save(Harbour, { id: newId(), depthInMetres: 3 });
    const stopped = dataSource.createQueryRunner();
    await stopped.startTransaction();
    await stopped.query('UPDATE harbours SET depth_in_metres = 4 WHERE id = $1', [harbour.id]);
    const deepen = () => dataSource.query('UPDATE harbours SET depth_in_metres = 5 WHERE id = $1', [harbour.id]);
    await expect(deepen()).rejects.toMatchObject({ driverError: { code: '57014' } });
    while (
      !(await deepen().then(
        () => true,
        () => false,
      ))
    );
    await expect(stopped.query('SELECT 1')).rejects.toThrow();
    await stopped.release().catch(() => undefined);
    expect((await dataSource.manager.findOneByOrFail(Harbour, { id: harbour.id })).depthInMetres).toBe(5);
  });
});
