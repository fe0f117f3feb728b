// Said before anything else is loaded, in words that an old Node understands too.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Faultline needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
