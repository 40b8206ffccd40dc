import { describe, expect, it } from '@jest/globals';
import { definePort, PortError, VendorHttp, type VendorRequest } from '@keelson/core';
import { createHttpSimulator } from '../simulator/index.js';
import { failingCases } from './conformance-cases.js';
import {
  describeTransportFaults,
  transportFaultCases,
  type TransportFaultsEnvironment,
} from './transport-faults.conformance.js';

interface ThingPort {
  findThing(name: string): Promise<boolean>;
  ensureThing(name: string): Promise<void>;
}

const thingPort = definePort<ThingPort, Record<never, never>>({
  id: 'thing',
  version: 1,
  methods: ['findThing', 'ensureThing'],
  capabilities: {},
  reads: ['findThing'],
});

const apiKey = 'secret-of-the-thing-vendor';

/** The smallest adapter that keeps the promises. */
class ThingAdapter implements ThingPort {
  private readonly http: VendorHttp;

  constructor(baseUrl: string) {
    this.http = new VendorHttp({ baseUrl, headers: { 'x-api-key': apiKey } });
  }

  async findThing(name: string): Promise<boolean> {
    return (await this.send({ method: 'GET', path: `/things/${name}`, acts: false })) as boolean;
  }

  async ensureThing(name: string): Promise<void> {
    if (await this.findThing(name)) return;
    await this.send({ method: 'POST', path: '/things', json: { name }, acts: true });
  }

  protected async send(request: VendorRequest): Promise<unknown> {
    const response = await this.http.request(request);
    if (response.status === 200) return response.json();
    throw new PortError(request.acts ? 'outcome-unknown' : 'unavailable', 'The vendor gave no clear answer.');
  }
}

type Adapter = new (url: string) => ThingPort;

async function start(of: Adapter = ThingAdapter): Promise<TransportFaultsEnvironment<typeof thingPort>> {
  const things: string[] = [];
  const { app, faults, listen, stop } = createHttpSimulator();
  app.get<{ Params: { name: string } }>('/things/:name', ({ params }) => JSON.stringify(things.includes(params.name)));
  app.post<{ Body: { name: string } }>('/things', ({ body }) => {
    things.push(body.name);
    return { made: body.name };
  });
  return {
    port: thingPort,
    adapter: new of(await listen()),
    capabilities: [],
    faults,
    secrets: [apiKey],
    read: (adapter) => adapter.findThing('one'),
    act: (adapter) => adapter.ensureThing('one'),
    acting: 'POST /things',
    verifyActedOnce: async () => expect(things).toEqual(['one']),
    stop,
  };
}

describeTransportFaults('a small adapter', () => start());

describe('the transport faults catch', () => {
  const failing = (of: Adapter) =>
    failingCases(transportFaultCases, () => start(of) as unknown as Promise<TransportFaultsEnvironment<never>>);

  it('an adapter that takes a 500 for final', async () => {
    class Resigned extends ThingAdapter {
      protected override async send(request: VendorRequest): Promise<unknown> {
        try {
          return await super.send(request);
        } catch (thrown) {
          const unclear =
            thrown instanceof PortError && thrown.code === 'outcome-unknown' && thrown.details.vendor === undefined;
          throw unclear ? new PortError('invalid-input', 'The vendor refused.') : thrown;
        }
      }
    }
    expect(await failing(Resigned)).toEqual([
      'reports 500 to an acting call with a code that is looked into, never a final one',
    ]);
  }, 60_000);

  it('an adapter that creates a second object instead of adopting the first', async () => {
    class Blind extends ThingAdapter {
      override async ensureThing(name: string): Promise<void> {
        await this.send({ method: 'POST', path: '/things', json: { name }, acts: true });
      }
    }
    expect(await failing(Blind)).toContain(
      'reports a connection dropped after the vendor acted as outcome-unknown, and the repetition adopts',
    );
  }, 60_000);

  it('an adapter that shows its key', async () => {
    class Talkative extends ThingAdapter {
      protected override async send(request: VendorRequest): Promise<unknown> {
        try {
          return await super.send(request);
        } catch (thrown) {
          if (!(thrown instanceof PortError)) throw thrown;
          const { code, retryAfterMs } = thrown;
          throw new PortError(code, `Asked with ${apiKey}: ${thrown.message}`, { retryAfterMs });
        }
      }
    }
    expect(await failing(Talkative)).toEqual(['shows no secret in errors and call records, whatever fails']);
  }, 60_000);
});
