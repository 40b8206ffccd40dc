import type { ProductType } from '@keelson/core';
import type { UserRole } from '@keelson/customers';
import type { Service, ServiceStatus } from '@keelson/hosting';
import type { EntityManager } from 'typeorm';
import type { Recipe } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import type { Requester } from './requester.types.js';

/** What an operation looks at while it is asked for. */
export interface RequestContext<Input> {
  /** Of the caller's transaction; in a dry run of none. */
  manager: EntityManager;
  service: Service;
  /** Checked by the operation's input class. */
  input: Input;
  requestedBy: Requester;
  now: Date;
  tools: RecipeTools;
}

/** The part of an operation that its recipe file brings along. */
export interface OperationWork<Input> {
  /** Its recipes, in every version that an unfinished task may still be on. Recipes of operations are named `<area>.<verb>`. */
  make: (tools: RecipeTools) => Recipe[];
  /**
   * Decides what the task is given, once and for all: `order.input` of its steps. Reads the database only; no secret may be in
   * the answer, because it is stored in clear. Default: nothing.
   * @throws OperationRefusedError when the service does not allow it
   */
  freeze?: (context: RequestContext<Input>) => Promise<object> | object;
  /** Writes what the task needs beside its input, such as sealed passwords, in the caller's transaction. Not called in dry runs. */
  prepare?: (context: RequestContext<Input>, frozen: object) => Promise<void>;
}

/** Something that can be done to a service. See `docs/recipes.md` for how to add one. */
export interface Operation<Input extends object = object> extends OperationWork<Input> {
  /** What it does, in half a sentence for the API's description. */
  summary: string;
  /** Name of the recipe, newest version, for all product types or for each that knows the operation. */
  recipe: string | Partial<Record<ProductType, string>>;
  /** States of the service in which it may be asked for. */
  from: readonly ServiceStatus[];
  /** Checks and describes what the caller sends. Unknown fields are refused. */
  input: new () => Input;
  /** Who may ask, beside the engine itself. Customers only for their own services. */
  roles: readonly UserRole[];
}
