// node --require: the code of this project, and no other, takes the machine for one of STUB_PLATFORM and STUB_ARCH. What npm packages load for
// the real one goes on working.
const real = { platform: process.platform, arch: process.arch };
const stubs = { platform: process.env.STUB_PLATFORM, arch: process.env.STUB_ARCH };

for (const [name, value] of Object.entries(stubs)) {
  if (value) Object.defineProperty(process, name, { get: () => (isOurs(new Error().stack.split('\n')[2] ?? '') ? value : real[name]) });
}

function isOurs(frame) {
  return /\/packages\/[a-z-]+\/(src|plugin)/.test(frame);
}
