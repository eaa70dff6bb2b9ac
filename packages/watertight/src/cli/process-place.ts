import { type InspectorAddress, parseInspectorAddress } from '../target/inspector-address.ts';

/** Where a process that runs already can be looked into. */
export type ProcessPlace = { readonly pid: number } | { readonly inspector: InspectorAddress; readonly given: string };

/** `undefined` when it is neither a process id nor the address of an inspector. */
export function parseProcessPlace(given: string): ProcessPlace | undefined {
  if (/^\d{1,10}$/.test(given)) return { pid: Number(given) };
  const inspector = given.includes(':') ? parseInspectorAddress(given) : undefined;
  return inspector === undefined ? undefined : { inspector, given };
}
