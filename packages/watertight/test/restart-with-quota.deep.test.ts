import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_REDIS, RedisServer } from '../../server/test/quota/redis-server.ts';
import type { CheckResult, ScenarioResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('../../../examples/nodes/server.js', import.meta.url));
const LIMIT = 5;
const KILLED = 'restart/after-sigkill-everybody-comes-back';

describe.skipIf(!HAS_REDIS)('limits that nodes share, in a process that is killed', () => {
  let redis: RedisServer;
  const folder = mkdtempSync(join(tmpdir(), 'restart-'));
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  async function restart(heldForMs: number, promisedMs: number): Promise<ScenarioResult | undefined> {
    const json = join(folder, `${heldForMs}.json`);
    const args = ['--only', 'process-restart', '--limit', String(LIMIT), '--lease', String(promisedMs), '--json', json];
    const ended = await runCli(['check', ...args, '--', process.execPath, SERVER], {
      env: { REDIS_URL: redis.url, LEASE_TTL_MS: String(heldForMs) },
      deadlineMs: 50_000,
    });
    expect(ended.code, ended.stdout + ended.stderr).toBeLessThanOrEqual(1);
    return (JSON.parse(readFileSync(json, 'utf8')) as CheckResult).scenarios[0];
  }

  test('[PS11] everybody comes back within the time of a lease and a second', async () => {
    const seen = await restart(2_000, 2_000);
    expect(seen?.violations.map(({ message }) => message)).toEqual([]);
    expect(seen?.steps.find(({ id }) => id === KILLED)).toMatchObject({
      status: 'held',
      figures: { wanted: LIMIT, back: LIMIT },
    });
  });

  test('[PS11] leases that last longer than was promised are convicted', async () => {
    const seen = await restart(9_000, 1_000);
    expect(seen?.violations.map(({ step }) => step)).toEqual([KILLED]);
  });
});
