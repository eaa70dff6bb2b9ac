// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/**
 * What was allocated between `start` and `read` and is still alive, by the function that allocated it. Only a help for whoever
 * writes a case; the detector has means of its own, and this shares none of them.
 *
 * @typedef {object} Survivors
 * @property {() => Promise<void>} start
 * @property {() => Promise<{ site: string, bytes: number }[]>} read
 * @property {() => Promise<number>} heapObjectsBytes used after a collection
 * @property {() => void} end
 */

/**
 * @param {number} port of an inspector
 * @returns {Promise<Survivors>}
 */
export async function openSurvivors(port) {
  const socket = new WebSocket(await addressOf(port), { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let id = 0;
  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  const ask = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const mine = (id += 1);
      const hear = (/** @type {Buffer} */ data) => {
        const message = JSON.parse(data.toString());
        if (message.id !== mine) return;
        socket.off('message', hear);
        if (message.error === undefined) resolve(message.result);
        else reject(new Error(`${method}: ${message.error.message}`));
      };
      socket.on('message', hear);
      socket.send(JSON.stringify({ id: mine, method, params }));
    });
  const collect = async () => {
    for (let round = 0; round < 3; round += 1) await ask('HeapProfiler.collectGarbage');
  };
  await ask('HeapProfiler.enable');
  return {
    start: async () => {
      await ask('HeapProfiler.startSampling', { samplingInterval: 16, stackDepth: 64 });
    },
    read: async () => {
      await collect();
      const { profile } = await ask('HeapProfiler.stopSampling');
      /** @type {Map<string, number>} */
      const sites = new Map();
      walk(profile.head, [], sites);
      return [...sites].map(([site, bytes]) => ({ site, bytes })).sort((a, b) => b.bytes - a.bytes);
    },
    heapObjectsBytes: async () => {
      await collect();
      return (await ask('Runtime.getHeapUsage')).usedSize;
    },
    end: () => socket.terminate(),
  };
}

/** @param {any} node @param {string[]} above @param {Map<string, number>} sites */
function walk(node, above, sites) {
  const { functionName, url, lineNumber } = node.callFrame;
  const isOwn = url !== '' && !url.startsWith('node:');
  const frame = `${functionName || '(anonymous)'} ${shortened(url)}:${lineNumber + 1}`;
  const frames = isOwn ? [frame, ...above] : above;
  if (node.selfSize > 0) {
    const site = frames.slice(0, 3).join(' < ') || `(inside Node: ${functionName})`;
    sites.set(site, (sites.get(site) ?? 0) + node.selfSize);
  }
  for (const child of node.children) walk(child, frames, sites);
}

/** @param {string} url */
function shortened(url) {
  return url.replace(/^file:\/\//, '').replace(/^.*?(?=node_modules\/)|^.*\/(?=[^/]*$)/, '');
}

/** @param {number} port */
async function addressOf(port) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const list = /** @type {any} */ (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
      return list[0].webSocketDebuggerUrl;
    } catch (error) {
      if (attempt > 50) throw error;
      await delay(50);
    }
  }
}
