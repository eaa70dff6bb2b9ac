// @ts-check
import http from 'node:http';

const REQUESTS = 10;

/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'hpm-upgrade-listeners',
  description: 'one page view: ten ordinary requests through the proxy',
  endings: ['as-written'],
  async live(life) {
    await Promise.all(Array.from({ length: REQUESTS }, (_, n) => get(new URL(`/page/${n}`, life.httpUrl))));
  },
};
export default recipe;

/** @param {URL} url */
function get(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => response.resume().once('end', resolve));
    request.once('error', reject);
  });
}
