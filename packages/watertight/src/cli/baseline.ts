import { readFile } from 'node:fs/promises';

import { parseJson } from './parse-json.ts';
import { UsageError, usageErrorOf } from './usage-error.ts';

/** The fingerprints of the findings in a JSON result of an earlier run. */
export async function readBaseline(path: string): Promise<ReadonlySet<string>> {
  let result: unknown;
  try {
    result = parseJson(await readFile(path, 'utf8'));
  } catch (error) {
    throw usageErrorOf(error, `--baseline: ${path} cannot be read: `);
  }
  const scenarios = property(result, 'scenarios');
  if (property(result, 'format') !== 1 || !Array.isArray(scenarios))
    throw new UsageError(`--baseline: ${path} is no result of watertight check; make one with --json ${path}`);
  const findings = scenarios.flatMap((scenario: unknown) => {
    const found = property(scenario, 'findings');
    return Array.isArray(found) ? (found as unknown[]) : [];
  });
  return new Set(findings.map((finding) => String(property(finding, 'fingerprint'))));
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
