import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, valueOf } from './evaluate.ts';

/** One known leak inside the target. */
export interface Plant {
  readonly className: string;
  grow(count: number): Promise<void>;
  /** Lets go of all of it; the next look does not see it any more. */
  remove(): Promise<void>;
}

/** Puts objects of a class of ours into a Map of the target's own realm, where every channel has to see them. */
export async function plantLeak(channel: InspectorChannel, count: number): Promise<Plant> {
  const group = `${OBJECT_GROUP}-plant`;
  const expression = `(() => {
    class WatertightPlant {
      constructor(number) { this.number = this.a = this.b = this.c = this.d = this.e = this.f = number; }
    }
    const planted = new Map();
    return (count) => {
      for (let more = 0; more < count; more += 1) planted.set(planted.size, new WatertightPlant(more));
    };
  })()`;
  const reply = await channel.call('Runtime.evaluate', { expression, objectGroup: group, silent: true });
  const objectId = valueOf(reply).objectId ?? '';
  const grow = async (more: number): Promise<void> => {
    // Not a function of ours by its name: its survivors are there to be seen.
    const functionDeclaration = `function growPlant(count) { this(count); }`;
    const args = [{ value: more }];
    valueOf(await channel.call('Runtime.callFunctionOn', { objectId, functionDeclaration, arguments: args }));
  };
  await grow(count);
  return {
    className: 'WatertightPlant',
    grow,
    remove: async () => {
      await channel.call('Runtime.releaseObjectGroup', { objectGroup: group });
    },
  };
}
