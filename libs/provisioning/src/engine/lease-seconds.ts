/** Seconds that a worker keeps a step or task without a sign of life. By the database's clock. */
export const leaseSeconds = 8;

/**
 * Seconds that a lease may be longer for each worker that died in the step. A step that ends its worker takes down what others do there at
 * the same time; tried again apart from it, they get through, and only the one that is to blame is put aside.
 */
export const apartSeconds = 4;
