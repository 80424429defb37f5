/** Kinds of keys. P-256 is safe everywhere and fast; P-384 and RSA from 2048 bits on are safe too. */
export const KEY_ALGORITHMS = ["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"] as const;

/** One of {@link KEY_ALGORITHMS}. */
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];
