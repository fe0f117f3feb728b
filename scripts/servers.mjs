// node scripts/servers.mjs [NAME…]        gets the servers (all of them) and says how
// node scripts/servers.mjs start NAME…    starts them and prints their addresses; they end with an interrupt
import { chromium, describeResult, LONGER, SERVERS } from './servers/index.mjs';

const [first, ...rest] = process.argv.slice(2);
const starting = first === 'start';
const names = starting ? rest : process.argv.slice(2);
const known = [...SERVERS, ...LONGER, ...(starting ? [] : [chromium])];
const unknown = names.filter((name) => !known.some((server) => server.name === name));
if (unknown.length > 0 || (starting && names.length === 0)) {
  console.error(`There are ${known.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = known.filter((one) =>
  names.length === 0 ? !LONGER.includes(one) : names.includes(one.name),
);
for (const server of chosen) console.log(describeResult(await server.ensure()));
if (starting) {
  const running = [];
  const stop = () => {
    void Promise.all(running.map((server) => server.stop())).then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  for (const server of chosen) {
    const started = await server.start();
    running.push(started);
    // The functions of the result fall out.
    console.log(JSON.stringify(started));
  }
}
