import type { Recipe } from '../engine/recipe.js';
import { domainRecipe } from './domain.recipe.js';
import { emailRecipe } from './email.recipe.js';
import { hostingRecipe } from './hosting.recipe.js';
import type { RecipeTools } from './recipe-tools.js';

/** Every recipe in every version that an unfinished task may still be on. */
export function allRecipes(tools: RecipeTools): Recipe[] {
  return [hostingRecipe(tools), emailRecipe(tools), domainRecipe(tools)];
}
