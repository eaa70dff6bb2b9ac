import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

interface Lived {
  readonly reports: readonly { ending: string; served: boolean; failure?: string; letGo?: string }[];
  readonly seen: readonly string[];
}

async function live(trusted: string): Promise<Lived> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
  const { stdout } = await promisify(execFile)(process.execPath, [fixture('wss-life.mjs')], { env });
  return JSON.parse(stdout) as Lived;
}

test('[D35] lives reach a server behind TLS, and end there as asked', async () => {
  const { reports, seen } = await live(fixture('self-signed.pem'));
  expect(reports).toEqual([
    { ending: 'close-frame', served: true, letGo: 'fin' },
    { ending: 'fin', served: true, letGo: 'fin' },
    { ending: 'rst', served: true },
    { ending: 'protocol-error', served: true, letGo: 'fin' },
    { ending: 'vanish', served: true },
  ]);
  expect(seen.filter((event) => event === 'ECONNRESET')).toHaveLength(1);
});

test('[D35] a certificate that nobody vouches for is no connection', async () => {
  const { reports } = await live('');
  for (const { served, failure } of reports) {
    expect(served).toBe(false);
    expect(failure).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  }
});
