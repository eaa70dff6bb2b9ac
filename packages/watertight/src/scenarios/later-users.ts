import type { Drive } from '../drive/types.ts';

/** More than any scenario counts its users to. */
const LATER = 100_000;

/** The same clients for users whom the first play has not seen, so that nothing it left behind is in the way. */
export function laterUsers(drive: Drive): Drive {
  return {
    userId: (index) => drive.userId(index + LATER),
    connect: (user, options) => drive.connect(user, options),
    connectNameless: (options) => drive.connectNameless(options),
    connectTalking: (user, behind) => drive.connectTalking(user, behind),
    abortInUpgrade: (user) => drive.abortInUpgrade(user),
    connectEarly: (user, options) => drive.connectEarly(user, options),
    connectAtOnce: (user, count) => drive.connectAtOnce(user, count),
    get openCount() {
      return drive.openCount;
    },
    get madeCount() {
      return drive.madeCount;
    },
    dispose: () => drive.dispose(),
  };
}
