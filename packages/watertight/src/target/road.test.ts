import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readTls } from './road.ts';

const PEM = fileURLToPath(new URL('../../test/fixtures/self-signed.pem', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'watertight-road-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GARBLED = join(folder, 'garbled.pem');
writeFileSync(GARBLED, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
const OTHER_KEY = join(folder, 'other.key');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(OTHER_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }));

test.each([
  [{ ca: GARBLED }, `--ca: ${GARBLED} cannot be used: `],
  [{ cert: GARBLED, key: OTHER_KEY }, `--cert and --key: ${GARBLED} and ${OTHER_KEY} cannot be used: `],
  [{ cert: PEM, key: OTHER_KEY }, `--cert and --key: ${PEM} and ${OTHER_KEY} cannot be used: `],
])('[FL5] a certificate or key that cannot be used is named before anything is opened: %j', (files, message) => {
  const read = (): unknown => readTls({ ca: undefined, cert: undefined, key: undefined, isInsecure: false, ...files });
  expect(read).toThrow(message);
});

test('[FL5] what fits is taken', () => {
  const { ca, cert, key } = readTls({ ca: PEM, cert: PEM, key: PEM, isInsecure: false });
  expect([ca?.length, cert, key]).toEqual([expect.any(Number), expect.any(String), expect.any(String)]);
});
