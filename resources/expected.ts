import type * as pulumi from "@pulumi/pulumi";

/** What a client must find at a site. */
export interface Expected {
  /** Where this machine reaches it: an IP address or a name. Other nodes of a swarm are asked at their own addresses. */
  address: string;
  /** Published port, 1 to 65535. */
  port: number;
  /** Name to send (SNI and Host), or an address, as in a URL (Host). */
  serverName: string;
  /** SHA-256 of the certificate that must be served, upper-case hexadecimal with colons. */
  fingerprintSha256: pulumi.Input<string>;
  /** HTTP status that a client without a certificate must get. */
  statusWithoutCertificate: number;
}
