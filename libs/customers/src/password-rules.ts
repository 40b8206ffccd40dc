import { PasswordRefusedError } from './identity.errors.js';

/**
 * Length is the only rule (ASVS 5.0, 6.2.1 and 6.2.5): 8 to 256 characters of any kind.
 * @throws PasswordRefusedError
 */
export function checkNewPassword(password: string): void {
  const { length } = [...password];
  if (length < 8) throw new PasswordRefusedError('A password has at least 8 characters.');
  if (length > 256) throw new PasswordRefusedError('A password has at most 256 characters.');
}
