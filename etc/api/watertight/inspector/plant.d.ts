import type { InspectorChannel } from './channel.ts';
import type { OtherRealms } from './realms.ts';
/** One known leak inside the target. */
export interface Plant {
    readonly className: string;
    /** Puts so many more into each realm that is looked into; answers how many that were in all. */
    grow(count: number): Promise<number>;
    /** Lets go of all of it; the next look does not see it any more. */
    remove(): Promise<void>;
}
/** Puts objects of a class of ours into a list in each of the target's own realms, where every channel has to see them. */
export declare function plantLeak(channel: InspectorChannel, otherRealms: OtherRealms, count: number): Promise<Plant>;
