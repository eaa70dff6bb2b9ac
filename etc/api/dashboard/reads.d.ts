import type { EmergencyLevel, EmergencyPreview, ManagerFactory, SharedUsage, UserList, UserLook, UsersPage } from '@watertight/server';
import type { EndedManager, EndLog } from './end-log.ts';
/** One user: what it holds here, everywhere, and how its last managers ended. */
export interface UserPage {
    readonly factory: string;
    readonly user: string;
    readonly look: UserLook;
    /** On all nodes together; `null` where limits are not shared. */
    readonly shared: SharedUsage | null;
    /** The store does not answer: `shared` is not known. */
    readonly isStoreAway: boolean;
    readonly ends: readonly EndedManager[];
}
/** What the reading requests answer; each takes its questions from the query of its URL. */
export declare class Reads {
    #private;
    constructor(factories: ReadonlyMap<string, ManagerFactory>, ends: EndLog);
    /** Without a name: the only one. */
    factoryOf(name: string | null): ManagerFactory;
    users(query: URLSearchParams): Promise<UserList>;
    /** All nodes together, as the store has them. */
    sharedUsers(query: URLSearchParams): Promise<UsersPage>;
    user(query: URLSearchParams): Promise<UserPage>;
    ends(query: URLSearchParams): readonly EndedManager[];
    preview(query: URLSearchParams): EmergencyPreview;
}
/** `force` needs a number of slots that a person would have to guess: it is not offered. */
export declare function levelOf(given: unknown): EmergencyLevel;
