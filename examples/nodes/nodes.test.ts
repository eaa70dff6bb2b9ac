import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HAS_REDIS, RedisServer } from '../../packages/server/test/quota/redis-server.ts';

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const found = pattern.exec(text);
    if (found !== null) return found;
  }
  throw new Error(`it ended and said: ${text}`);
}

describe.skipIf(!HAS_REDIS)('three processes', () => {
  test('[QU77, Y14] behind one port a user has one limit in all of them, its usage is told by any, and nobody else gets the port', async () => {
    const redis = await RedisServer.start();
    ended.push(() => redis.stop());
    const child = spawn(process.execPath, [fileURLToPath(new URL('cluster.js', import.meta.url))], {
      env: { ...process.env, PORT: '0', REDIS_URL: redis.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ended.push(async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const [, port = ''] = await printed(child, /127\.0\.0\.1:(\d+)/);
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/?user=ada`);
      ended.push(() => socket.terminate());
      socket.on('error', () => undefined);
      outcomes.push(
        await new Promise<string>((resolve) => {
          socket.once('message', (data: Buffer) => resolve(data.toString()));
          socket.once('unexpected-response', (_request, { statusCode }) => resolve(String(statusCode)));
        }),
      );
    }
    expect(outcomes.slice(5)).toEqual(['429', '429', '429', '429']);
    expect(new Set(outcomes.slice(0, 5)).size).toBeGreaterThan(1);
    const usage = (await (await fetch(`http://127.0.0.1:${port}/?user=ada`)).json()) as { held: number };
    expect(usage.held).toBe(5);
    const second = spawn(process.execPath, [fileURLToPath(new URL('cluster.js', import.meta.url))], {
      env: { ...process.env, PORT: port, REDIS_URL: redis.url },
      stdio: 'ignore',
    });
    ended.push(() => second.kill('SIGKILL'));
    // The port is taken, and will be for the next worker too.
    expect(await once(second, 'exit')).toEqual([1, null]);
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
  });
});

test('[QU77] a process that finds no Redis says where it looks, once, and goes on looking', async () => {
  // Nobody listens on port 1.
  const child = spawn(process.execPath, [fileURLToPath(new URL('server.js', import.meta.url))], {
    env: { ...process.env, PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ended.push(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  expect(said.toString()).toMatch(
    /^nodes: no Redis at redis:\/\/127\.0\.0\.1:1 \(.*ECONNREFUSED.*\), waiting for it\n$/,
  );
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await gone).toEqual([null, 'SIGTERM']);
});
