import { Resolver } from 'node:dns/promises';
import type { ChallengeLookup } from './challenge-looks.js';

/** Looks at one name server, as an authority does to which this is the whole net. Over HTTP nobody is there to be asked. */
export function lookupAt(nameServer: () => string | undefined): ChallengeLookup {
  return {
    async txt(name) {
      const address = nameServer();
      if (address === undefined) throw new Error('there is no name server');
      const resolver = new Resolver({ timeout: 2_000, tries: 2 });
      resolver.setServers([address]);
      try {
        return (await resolver.resolveTxt(name)).map((chunks) => chunks.join(''));
      } catch (thrown) {
        if (['ENODATA', 'ENOTFOUND'].includes(String((thrown as { code?: unknown }).code))) return [];
        throw thrown;
      }
    },
    http: () => Promise.reject(new Error('no web server is played')),
  };
}
