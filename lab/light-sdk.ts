/**
 * The SDK without what the lab does not use of it. Import this before everything else: it works only on what is not
 * loaded yet. `npm run bench` shows the difference, docs/architecture.md says how much it was.
 */
import Module, { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// The automation API, which runs an engine, and what makes text of functions for dynamic providers: by the TypeScript
// compiler and npm's own resolver, together as large as all the rest of the SDK. A new version that has these modules
// elsewhere stops here.
for (const name of ["automation/index", "runtime/closure/serializeClosure", "runtime/closure/codePaths"]) {
  const path = require.resolve(`@pulumi/pulumi/${name}.js`);
  const empty = new Module(path);
  empty.loaded = true;
  require.cache[path] = empty;
}

// A stack trace is taken for every promise, and each of its frames looked up in source maps; type stripping keeps line
// numbers, so there is nothing to look up.
Reflect.deleteProperty(Error, "prepareStackTrace");
