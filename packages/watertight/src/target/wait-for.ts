import { httpText } from './http-text.ts';
import type { OutputTail } from './output-tail.ts';
import { probeUpgrade } from './probe.ts';

const ASK_TIMEOUT_MS = 1_000;

/** Whether what `--wait-for` names is there: a text in the output, a web page that answers, or a WebSocket that upgrades. */
export async function isThere(waitFor: string, output: Pick<OutputTail, 'isShown'>): Promise<boolean> {
  if (/^wss?:\/\//.test(waitFor)) return (await probeUpgrade(new URL(waitFor), ASK_TIMEOUT_MS)).kind === 'websocket';
  if (!/^https?:\/\//.test(waitFor)) return output.isShown;
  const status = (await httpText(new URL(waitFor), ASK_TIMEOUT_MS))?.status ?? 0;
  return status >= 200 && status < 300;
}
