// The two halves of every server module: getting it, once per process, and starting it.

/** Locations and reasons that `npm test` hands to its tests, so that none is sought twice. */
const missing = JSON.parse(process.env.FAULTLINE_MISSING || '{}');

/**
 * @param name what the server is called in SKIPPED lines and on the command line
 * @param variable environment variable that names a ready one
 * @param get () => {path, version, how}; throws with the reason where it can't be had
 * @param begin (options, got) => {url, pid, stop, …}
 */
export function defineServer({ name, variable, get, verify, begin }) {
  let got;
  const ensure = () => (got ??= obtain());

  async function obtain() {
    const started = performance.now();
    const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1));
    if (Object.hasOwn(missing, name)) return { state: 'missing', name, reason: missing[name] };
    try {
      const given = process.env[variable];
      const found = given
        ? { path: given, version: await verify(given), how: `given by ${variable}` }
        : await get();
      return { state: 'ready', name, ...found, seconds: seconds() };
    } catch (error) {
      return { state: 'missing', name, reason: oneLine(error.message), seconds: seconds() };
    }
  }

  async function start(options = {}) {
    const result = await ensure();
    if (result.state === 'missing') throw new Error(`${name} is not there: ${result.reason}`);
    for (let attempt = 1; ; attempt++) {
      try {
        return { name, version: result.version, ...(await begin(options, result)) };
      } catch (error) {
        // Another process may have taken a port between choosing and listening.
        if (attempt === 3 || !/address already in use|BindException/i.test(error.message)) {
          throw error;
        }
      }
    }
  }

  return { name, variable, ensure, start };
}

const oneLine = (text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);

/** `name version: how it was got, N s`, or the SKIPPED line. */
export function describeResult(result) {
  return result.state === 'ready'
    ? `${result.name} ${result.version}: ${result.how}, ${result.seconds} s`
    : `SKIPPED: ${result.name}: ${result.reason}`;
}

/** For tests: is the server there? Says why not. */
export async function available(server) {
  const result = await server.ensure();
  if (result.state === 'missing') console.warn(describeResult(result));
  return result.state === 'ready';
}
