import { render } from 'preact';

import { ReportPage } from './report-page.tsx';
import type { CheckResult } from './types.ts';

/** The result stands in the page as text that no browser runs. */
function readResult(): CheckResult {
  return JSON.parse(document.getElementById('result')?.textContent ?? '') as CheckResult;
}

const host = document.getElementById('report');
if (host !== null) {
  host.replaceChildren();
  render(<ReportPage result={readResult()} />, host);
}
