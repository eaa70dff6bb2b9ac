import type { InspectorChannel } from './channel.ts';
import { callOn, OBJECT_GROUP, valueOf } from './evaluate.ts';
import { PLANT_SCRIPT } from './survivors.ts';

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
    const growPlant = (count) => {
      for (let more = 0; more < count; more += 1) planted.set(planted.size, new WatertightPlant(more));
    };
    return { growPlant };
  })()
  //# sourceURL=${PLANT_SCRIPT}`;
  const reply = await channel.call('Runtime.evaluate', { expression, objectGroup: group, silent: true });
  const handle = valueOf(reply).objectId ?? '';
  const grow = (more: number): Promise<void> => callOn(channel, handle, `function () { this.growPlant(${more}); }`);
  await grow(count);
  return {
    className: 'WatertightPlant',
    grow,
    remove: async () => {
      await channel.call('Runtime.releaseObjectGroup', { objectGroup: group });
    },
  };
}
