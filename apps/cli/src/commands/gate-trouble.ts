import type { GateState } from '@keelson/provisioning';

/** What keeps the engine from using a connection, with what to do; undefined when nothing does. */
export function gateTrouble(gate?: GateState): string | undefined {
  const waiting = `${gate?.waiting ?? 0} steps wait`;
  if (gate?.openSince !== undefined) {
    return `has failed ${gate.failures} times in a row since ${gate.openSince.toISOString()}, ${waiting}, next try at ${gate.nextProbeAt?.toISOString()}: see what its server says; the engine goes on by itself once it answers`;
  }
  if (gate?.pausedUntil === undefined) return undefined;
  return `its vendor wants no calls before ${gate.pausedUntil.toISOString()}, ${waiting}: set limits for it in keelson.config.yaml if that happens often`;
}
