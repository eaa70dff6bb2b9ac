import type { InspectorChannel } from './channel.ts';
import { OBJECT_GROUP, valueOf } from './evaluate.ts';
import type { OtherRealms } from './realms.ts';

/** One known leak inside the target. */
export interface Plant {
  readonly className: string;
  /** Puts so many more into each realm that is looked into; answers how many that were in all. */
  grow(count: number): Promise<number>;
  /** Lets go of all of it; the next look does not see it any more. */
  remove(): Promise<void>;
}

/**
 * Asks no realm for anything by name: its sandbox may be a proxy. Called with 0 it lets go of all: the list stands in the scope of the class, so whoever
 * still has the class, such as a look that counted it, would keep them.
 */
const PLANT = `(() => {
  class WatertightPlant {
    constructor(number) { this.number = this.a = this.b = this.c = this.d = this.e = this.f = number; }
  }
  const planted = [];
  return (count) => {
    if (count === 0) planted.length = 0;
    for (let more = 0; more < count; more += 1) planted[planted.length] = new WatertightPlant(more);
  };
})()`;

/** Puts objects of a class of ours into a list in each of the target's own realms, where every channel has to see them. */
export async function plantLeak(channel: InspectorChannel, otherRealms: OtherRealms, count: number): Promise<Plant> {
  const group = `${OBJECT_GROUP}-plant`;
  const own = valueOf(await channel.call('Runtime.evaluate', { expression: PLANT, objectGroup: group, silent: true }));
  const plants = [own, ...(await otherRealms.evaluate(PLANT, group))];
  const tell = async (more: number): Promise<void> => {
    // Not a function of ours by its name: its survivors are there to be seen.
    const functionDeclaration = `function growPlant(count) { this(count); }`;
    const args = [{ value: more }];
    for (const { objectId = '' } of plants)
      valueOf(await channel.call('Runtime.callFunctionOn', { objectId, functionDeclaration, arguments: args }));
  };
  const grow = async (more: number): Promise<number> => {
    await tell(more);
    return more * plants.length;
  };
  await grow(count);
  return {
    className: 'WatertightPlant',
    grow,
    remove: async () => {
      await tell(0);
      await channel.call('Runtime.releaseObjectGroup', { objectGroup: group });
    },
  };
}
