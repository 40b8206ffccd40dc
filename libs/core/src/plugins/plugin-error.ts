import { BootError } from '../errors/boot-error.js';

/** A plugin cannot be used: not found, malformed, or written for another core. `cause` keeps what its import threw. */
export class PluginError extends BootError {
  override readonly name = 'PluginError';
}
