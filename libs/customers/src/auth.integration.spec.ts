import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { customersFixture, type CustomersFixture } from '../test/customers-fixture.js';
import { User } from './user.entity.js';

let fixture: CustomersFixture;

beforeAll(async () => {
  fixture = await customersFixture();
});
beforeEach(() => fixture.clear());
afterAll(() => fixture.close());

const login = (password = 'correct horse', email = 'ada@example.com') => fixture.auth.login(email, password);
const refused = { name: 'LoginRefusedError' };

/** Whether a login with this password is let in. */
const outcome = (password?: string) =>
  login(password).then(
    () => 'in',
    () => 'refused',
  );

describe('AuthService.login', () => {
  it('starts a session for the right password, whatever the case of the address', async () => {
    const id = await fixture.addUser('ada@example.com');
    const session = await login('correct horse', ' Ada@Example.COM ');
    expect(session).toMatchObject({ expiresInSeconds: 86_400, user: { id, email: 'ada@example.com' } });
    expect(JSON.stringify(session.user)).not.toContain('argon2');
    expect(await fixture.identity.identify({ bearer: session.token })).toEqual({
      kind: 'user',
      role: 'customer',
      scopes: ['*'],
      userId: id,
    });
  });

  it('says the same for a wrong password, an unknown address, a disabled user and no address at all', async () => {
    const id = await fixture.addUser('ada@example.com');
    const messages = await Promise.all(
      [login('wrong'), login('correct horse', 'nobody@example.com'), login('x', 'no address')].map((attempt) =>
        attempt.catch((error: Error) => error.message),
      ),
    );
    await fixture.dataSource.manager.update(User, id, { status: 'disabled' });
    messages.push(await login().catch((error: Error) => error.message));
    expect(new Set(messages).size).toBe(1);
    await expect(login()).rejects.toMatchObject(refused);
  });

  it('makes the account wait after three failures, longer each time, and forgives after a success', async () => {
    await fixture.addUser('ada@example.com');
    expect([await outcome('1'), await outcome('2'), await outcome('3')]).toEqual(['refused', 'refused', 'refused']);
    expect(await outcome()).toBe('refused');
    fixture.pass(1_001);
    expect(await outcome('4')).toBe('refused');
    fixture.pass(1_001);
    expect(await outcome()).toBe('refused');
    fixture.pass(1_000);
    expect(await outcome()).toBe('in');
    expect([await outcome('1'), await outcome('2'), await outcome()]).toEqual(['refused', 'refused', 'in']);
  });

  it('waits at most fifteen minutes', async () => {
    await fixture.addUser('ada@example.com');
    await fixture.dataSource.query('UPDATE users SET failed_logins = 5000');
    expect(await outcome('wrong')).toBe('refused');
    fixture.pass(15 * 60_000);
    expect(await outcome()).toBe('in');
  });

  it('lets tries at the same time not slip past the wait', async () => {
    await fixture.addUser('ada@example.com');
    await Promise.all(Array.from({ length: 12 }, (_, index) => outcome(`guess ${index}`)));
    const [row] = await fixture.dataSource.query<{ failed_logins: number }[]>('SELECT failed_logins FROM users');
    expect(row?.failed_logins).toBe(3);
  });

  it('hashes again what was hashed at another cost', async () => {
    const id = await fixture.addUser('ada@example.com');
    const old = await hash('correct horse', { memoryCost: 19_456, timeCost: 2 });
    await fixture.dataSource.manager.update(User, id, { passwordHash: old });
    await login();
    const [row] = await fixture.dataSource.query<{ password_hash: string }[]>('SELECT password_hash FROM users');
    expect(row?.password_hash).toContain('m=47104,t=1,p=1');
    expect(await outcome()).toBe('in');
  });
});

