import { probeUpgrade } from './probe.ts';

const ASK_TIMEOUT_MS = 1_000;

/** Whether what `--wait-for` names is there: a text in the output, a web page that answers, or a WebSocket that upgrades. */
export async function isThere(waitFor: string, output: string): Promise<boolean> {
  if (/^wss?:\/\//.test(waitFor)) return (await probeUpgrade(new URL(waitFor), ASK_TIMEOUT_MS)).kind === 'websocket';
  if (!/^https?:\/\//.test(waitFor)) return output.includes(waitFor);
  try {
    const response = await fetch(waitFor, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
