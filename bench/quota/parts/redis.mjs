// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

const HOST = '127.0.0.1';

/** A server of its own on a free port, with nothing on disk. */
export async function startRedis() {
  const probe = createServer().listen(0, HOST);
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  const child = spawn('redis-server', ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const failed = once(child, 'error').then(([error]) => {
    throw error;
  });
  const admin = new Redis(port, HOST, { retryStrategy: () => 20 });
  admin.on('error', () => undefined);
  await Promise.race([admin.ping(), failed]);
  return {
    port,
    admin,
    stop: async () => {
      admin.disconnect();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A client as a quota wants it. @param {number} port */
export async function connect(port) {
  const client = new Redis(port, HOST, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 5000,
  });
  client.on('error', () => undefined);
  if (client.status !== 'ready') await once(client, 'ready');
  return client;
}

/** CPU of the server so far, in microseconds. @param {Redis} admin */
export async function cpuUs(admin) {
  const info = await admin.info('cpu');
  const figure = (/** @type {string} */ name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return (figure('used_cpu_user') + figure('used_cpu_sys')) * 1e6;
}

/** Bytes in use. @param {Redis} admin */
export async function usedBytes(admin) {
  return Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1] ?? 0);
}
