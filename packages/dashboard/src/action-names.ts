/** Everything that the dashboard can do; each is off unless it is enabled. */
export const ACTION_NAMES = [
  'end-manager',
  'end-user',
  'set-override',
  'clear-override',
  'emergency-cleanup',
  'drain',
] as const;

export type ActionName = (typeof ACTION_NAMES)[number];
