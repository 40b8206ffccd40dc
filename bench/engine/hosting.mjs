import { Product, ProductsService } from '@keelson/catalogue';
import { Keyring, loadSettings, systemClock } from '@keelson/core';
import { Customer } from '@keelson/customers';
import { inTransaction, newId } from '@keelson/database';
import * as hosting from '@keelson/hosting';
import { NotificationsService } from '@keelson/notifications';
import { allRecipes } from '../../libs/provisioning/dist/src/lifecycle/all-recipes.js';

/** Every recipe of Keelson over a data source and ports, as a worker has them. */
export function hostingRecipes(dataSource, ports) {
  const keyring = Keyring.fromText('00'.repeat(32));
  const secrets = new hosting.ServiceSecrets(dataSource, keyring);
  const settings = loadSettings({
    JWT_SECRET: 'x'.repeat(32),
    NS1: 'ns1.keelson.test',
    NS2: 'ns2.keelson.test',
  });
  const tools = {
    dataSource,
    secrets,
    settings,
    ports,
    clock: systemClock,
    services: new hosting.ServicesService(dataSource, secrets),
    slots: new hosting.ServerSlots(),
    certificates: new hosting.CertificatesService(dataSource, keyring),
    renewals: new hosting.CertificateRenewals(dataSource),
    httpChallenges: new hosting.HttpChallenges(dataSource),
    licences: new hosting.Licences(dataSource, new hosting.LicenceKeys(dataSource, keyring), systemClock),
    domains: new hosting.DomainsService(dataSource, secrets),
    products: new ProductsService(dataSource),
    notifications: new NotificationsService(dataSource, settings),
    dns: { ask: () => Promise.resolve([]) },
    web: { ask: () => Promise.resolve(undefined) },
  };
  return { recipes: allRecipes(tools), services: tools.services };
}

/** Places paid orders for hosting, one for each domain, which is new unless said otherwise. Returns `{ serviceId, customerId }` of each. */
export async function orderHosting(dataSource, services, domains, domainMode = 'new_registration') {
  const { manager } = dataSource;
  const address = { line1: 'St James Square 1', city: 'London', postalCode: 'SW1Y 4LE', country: 'GB' };
  const person = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '+44.2071234567', address };
  let customer = await manager.findOneBy(Customer, { email: person.email });
  customer ??= await manager.save(manager.create(Customer, { id: newId(), ...person }));
  const plan = { slug: 'starter', name: 'Starter', description: 'd', packageName: 'starter', type: 'hosting' };
  let product = await manager.findOneBy(Product, { slug: plan.slug });
  product ??= await manager.save(manager.create(Product, { id: newId(), ...plan }));
  const orders = [];
  for (const domain of domains) {
    const order = {
      customerId: customer.id,
      productId: product.id,
      type: 'hosting',
      domain,
      domainMode,
    };
    const { id } = await inTransaction(dataSource, (own) => services.create(own, order));
    orders.push({ serviceId: id, customerId: customer.id });
  }
  return orders;
}
