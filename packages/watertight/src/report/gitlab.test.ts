import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import { sample } from '../../test/sample-result.ts';
import { leaky, leakOfSessions, withFindings } from '../../test/sample-finding.ts';
import { renderGitlab } from './gitlab.ts';

/** What GitLab's own schema of a code-quality issue demands, and what its documentation does beyond it. */
const validate = new Ajv({ allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    properties: {
      description: { type: 'string', minLength: 1 },
      check_name: { type: 'string', minLength: 1 },
      fingerprint: { type: 'string', minLength: 1 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        properties: {
          path: { type: 'string', pattern: '^(?!/|\\./)' },
          lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer', minimum: 1 } } },
        },
      },
    },
  },
});

describe('code quality for GitLab', () => {
  it('[H14] has every leak whose line is known, and says what is excused', () => {
    const issues: unknown = JSON.parse(renderGitlab(leaky, ''));
    expect(validate(issues), JSON.stringify(validate.errors)).toBe(true);
    expect(issues).toMatchObject([
      {
        check_name: 'watertight/leak/objects',
        fingerprint: 'f00dfeed01',
        severity: 'critical',
        location: { path: 'src/chat room.ts', lines: { begin: 12 } },
      },
      { severity: 'info', description: expect.stringContaining('(allowed: a ring of 500)') as string },
      { severity: 'info' },
      { severity: 'critical', location: { lines: { begin: 1 } } },
    ]);
  });

  it('[H14] paths begin at the root of the repository; what lies outside it is left out', () => {
    expect(JSON.parse(renderGitlab(leaky, 'services/chat'))).toMatchObject([
      { location: { path: 'services/chat/src/chat room.ts' } },
      {},
      {},
      {},
    ]);
    const outside = leakOfSessions.allocationStack.map((place) => ({ ...place, file: `../${place.file}` }));
    const result = withFindings([{ ...leakOfSessions, allocationStack: outside, definedAt: null, retainedBy: null }]);
    expect(JSON.parse(renderGitlab(result, ''))).toEqual([]);
  });

  it('[H14] of a clean run it is an empty list', () => {
    expect(renderGitlab({ ...sample, scenarios: [] }, '')).toBe('[]\n');
  });
});
