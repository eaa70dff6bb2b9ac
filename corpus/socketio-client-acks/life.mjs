// @ts-check
/** @satisfies {import('watertight').Recipe} */
const recipe = {
  name: 'socketio-client-acks',
  description: 'asks something that the service behind the gateway never answers',
  async live(life) {
    const socket = await life.connect();
    socket.send(`question ${life.index}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  },
};
export default recipe;
