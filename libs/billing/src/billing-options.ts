/** What the operator decides about selling. Provided by the application. */
export abstract class BillingOptions {
  abstract readonly marketing: {
    /** Whether orders without payment are taken. */
    testMode: boolean;
    /** What such an order must carry. */
    overrideCode?: string;
    /** Whether what they ordered is made at once. */
    autoProvision: boolean;
  };
}
