import { request } from 'node:http';
import type { RecipeOptions } from './options.ts';
import type { Life, Recipe } from './types.ts';
import { PlainTalk } from './ws.ts';

const RAW = '/websocket';

/** SockJS over its raw WebSocket: asks for `<prefix>/info` as its clients do, then talks on `<prefix>/websocket`. */
export function sockjsRecipe(options: RecipeOptions): Recipe {
  const talk = new PlainTalk(options);
  return {
    name: 'sockjs',
    description: 'SockJS, raw WebSocket: <prefix>/info, then what ws does on <prefix>/websocket',
    isMute: options.send.length === 0,
    path: `/sockjs${RAW}`,
    async live(life) {
      const prefix = prefixOf(life.url.pathname);
      await askInfo(life, `${prefix}/info`);
      await talk.over(await life.connect({ path: prefix + RAW }), life);
    },
  };
}

/** The path may be given with or without what the protocol adds to it. */
function prefixOf(path: string): string {
  const bare = path.replace(/\/+$/, '');
  return bare.endsWith(RAW) ? bare.slice(0, -RAW.length) : bare;
}

async function askInfo(life: Life, path: string): Promise<void> {
  const url = new URL(life.httpUrl);
  url.pathname = path;
  const statusCode = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(url, { agent: false, headers: life.headers, signal: life.signal }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode));
    });
    asked.once('error', reject);
    asked.end();
  });
  if (statusCode !== 200) throw new Error(`${path} was answered with HTTP ${statusCode}: no SockJS there`);
}
