import { expect } from '@jest/globals';
import { expectFailure, failureOf } from './failures.js';
import {
  authCode,
  finished,
  foreignDomain,
  guard,
  nameOf,
  newDomain,
  registrant,
  type RegistrarCase,
} from './registrar-environment.js';

const wrongCode = 'wr0ng-Auth-Code';

/** Transfers in: days of waiting, and that nothing is paid twice. */
export const registrarTransferCases: readonly RegistrarCase[] = [
  {
    name: 'transfers a domain in: pending, with a time to ask again, then completed, and paid once',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      const started = await registrar.startTransfer(domain, authCode, registrant);
      if (started.state !== 'pending') throw new Error(`expected a pending transfer, not ${started.state}`);
      expect(started.checkAfter).toBeInstanceOf(Date);
      expect(started.reference).not.toBe('');
      expect(await registrar.checkTransfer(started.reference)).toMatchObject({ state: 'pending' });
      expect(await registrar.findDomain(domain)).toBeUndefined();
      const end = await finished(environment, started);
      expect(end).toMatchObject({ state: 'completed', domain: { domain, state: 'active', autoRenew: false } });
      expect(await registrar.findDomain(domain)).toMatchObject({ domain, privacy: true });
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'returns the transfer under way when it is started again, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      const { reference } = await registrar.startTransfer(domain, authCode, registrant);
      const again = await registrar.startTransfer(domain, wrongCode, registrant);
      expect(again).toMatchObject({ state: 'pending', reference });
      expect(await finished(environment, again)).toMatchObject({ state: 'completed' });
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'answers completed for a domain that is here already, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await newDomain(registrar, environment);
      expect(await registrar.startTransfer(domain, authCode, registrant)).toMatchObject({
        state: 'completed',
        domain: { domain },
      });
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'ends a transfer with a wrong auth code as failed, and takes it up with the right one without paying again',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      const end = await finished(environment, await registrar.startTransfer(domain, wrongCode, registrant));
      if (end.state !== 'failed') throw new Error(`expected a failed transfer, not ${end.state}`);
      expect(end.remedy).toBe('auth-code');
      expect(end.reason).not.toBe('');
      const again = await registrar.startTransfer(domain, authCode, registrant);
      expect(again).toMatchObject({ state: 'pending' });
      expect(await finished(environment, again)).toMatchObject({ state: 'completed', domain: { domain } });
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'reports a lost answer to a transfer order as outcome-unknown; a repetition finds it, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      environment.vendor.loseNextAnswer('transfer');
      await expectFailure('outcome-unknown', () => registrar.startTransfer(domain, authCode, registrant));
      const again = await registrar.startTransfer(domain, authCode, registrant);
      expect(again).toMatchObject({ state: 'pending' });
      expect(await finished(environment, again)).toMatchObject({ state: 'completed' });
      expect(await environment.vendor.payments()).toBe(1);
    },
  },
  {
    name: 'refuses to transfer what costs more than the list price, and pays nothing',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      await environment.vendor.makePremium(domain, { amount: 250_000, currency: 'USD' });
      await expectFailure('wrong-state', () => registrar.startTransfer(domain, authCode, registrant));
      await expectFailure('not-found', () => registrar.checkTransfer(domain));
      expect(await environment.vendor.payments()).toBe(0);
    },
  },
  {
    name: 'refuses to transfer what nobody holds, what is no auth code, and what cannot be paid',
    run: async (environment) => {
      const registrar = guard(environment);
      const domain = await foreignDomain(environment);
      const absent = nameOf(environment, 'absent');
      await expectFailure('wrong-state', () => registrar.startTransfer(absent, authCode, registrant));
      for (const code of ['', '  ', 'a\nb', 'x'.repeat(5_000)]) {
        await expectFailure('invalid-input', () => registrar.startTransfer(domain, code, registrant));
      }
      await environment.vendor.setBalance(0);
      await expectFailure('no-funds', () => registrar.startTransfer(domain, authCode, registrant));
      expect(await environment.vendor.payments()).toBe(0);
      const failure = await failureOf(() => registrar.checkTransfer(domain));
      expect(failure.code).toBe('not-found');
    },
  },
  {
    name: 'reports an unknown reference of a transfer as not-found',
    run: async (environment) => {
      await expectFailure('not-found', () => guard(environment).checkTransfer(nameOf(environment)));
    },
  },
];
