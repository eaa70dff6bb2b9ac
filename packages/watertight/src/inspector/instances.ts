import { evaluateHandle, callOn, OBJECT_GROUP } from './evaluate.ts';
import type { InspectorSession } from './session.ts';

/** A walk over a large heap stops the target this long at most. */
const WALK_TIMEOUT_MS = 60_000;

/**
 * Names come from own property descriptors of the prototype only: reading `.constructor` would run getters, and through a
 * proxied prototype a trap. What is counted with is made after the walk and has no handle, so it never counts itself.
 */
const COUNT_BY_CONSTRUCTOR = `function () {
  const { isProxy } = process.getBuiltinModule('node:util').types;
  const nameOf = (prototype) => {
    if (prototype === null) return '(no prototype)';
    if (isProxy(prototype)) return '(proxied)';
    const made = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof made !== 'function' || isProxy(made)) return '(anonymous)';
    const name = Object.getOwnPropertyDescriptor(made, 'name')?.value;
    return typeof name === 'string' && name !== '' ? name : '(anonymous)';
  };
  const byPrototype = new Map();
  for (let index = 0; index < this.length; index += 1) {
    if (isProxy(this[index])) continue;
    const prototype = Object.getPrototypeOf(this[index]);
    byPrototype.set(prototype, (byPrototype.get(prototype) ?? 0) + 1);
  }
  const byName = new Map();
  for (const [prototype, count] of byPrototype) byName.set(nameOf(prototype), (byName.get(nameOf(prototype)) ?? 0) + count);
  return Object.fromEntries(byName);
}`;

/** Live objects by constructor name, after a forced collection. */
export async function countInstances(session: InspectorSession): Promise<Readonly<Record<string, number>>> {
  const group = `${OBJECT_GROUP}-instances`;
  const root = await evaluateHandle(session, 'Object.prototype');
  try {
    await session.call('HeapProfiler.collectGarbage', {}, WALK_TIMEOUT_MS);
    const reply = await session.call(
      'Runtime.queryObjects',
      { prototypeObjectId: root, objectGroup: group },
      WALK_TIMEOUT_MS,
    );
    const { objectId } = reply['objects'] as { readonly objectId: string };
    return await callOn(session, objectId, COUNT_BY_CONSTRUCTOR, WALK_TIMEOUT_MS);
  } finally {
    // A target that died meanwhile has released everything.
    await session.call('Runtime.releaseObjectGroup', { objectGroup: group }).catch(() => undefined);
    await session.call('Runtime.releaseObject', { objectId: root }).catch(() => undefined);
  }
}
