import type { TlsPolicyName } from "../rules/tls-policies.ts";
import { readTemplate } from "./template-files.ts";

/** Which TLS versions, suites and curves a server takes part in. */
export interface TlsPolicy {
  /** Version of the guideline it follows. */
  version: string;
  /** Where that guideline is to be read. */
  source: string;
  /** For whom it is, in a sentence. */
  summary: string;
  /** TLS versions, as nginx names them. */
  protocols: string[];
  /** Parts of an OpenSSL cipher list, for TLS 1.2. Empty where TLS 1.2 is off. */
  ciphers: string[];
  /** Key exchange groups, as OpenSSL names them. Empty: nginx's own choice. */
  curves: string[];
  /** Where and why it differs from its source. */
  differences: string[];
  /** What it lets in that a server of today should not. */
  weaknesses: string[];
}

/** The TLS policy of this name. */
export function tlsPolicy(name: TlsPolicyName): TlsPolicy {
  return (JSON.parse(readTemplate("tls-policy.json")) as Record<TlsPolicyName, TlsPolicy>)[name];
}
