// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'colyseus-empty-room',
  description: 'has a room made, and never comes',
  endings: ['as-written'],
  async live(life) {
    const response = await fetch(new URL('/parties', life.httpUrl), {
      method: 'POST',
      headers: { connection: 'close' },
    });
    const { roomId } = /** @type {{ roomId?: string }} */ (await response.json());
    if (roomId === undefined) throw new Error('no room was made');
  },
};
export default recipe;
