import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Log, Run } from 'sarif';
import { describe, expect, it } from 'vitest';

import { sample } from '../../test/sample-result.ts';
import { leakOfSessions, leaky, withFindings } from '../../test/sample-finding.ts';
import type { CheckResult } from '../verdict/types.ts';
import { renderSarif } from './sarif.ts';

const PUBLISHED = JSON.parse(
  readFileSync(new URL('../../test/schemas/sarif-schema-2.1.0.json', import.meta.url), 'utf8'),
) as { readonly id: string };
// It is written in draft 4, which Ajv no longer reads; what it uses of it means the same in draft 7 but for the name of its own address.
const { id: ADDRESS, ...SCHEMA } = {
  ...PUBLISHED,
  $id: PUBLISHED.id,
  $schema: 'http://json-schema.org/draft-07/schema#',
};
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(SCHEMA);

function runOf(result: CheckResult, folder = ''): Run {
  const log = JSON.parse(renderSarif(result, folder)) as Log;
  const valid = validate(log);
  expect(validate.errors ?? []).toEqual([]);
  expect((log as { readonly $schema?: string }).$schema).toBe(ADDRESS);
  expect(valid).toBe(true);
  const [run] = log.runs;
  if (run === undefined) throw new Error('there is no run');
  return run;
}

describe('SARIF', () => {
  it('[H13] a leak is a result at its line, with stack, fingerprint and what keeps it', () => {
    const { results = [], tool } = runOf(leaky, 'services/chat');
    const [first] = results;
    expect(first).toMatchObject({
      ruleId: 'leak/objects',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'services/chat/src/chat%20room.ts', uriBaseId: '%SRCROOT%' },
            region: { startLine: 12, startColumn: 7 },
          },
        },
      ],
      partialFingerprints: { 'watertight/v1': 'f00dfeed01' },
      stacks: [{ frames: [{}, {}, {}].slice(0, 2) }],
      relatedLocations: [{ message: { text: 'keeps it: Map sessions' } }],
    });
    expect(tool.driver.rules?.map(({ id }) => id)).toEqual(['leak/objects']);
  });

  it('[H13] the name of a file may be no Unicode, as that of a script that is evaluated', () => {
    const place = {
      functionName: 'f',
      file: 'src/\ud800.ts',
      line: 3,
      column: 1,
      owner: { is: 'application' },
    } as const;
    const { results = [] } = runOf(withFindings([{ ...leakOfSessions, allocationStack: [place] }]));
    expect(results[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('src/%EF%BF%BD.ts');
  });

  it('[H13] what is allowed or known is suppressed with the reason', () => {
    const { results = [] } = runOf(leaky);
    const reasons = results.map(({ baselineState, suppressions }) => [baselineState, suppressions?.[0]?.justification]);
    expect(reasons.slice(0, 3)).toEqual([
      [undefined, undefined],
      ['new', 'allowed: a ring of 500'],
      ['unchanged', 'known to the baseline'],
    ]);
  });

  it('[H13] what has no line is a notification of the run', () => {
    const [invocation] = runOf(leaky).invocations ?? [];
    expect(invocation).toMatchObject({ executionSuccessful: false, exitCode: 1 });
    expect(invocation?.toolExecutionNotifications?.map(({ descriptor, level }) => [descriptor?.id, level])).toEqual([
      ['leak/descriptors', 'error'],
      ['late-release', 'note'],
      ['stopped', 'error'],
    ]);
  });

  it('[H13] every place is a whole line, wherever a map led', () => {
    const hostile = runOf(leaky).results?.at(-1);
    expect(hostile?.locations?.[0]?.physicalLocation?.region).toEqual({ startLine: 1, startColumn: 1 });
  });

  it('[H13] a run without leaks is valid and has no result', () => {
    expect(runOf({ ...sample, scenarios: [], stopped: null }).results).toEqual([]);
  });

  it('[H13] the schema sees what is wrong', () => {
    const log = JSON.parse(renderSarif(leaky, '')) as { runs: [{ results: { level: string }[] }] };
    for (const result of log.runs[0].results) result.level = 'fatal';
    expect(validate(log)).toBe(false);
  });
});
