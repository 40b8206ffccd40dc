import type { Recipe } from '../engine/recipe.js';
import { operationNames, findOperation } from './operations.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';

/** Every recipe in every version that an unfinished task may still be on: those of all operations. */
export function allRecipes(tools: RecipeTools): Recipe[] {
  return operationNames.flatMap((name) => findOperation(name)?.make(tools) ?? []);
}
