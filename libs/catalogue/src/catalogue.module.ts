import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Binding } from './binding.entity.js';
import { BindingsService } from './bindings.service.js';
import { ConfigSync } from './config-sync.service.js';
import { ConnectionState } from './connection-state.entity.js';
import { ConnectionStates } from './connection-states.service.js';
import { Connection } from './connection.entity.js';
import { ConnectionsService } from './connections.service.js';
import { Coupon } from './coupon.entity.js';
import { CouponsService } from './coupons.service.js';
import { Price } from './price.entity.js';
import { ProductAlias } from './product-alias.entity.js';
import { Product } from './product.entity.js';
import { ProductsService } from './products.service.js';
import { TldCosts } from './tld-costs.service.js';
import { TldPrice } from './tld-price.entity.js';

/** Tables of this room, for data sources that are built without Nest. */
export const catalogueEntities = [Product, ProductAlias, Price, TldPrice, Coupon, Connection, ConnectionState, Binding];

/** Products, prices, coupons, connections and bindings. Needs `RuntimeModule` and a data source in the application. */
@Module({
  imports: [TypeOrmModule.forFeature(catalogueEntities)],
  providers: [
    ProductsService,
    CouponsService,
    BindingsService,
    ConnectionStates,
    ConnectionsService,
    ConfigSync,
    TldCosts,
  ],
  exports: [ProductsService, CouponsService, BindingsService, ConnectionsService, ConfigSync, TldCosts],
})
export class CatalogueModule {}
