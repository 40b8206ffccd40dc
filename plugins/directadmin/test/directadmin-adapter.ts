import { DirectAdminAdapter, DirectAdminClient, DirectAdminSettings } from '../src/index.js';

/** Settings of a connection, those of a server that is not there where none are given. */
export function settingsWith(settings: object): DirectAdminSettings {
  const some = { url: 'http://127.0.0.1:9', username: 'admin', loginKey: 'simulated-key', ip: '192.0.2.40' };
  return Object.assign(new DirectAdminSettings(), some, settings);
}

export function adapterWith(settings: object): DirectAdminAdapter {
  return new DirectAdminAdapter(new DirectAdminClient(settingsWith(settings)));
}
