import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, valueOf } from './evaluate.ts';

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string; readonly description?: string };
}

/**
 * The handle of the function by which Node's own `util.inspect` reads the state of a promise. It is no part of any interface,
 * but stands in the scope of `inspect`, where the inspector shows it. Runs no code of the target; `undefined` where it is not found.
 */
export async function findPromiseDetails(channel: InspectorChannel, objectGroup: string): Promise<string | undefined> {
  const group = `${OBJECT_GROUP}-scopes`;
  try {
    const expression = `process.getBuiltinModule('node:util').inspect`;
    const found = await channel.call('Runtime.evaluate', { expression, objectGroup: group, silent: true });
    const inspect = valueOf(found).objectId;
    if (inspect === undefined) return undefined;
    const { internalProperties } = await propertiesOf(channel, inspect);
    const scopes = idOf(internalProperties, ({ name }) => name === '[[Scopes]]');
    if (scopes === undefined) return undefined;
    const { result } = await propertiesOf(channel, scopes);
    const closure = idOf(result, ({ value }) => value?.description === 'Closure');
    if (closure === undefined) return undefined;
    const functionDeclaration = `function () {
      const details = this.object?.getPromiseDetails;
      return typeof details === 'function' ? details : undefined;
    }`;
    const call = { objectId: closure, functionDeclaration, objectGroup, silent: true };
    return valueOf(await channel.call('Runtime.callFunctionOn', call)).objectId;
  } finally {
    await channel.call('Runtime.releaseObjectGroup', { objectGroup: group });
  }
}

async function propertiesOf(
  channel: InspectorChannel,
  objectId: string,
): Promise<{ readonly result: readonly Property[]; readonly internalProperties?: readonly Property[] }> {
  const reply = await channel.call('Runtime.getProperties', { objectId, ownProperties: true });
  return reply as unknown as { readonly result: readonly Property[] };
}

function idOf(properties: readonly Property[] = [], fits: (property: Property) => boolean): string | undefined {
  return properties.find(fits)?.value?.objectId;
}
