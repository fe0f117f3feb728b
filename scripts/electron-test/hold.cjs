// Holds "ready" back until Playwright has attached and calls __playwright_run, as its own loader does where
// it knows of one. Without it a window that opens while it attaches is now and then never seen.
const { app } = require('electron');

if (process.argv.includes('--remote-debugging-port=0')) {
  const whenReady = app.whenReady();
  const emit = app.emit.bind(app);
  let readyArguments = [];
  let isReady = false;
  let release;
  const released = new Promise((resolve) => (release = resolve));
  app.emit = (event, ...args) => {
    if (event !== 'ready') return emit(event, ...args);
    readyArguments = args;
    return app.listenerCount('ready') > 0;
  };
  app.isReady = () => isReady;
  app.whenReady = () => released;
  globalThis.__playwright_run = async () => {
    await whenReady;
    isReady = true;
    release();
    emit('ready', ...readyArguments);
  };
}