describe('sessions', () => {
  it('end after a day, with the user, and with a change of the password', async () => {
    const id = await fixture.addUser('ada@example.com');
    const { token } = await login();
    fixture.pass(86_399_000);
    expect(await fixture.identity.identify({ bearer: token })).toBeDefined();
    fixture.pass(2_000);
    expect(await fixture.identity.identify({ bearer: token })).toBeUndefined();
    const second = await login();
    const changed = await fixture.auth.changePassword(id, 'correct horse', 'battery staple');
    expect(await fixture.identity.identify({ bearer: second.token })).toBeUndefined();
    expect(await fixture.identity.identify({ bearer: changed.token })).toBeDefined();
    await fixture.dataSource.manager.update(User, id, { status: 'disabled' });
    expect(await fixture.identity.identify({ bearer: changed.token })).toBeUndefined();
    expect(await fixture.auth.me(id)).toBeUndefined();
  });
});

describe('AuthService.changePassword', () => {
  it('wants the current password, another one, and a length', async () => {
    const id = await fixture.addUser('ada@example.com');
    const change = (current: string, next: string) => fixture.auth.changePassword(id, current, next);
    await expect(change('wrong', 'battery staple')).rejects.toMatchObject(refused);
    await expect(change('correct horse', 'short')).rejects.toMatchObject({ name: 'PasswordRefusedError' });
    await expect(change('correct horse', 'correct horse')).rejects.toMatchObject({ name: 'PasswordRefusedError' });
  });

  it('clears the mark of a temporary password', async () => {
    const id = await fixture.addUser('ada@example.com');
    await fixture.dataSource.manager.update(User, id, { mustChangePassword: true });
    const { user } = await fixture.auth.changePassword(id, 'correct horse', 'battery staple');
    expect(user.mustChangePassword).toBe(false);
  });
});

describe('resetting a password', () => {
  it('works once, within half an hour, and ends sessions and waits', async () => {
    await fixture.addUser('ada@example.com');
    const session = await login();
    await Promise.all([outcome('1'), outcome('2'), outcome('3'), outcome('4')]);
    const asked = await fixture.auth.forgotPassword('ADA@example.com');
    expect(asked?.user.email).toBe('ada@example.com');
    await fixture.auth.resetPassword(asked?.token ?? '', 'battery staple');
    await expect(fixture.auth.resetPassword(asked?.token ?? '', 'another one')).rejects.toMatchObject({
      name: 'ResetRefusedError',
    });
    expect(await outcome('battery staple')).toBe('in');
    expect(await fixture.identity.identify({ bearer: session.token })).toBeUndefined();
  });

  it('stores only a hash, and forgets after thirty minutes', async () => {
    await fixture.addUser('ada@example.com');
    const asked = await fixture.auth.forgotPassword('ada@example.com');
    const [row] = await fixture.dataSource.query<object[]>('SELECT * FROM users');
    expect(JSON.stringify(row)).not.toContain(asked?.token);
    fixture.pass(30 * 60_000);
    await expect(fixture.auth.resetPassword(asked?.token ?? '', 'battery staple')).rejects.toMatchObject({
      name: 'ResetRefusedError',
    });
  });

  it('lets one of several uses at the same time win', async () => {
    await fixture.addUser('ada@example.com');
    const asked = await fixture.auth.forgotPassword('ada@example.com');
    const uses = await Promise.allSettled(
      [1, 2, 3].map((index) => fixture.auth.resetPassword(asked?.token ?? '', `battery staple ${index}`)),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('sends nothing to strangers, and not twice within a minute', async () => {
    await fixture.addUser('ada@example.com');
    expect(await fixture.auth.forgotPassword('nobody@example.com')).toBeUndefined();
    expect(await fixture.auth.forgotPassword('ada@example.com')).toBeDefined();
    expect(await fixture.auth.forgotPassword('ada@example.com')).toBeUndefined();
    fixture.pass(60_000);
    expect(await fixture.auth.forgotPassword('ada@example.com')).toBeDefined();
  });
});
