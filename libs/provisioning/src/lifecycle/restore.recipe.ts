import type { NoInput } from './no-input.js';
import type { OperationWork } from './operation.js';
import { openServiceRecipe } from './unsuspend.recipe.js';

/** Takes the end of a service back, for as long as its data is there. */
export const restore: OperationWork<NoInput> = {
  make: (tools) => [openServiceRecipe('service.restore', ['quarantined'], tools)],
};
