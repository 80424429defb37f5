import type { KeyAlgorithm } from "../rules/key-algorithms.ts";

export { KEY_ALGORITHMS, type KeyAlgorithm } from "../rules/key-algorithms.ts";

/** Who takes no such key in a certificate of this purpose, by what was measured with nginx. */
export const REFUSED_BY: Record<"serverAuth" | "clientAuth", Partial<Record<KeyAlgorithm, string>>> = {
  serverAuth: {
    "P-521": "Chromium does not connect to a server with a P-521 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
    Ed25519: "Chromium does not connect to a server with an Ed25519 key (ERR_SSL_VERSION_OR_CIPHER_MISMATCH)",
  },
  clientAuth: {
    "P-521": "Chromium cannot use a P-521 key with TLS 1.2 (ERR_SSL_PROTOCOL_ERROR), only with TLS 1.3",
    Ed25519: "NSS, and so Chromium and Firefox on Linux, cannot import a PKCS#12 file with an Ed25519 key",
  },
};
