import type { ResolvedOptions } from './options.ts';
/** What one user may hold, where it differs from `maxManagersPerUser`. */
export interface UserOverride {
    readonly user: string;
    /** Managers; 0: banned, `Infinity`: no limit. */
    readonly maxManagers: number;
}
/** How many managers each user may hold: what the options say, unless an override says otherwise. */
export declare class UserLimits {
    #private;
    constructor({ maxManagersPerUser, maxClosingPerUser, maxOverrides }: ResolvedOptions);
    get overrideCount(): number;
    get bannedCount(): number;
    hasOverride(user: string): boolean;
    /** `Infinity`: no limit. */
    managersOf(user: string): number;
    /** Managers that may be closing before they count as held again: no fewer than a user with a raised limit may hold. */
    closingOf(user: string): number;
    set(user: string, maxManagers: number): void;
    /** All of them at once, as the nodes that share the limits have agreed on them. */
    replace(overrides: ReadonlyMap<string, number>): void;
    /** Answers whether there was one. */
    clear(user: string): boolean;
    list(): readonly UserOverride[];
}
