/** Kinds of keys. P-256 is safe everywhere and fast; P-384 and RSA from 2048 bits on are safe too. */
export const KEY_ALGORITHMS = ["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"] as const;

/** One of {@link KEY_ALGORITHMS}. */
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

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
