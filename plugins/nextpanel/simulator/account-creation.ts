import { createHash } from 'node:crypto';
import { ApiError, type ValidationProblem } from './api-error.js';
import type { PanelState, SimulatedAccount } from './panel-state.types.js';

/** Packages of the simulated panel: id by name. That an unknown one is refused, and how, is our invention. */
export const packages = { starter: 1, student: 2, basic: 3, premium: 4, business: 5, wordpress: 6 } as const;

type Body = Record<string, unknown>;

/** Checks the body of a creation as the panel does and keeps the account. @throws ApiError 422, 404 (package), 400 (taken) */
export function createAccount(state: PanelState, body: unknown, now: number): SimulatedAccount {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Body;
  const problems = problemsOf(fields);
  if (problems.length > 0) throw new ApiError(422, problems);
  const { username, email, password, package_id: packageId } = fields as { [name: string]: string };
  if (packageId != null && !Object.values(packages).some((id) => String(id) === String(packageId))) {
    throw new ApiError(404, 'Package not found');
  }
  const taken = (field: 'username' | 'email', value?: string) =>
    state.accounts.some((account) => account[field].toLowerCase() === value?.toLowerCase());
  if (taken('username', username)) throw new ApiError(400, 'Username already exists');
  if (taken('email', email)) throw new ApiError(400, 'Email already exists');
  state.lastId += 1;
  const account: SimulatedAccount = {
    id: state.lastId,
    username: String(username),
    email: String(email),
    passwordHash: createHash('sha256').update(String(password)).digest('hex'),
    fullName: textOrNull(fields.full_name),
    phone: textOrNull(fields.phone),
    company: textOrNull(fields.company),
    packageId: packageId ?? null,
    isAdmin: fields.is_admin === true,
    billingId: textOrNull(fields.billing_id),
    metadata: (fields.metadata ?? {}) as Record<string, unknown>,
    isActive: true,
    createdAt: now,
  };
  state.accounts.push(account);
  return account;
}

function problemsOf(fields: Body): ValidationProblem[] {
  const problems: ValidationProblem[] = [];
  for (const name of ['username', 'email', 'password']) {
    const input = fields[name];
    const found = (type: string, msg: string) => problems.push({ type, loc: ['body', name], msg, input });
    if (input === undefined) {
      problems.push({ type: 'missing', loc: ['body', name], msg: 'Field required', input: fields });
    } else if (typeof input !== 'string') {
      found('string_type', 'Input should be a valid string');
    } else if (name === 'password' && input.length < 8) {
      found('string_too_short', 'String should have at least 8 characters');
    } else if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(input)) {
      found('value_error', 'value is not a valid email address');
    } else if (name === 'username' && !/^[\w.-]{1,64}$/.test(input)) {
      found('string_pattern_mismatch', 'String should match the pattern of user names');
    }
  }
  return problems;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
