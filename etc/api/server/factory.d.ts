import type { ManagerFactory } from './manager-factory.ts';
import type { ManagerFactoryOptions } from './options.ts';
/**
 * Makes a factory.
 *
 * ```js
 * import { createManagerFactory } from '@watertight/server';
 *
 * const factory = createManagerFactory({ maxManagersPerUser: 20 });
 * const admission = factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
 * if (admission.admitted) await admission.manager.close();
 * await factory.close();
 * ```
 *
 * @throws InvalidOptionsError naming every problem at once.
 */
export declare function createManagerFactory(options?: ManagerFactoryOptions): ManagerFactory;
