import type { CheckResult } from '../verdict/types.ts';

const PLACE = '{{result}}';

/**
 * One self-contained file: the built page with the result in it as data. Nothing in the result can end the element that holds
 * it, because `<` is written as an escape of JSON.
 */
export function renderHtml(result: CheckResult, page: string): string {
  const at = page.indexOf(PLACE);
  if (at === -1) throw new Error(`the page of the report has no ${PLACE}`);
  const data = JSON.stringify(result).replaceAll('<', '\\u003c');
  return page.slice(0, at) + data + page.slice(at + PLACE.length);
}
