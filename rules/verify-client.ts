/** Values of nginx's `ssl_verify_client`. */
export const VERIFY_CLIENT_MODES = ["on", "optional", "optional_no_ca", "off"] as const;

/** One of {@link VERIFY_CLIENT_MODES}. */
export type VerifyClient = (typeof VERIFY_CLIENT_MODES)[number];
