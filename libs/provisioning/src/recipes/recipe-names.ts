import type { ProductType } from '@keelson/core';

const provisionRecipes: Record<ProductType, string> = {
  hosting: 'hosting.provision',
  wordpress: 'hosting.provision',
  storage: 'hosting.provision',
  email: 'email.provision',
  domain: 'domain.provision',
  vps: 'hosting.provision',
  licence: 'domain.provision',
};

/** Name of the recipe that makes a service of this type exist. */
export function provisionRecipeOf(type: ProductType): string {
  return provisionRecipes[type];
}
