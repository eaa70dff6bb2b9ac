import { readFileSync } from 'node:fs';

/** The page that packages/ui builds; it stands in `dist`, from wherever this runs. */
export function readReportPage(): string {
  return readFileSync(new URL('../../dist/report/page.html', import.meta.url), 'utf8');
}
