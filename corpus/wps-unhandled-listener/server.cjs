// webpack in watch mode with the development server that is a plugin of it.
const path = require('path');
const webpack = require('webpack');
const { WebpackPluginServe } = require('webpack-plugin-serve');

const serve = new WebpackPluginServe({
  host: '127.0.0.1',
  port: Number(process.env.PORT ?? 5_555),
  static: [path.join(__dirname, 'dist')],
  client: { silent: true },
  log: { level: 'error' },
  hmr: true,
  status: false,
  progress: false,
});
webpack(
  {
    mode: 'development',
    context: __dirname,
    entry: ['./page.js'],
    output: { path: path.join(__dirname, 'dist') },
    plugins: [serve],
    watch: true,
    infrastructureLogging: { level: 'error' },
  },
  () => {},
);
