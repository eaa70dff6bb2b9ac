import { describe, expect, it } from 'vitest';
import { checkSpec } from './check-spec.mjs';
import { plant } from './tree.ts';

const SPEC = '# Law\n\n## M — managers\n\n- **M1** One.\n- **M2** Two.\n\n## Q — quota\n\n- **Q1** Three.\n';
const TESTS = `
import { it, test } from 'vitest';
it('[M1] one', () => {});
test.each([1, 2])('[M2, Q1] %i', () => {});
`;

function problemsOf(spec: string, tests: string): string {
  return checkSpec(plant({ 'SPEC.md': spec, 'packages/a/src/a.test.ts': tests })).problems.join('\n');
}

describe('ids of rules', () => {
  it('[B10] is content when every rule has a test and every id a rule', () => {
    expect(checkSpec(plant({ 'SPEC.md': SPEC, 'packages/a/src/a.test.ts': TESTS }))).toEqual({
      problems: [],
      ruleCount: 3,
      testCount: 2,
    });
  });

  it.each([
    ['a rule without a test', `${SPEC}- **Q2** Four.\n`, TESTS, 'no test proves Q2'],
    ['an id without a rule', SPEC, `${TESTS}it('[Q9] nine', () => {});`, 'SPEC.md has no rule Q9'],
    ['the second id of a list', SPEC, `${TESTS}it('[Q1, Q9] nine', () => {});`, 'SPEC.md has no rule Q9'],
    ['an id that is there twice', `${SPEC}- **Q1** Again.\n`, TESTS, 'Q1 stands already in line 10'],
    ['an id in another section', `${SPEC}- **M3** Here?\n`, `${TESTS}it('[M3] x', () => {});`, 'stands in section Q'],
    ['an id that is none', `${SPEC}- **Quota** Five.\n`, TESTS, `'Quota' is not an id`],
    ['a test without an id', SPEC, `${TESTS}it('counts', () => {});`, 'begins with the rule it proves'],
    ['a name that is computed', SPEC, `${TESTS}it(name, () => {});`, 'begins with the rule it proves'],
    ['a skipped test as a proof', SPEC, TESTS.replace('test.each', 'test.skip.each'), 'no test proves M2'],
    ['a todo as a proof', SPEC, TESTS.replace('it(', 'it.todo('), 'no test proves M1'],
    ['no rules at all', '# Law\n', '', 'no rules found'],
  ])('[B10] refuses %s', (_, spec, tests, problem) => {
    expect(problemsOf(spec, tests)).toContain(problem);
  });

  it.each([
    `it(\`[Q2] \${1} of 20\`, () => {});`,
    `it.skipIf(process.platform === 'win32')('[Q2] x', () => {});`,
    `it.concurrent('[Q2] x', { timeout: 1 }, () => {});`,
    `test.for([[1]])('[Q2] %i', () => {});`,
  ])('[B10] understands %s', (test) => {
    expect(problemsOf(`${SPEC}- **Q2** Four.\n`, TESTS + test)).toBe('');
  });

  it('[B10] does not take text that looks like a test for one', () => {
    expect(problemsOf(SPEC, `${TESTS}const text = "it('[X1] no', () => {})"; suite.it('no'); text.test('no');`)).toBe(
      '',
    );
  });
});
