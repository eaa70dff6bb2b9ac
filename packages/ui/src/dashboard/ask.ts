/** An answer that is none. */
export class AskError extends Error {
  /** 0: nobody answered. */
  readonly status: number;
  /** How one becomes known, where that is what is missing. */
  readonly access: string | undefined;

  constructor(status: number, message: string, access?: string) {
    super(message);
    this.status = status;
    this.access = access;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Asks for something below `api/`; everything is relative to the page. */
export async function read<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  return (await answerOf(`api/${path}${search}`, signal === undefined ? {} : { signal })) as Answer;
}

/** Changes something. The header is what no other page could send. */
export async function send(method: 'POST' | 'DELETE', path: string, body: unknown = {}): Promise<unknown> {
  return await answerOf(`api/${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-watertight-dashboard': '1' },
    body: JSON.stringify(body),
  });
}

async function answerOf(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new AskError(0, 'the server does not answer');
  }
  const answer: unknown = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { error = `status ${response.status}`, access } = answer as {
    readonly error?: string;
    readonly access?: string;
  };
  throw new AskError(response.status, error, access);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
