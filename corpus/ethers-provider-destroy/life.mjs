// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'ethers-provider-destroy',
  description: 'asks for the number of the latest block',
  path: '/rpc',
  async live(life) {
    const socket = await life.connect({ path: '/rpc' });
    await socket.nextJson((/** @type {{ block?: number }} */ message) => message.block !== undefined);
  },
};
export default recipe;
