/** How often a price is charged, shortest first; `one_time` never again. */
export const billingCycles = [
  'monthly',
  'quarterly',
  'semiannually',
  'annually',
  'biennially',
  'triennially',
  'one_time',
] as const;

export type BillingCycle = (typeof billingCycles)[number];

/** Other names under which clients know a cycle (http-contracts.md B). */
const synonyms: Readonly<Record<string, BillingCycle>> = {
  yearly: 'annually',
  biennial: 'biennially',
  triennial: 'triennially',
};

/** The cycle that a client means: its name or a synonym, in any case. Undefined for anything else. */
export function parseBillingCycle(text: string): BillingCycle | undefined {
  const name = text.trim().toLowerCase();
  if (Object.hasOwn(synonyms, name)) return synonyms[name];
  return billingCycles.find((cycle) => cycle === name);
}
