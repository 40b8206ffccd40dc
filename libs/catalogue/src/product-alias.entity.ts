import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Another slug of a product, for clients that know it by an older name. */
@Entity({ name: 'product_aliases' })
export class ProductAlias {
  /** Lower case. */
  @PrimaryColumn('text')
  alias: string;

  @Column('uuid')
  productId: string;
}
