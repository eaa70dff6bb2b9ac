// @ts-check
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @import { Alert } from '@watertight/server/alerts' */

/** Where alerts are posted to: whoever is on call. Takes only what is signed with the secret. */
export class Receiver {
  /** In the order in which they came. @type {Alert[]} */
  alerts = [];
  #secret;
  #server = createServer((request, response) => {
    let body = '';
    request.on('data', (/** @type {Buffer} */ chunk) => (body += chunk.toString()));
    request.on('end', () => {
      const isOurs = this.#isSigned(String(request.headers['x-watertight-signature']), body);
      if (isOurs) this.alerts.push(/** @type {Alert} */ (JSON.parse(body)));
      response.writeHead(isOurs ? 204 : 401).end();
    });
  });

  /** @param {string} secret */
  constructor(secret) {
    this.#secret = secret;
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/on-call`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** @param {string} signature @param {string} body */
  #isSigned(signature, body) {
    const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    const own = createHmac('sha256', this.#secret).update(`${seconds}.${body}`).digest('hex');
    return given !== '' && timingSafeEqual(Buffer.from(given), Buffer.from(own));
  }
}
