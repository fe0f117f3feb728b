// What the old Electron of the tests lacks against the pinned one. Loaded before main, in tests only.
const { protocol, safeStorage } = require('electron');
const { Server } = require('node:http');
const { Readable } = require('node:stream');
const { Request, Response, Headers } = require('undici5');

for (const [name, value] of Object.entries({ Request, Response, Headers })) {
  globalThis[name] ??= value;
}

async function* bytesOf(response) {
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield Buffer.from(value);
  }
}

function fill(target, methods) {
  for (const [name, method] of Object.entries(methods)) {
    if (!(name in target)) target[name] = method;
  }
}

async function serve(request, handler, answer) {
  try {
    const { url, method, headers } = request;
    const asked = new Request(url.replace(/^[a-z]+:/, 'http:'), { method, headers });
    // undici knows no schemes of our own.
    Object.defineProperty(asked, 'url', { value: url });
    const response = await handler(asked);
    answer({
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      data: Readable.from(response.body ? bytesOf(response) : [], { objectMode: false }),
    });
  } catch (error) {
    console.error(error);
    answer({ statusCode: 500, headers: {}, data: Readable.from([]) });
  }
}

// protocol.handle came with Electron 25.
fill(protocol, {
  handle: (scheme, handler) =>
    protocol.registerStreamProtocol(scheme, (request, answer) => {
      void serve(request, handler, answer);
    }),
});

// safeStorage's asynchronous half came later, and so did the name of its back end.
fill(safeStorage, {
  isAsyncEncryptionAvailable: async () => safeStorage.isEncryptionAvailable(),
  encryptStringAsync: async (text) => safeStorage.encryptString(text),
  decryptStringAsync: async (bytes) => ({
    result: safeStorage.decryptString(bytes),
    shouldReEncrypt: false,
  }),
  getSelectedStorageBackend: () => 'basic_text',
});

// http.Server of Node 16 cannot end connections by itself.
if (!Server.prototype.closeAllConnections) {
  const sockets = new WeakMap();
  const listen = Reflect.get(Server.prototype, 'listen');
  Server.prototype.listen = function (...args) {
    const open = new Set();
    sockets.set(this, open);
    this.on('connection', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
    this.keepAliveTimeout = 100;
    return listen.apply(this, args);
  };
  Server.prototype.closeIdleConnections = function () {};
  Server.prototype.closeAllConnections = function () {
    for (const socket of sockets.get(this) ?? []) socket.destroy();
  };
}
