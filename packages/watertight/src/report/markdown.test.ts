import { expect, it } from 'vitest';

import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { sample } from '../../test/sample-result.ts';

it('[H6] the page shows per scenario purpose, what it did, status and figures; then environment and command', () => {
  expect(renderMarkdown(sample)).toMatchInlineSnapshot(`
    "# Watertight report

    **Verdict: leak** (exit code 1), 2026-01-02T03:04:05.000Z, 4.3 s, 312 sockets

    **Ended early:**

        the target crashed
        Last output:
          | Error: \\u{7}boom

    ## Scenarios

    ### 1. manager-creation-limit-enforcement

    **Purpose:** A user's limit is exact.

    **Status:** watertight, 1 of 2 steps held, 1 not visible, 0.3 s

    **What it did:**

    - ✅ The 21st is refused (limit 20)
    - ◻️ 18 are held **not visible**: no factory

    **Figures:**

    - admitted 20
    - admission: p50 1.2 ms, p95 3 ms, p99 4 ms, max 12.3 s (21 measured)

    ### 2. rapid-connection-cycles-stress

    **Purpose:** Nothing stays behind.

    **Status:** leak, 0 of 1 steps held, 1 broken, 2.0 s

    **What it did:**

    - ❌ Timers are back at the baseline **broken**: 100 timers stayed

    > **timers-left** (leak, critical) in \`stress/timers\`: after 100 cycles 100 timers stayed; user \\\\u\\{1b\\}\\[2J&lt;b&gt;\\*x\\*
    > Evidence: timers 100, per cycle 1

    > **late-release** (violation, medium, expected) in \`stress/timers\`: released after 3 s

    ### 3. emergency-cleanup-threshold-trigger

    **Purpose:** The silent go first.

    **Status:** not promised, 0 of 4 steps held, 4 not promised, 0.0 s

    **What it did:**

    - ◻️ a **not promised**: nobody said when (--emergency-threshold)
    - ◻️ b **not promised**: nobody said when (--emergency-threshold)
    - ◻️ c **not promised**: nobody said when (--emergency-threshold)
    - ◻️ d **not promised**: nobody said when (--emergency-threshold)

    ## What the server complained of

    - MaxListenersExceededWarning × 30, 1 per connection: Possible EventEmitter memory leak \\\\u\\{1b\\}\\[2J
    - unhandled rejection × 2

    ## Coverage: faulty servers by scenario

    | fault | what is wrong with it | limit | timing | caught |
    | --- | --- | --- | --- | --- |
    | healthy | Nothing | green | green | no |
    | D-01 | No release on close | \`limit/three-of-five-come-back\` | not run | yes |
    | D-99 | A fault nobody sees | green | green | no |

    ## Promises

    - limit: 20 managers per user (command line)
    - cleanup deadline: 500 ms (the target itself)
    - emergency threshold: 80 % of the limit (config file)
    - silence detected within: not promised

    ## What this cannot show

    - Lost packets were not part of it.

    ## What to do next

    1. Clear every timer where its socket ends.
    1. Repeat it alone: --only rapid-connection-cycles-stress

    ## Environment

    - command: \`watertight check --limit 20 -- node 'my server.js'\`
    - target: \`node my|server.js\` at \`ws://127.0.0.1:4100/chat\`, process 4242
    - seen from inside: yes
    - seed: 1
    - watertight 9.9.9
    - node v20.20.2
    - processor 2
    - memory 8192.0 MB
    "
  `);
});

it('[H5] JSON is the whole result, without a raw control character', () => {
  const text = renderJson(sample);
  expect(JSON.parse(text)).toEqual(sample);
  expect(text.split('').filter((character) => character < ' ' && character !== '\n')).toEqual([]);
});
