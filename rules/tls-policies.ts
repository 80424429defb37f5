/** Names of the TLS policies in `templates/tls-policy.json`, which says what each is. */
export const TLS_POLICIES = ["modern", "intermediate", "seed"] as const;

/** One of {@link TLS_POLICIES}. */
export type TlsPolicyName = (typeof TLS_POLICIES)[number];
