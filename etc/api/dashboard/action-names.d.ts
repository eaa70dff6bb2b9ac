/** Everything that the dashboard can do; each is off unless it is enabled. */
export declare const ACTION_NAMES: readonly ['end-manager', 'end-user', 'set-override', 'clear-override', 'emergency-cleanup', 'drain'];
export type ActionName = (typeof ACTION_NAMES)[number];
