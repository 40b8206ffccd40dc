/** Input of operations that need none. */
export class NoInput {}
