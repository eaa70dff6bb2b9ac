import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Manager } from '../index.ts';
import { type DecisionOptions, type Guard, type UpgradeNetworkOptions } from './guard-options.ts';
export type { Guard } from './guard-options.ts';
export { Forbidden, type Identity } from './identify.ts';
export interface FastifyGuardOptions extends DecisionOptions<FastifyRequest>, UpgradeNetworkOptions {
}
declare module 'fastify' {
    interface FastifyInstance {
        guard: Guard;
    }
    interface FastifyRequest {
        /** Of a WebSocket request, once it is admitted. */
        manager: Manager | null;
    }
}
/**
 * A Fastify plugin: every WebSocket route has its manager as `request.manager`. Register it after `@fastify/websocket` and before the
 * routes. It decides before validation, so hooks such as those of a session plugin have run when `identify` is asked.
 *
 * ```js
 * import Fastify from 'fastify';
 * import websocket from '@fastify/websocket';
 * import { createManagerFactory } from '@watertight/server';
 * import { fastifyGuard } from '@watertight/server/fastify';
 *
 * const factory = createManagerFactory();
 * const app = Fastify();
 * await app.register(websocket);
 * await app.register(fastifyGuard, { factory, identify: (request) => request.query.user });
 * app.get('/', { websocket: true }, (socket, request) => {
 *   request.manager.every(1000, () => socket.send(`hello ${request.manager.user}`));
 * });
 * ```
 *
 * @throws InvalidOptionsError, or WatertightError `WATERTIGHT_E_GUARD` without `@fastify/websocket`.
 */
export declare function fastifyGuard(app: FastifyInstance, options: FastifyGuardOptions): Promise<void>;
