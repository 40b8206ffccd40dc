import type { Recipe } from './recipe.js';

/** Every recipe and version that this worker can run. */
export class RecipeRegistry {
  private readonly recipes = new Map<string, Recipe>();

  /** @throws Error when a name and version is given twice */
  constructor(recipes: readonly Recipe[]) {
    for (const recipe of recipes) {
      const key = `${recipe.name}@${recipe.version}`;
      if (this.recipes.has(key))
        throw new Error(
          `the recipe ${recipe.name} version ${recipe.version} is declared twice: raise the version of one`,
        );
      this.recipes.set(key, recipe);
    }
  }

  /** The recipe in that version, or undefined when this worker does not know it. */
  find(name: string, version: number): Recipe | undefined {
    return this.recipes.get(`${name}@${version}`);
  }

  /** The newest version, with which new tasks begin. @throws Error for an unknown name */
  newest(name: string): Recipe {
    const versions = [...this.recipes.values()].filter((recipe) => recipe.name === name);
    const newest = versions.sort((a, b) => b.version - a.version)[0];
    if (newest === undefined) throw new Error(`there is no recipe called ${name}`);
    return newest;
  }

  list(): Recipe[] {
    return [...this.recipes.values()];
  }
}
