import type { ProductType } from '@keelson/core';
import type { Recipe } from '../engine/recipe.js';
import { accountRecipe } from './account.recipe.js';
import { domainRecipe } from './domain.recipe.js';
import { emailRecipe } from './email.recipe.js';
import { hostingRecipe } from './hosting.recipe.js';
import { licenceRecipe } from './licence.recipe.js';
import type { RecipeTools } from './recipe-tools.js';
import { vpsRecipe } from './vps.recipe.js';

/** Names of the recipes that make a service exist, by its type. */
export const provisionRecipes: Readonly<Record<ProductType, string>> = {
  hosting: 'hosting.provision',
  wordpress: 'hosting.provision',
  storage: 'hosting.provision',
  email: 'email.provision',
  domain: 'domain.provision',
  vps: 'vps.provision',
  licence: 'licence.provision',
};

/** Those recipes, in every version that an unfinished task may still be on. */
export function makeProvision(tools: RecipeTools): Recipe[] {
  return [
    hostingRecipe(tools),
    emailRecipe(tools),
    domainRecipe(tools),
    vpsRecipe(tools),
    licenceRecipe(tools),
    accountRecipe(tools),
  ];
}

/** Name of the recipe that makes a service of this type exist. */
export function provisionRecipeOf(type: ProductType): string {
  return provisionRecipes[type];
}
