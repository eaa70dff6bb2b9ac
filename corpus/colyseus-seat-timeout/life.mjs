// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'colyseus-seat-timeout',
  description: 'reserves a seat, and never takes it',
  endings: ['as-written'],
  async live(life) {
    const response = await fetch(new URL('/matchmake/joinOrCreate/lobby', life.httpUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: '{}',
    });
    const { sessionId } = /** @type {{ sessionId?: string }} */ (await response.json());
    if (sessionId === undefined) throw new Error('no seat was reserved');
  },
};
export default recipe;
