/**
 * The kept X.509 library, with the polyfill its dependency injection needs and Node's own WebCrypto.
 * Load it with `await import(...)`: an update that issues nothing must not pay for it.
 */
import "reflect-metadata";
import x509 from "@peculiar/x509";

x509.cryptoProvider.set(globalThis.crypto);

export default x509;
