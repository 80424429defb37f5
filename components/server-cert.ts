import * as pulumi from "@pulumi/pulumi";

import { isDnsName, isIpAddress, isWildcardDnsName } from "../rules/names.ts";
import type { Subject } from "../rules/subject.ts";
import type { Issuer } from "./issuer.ts";
import { leafCert, type LeafCert, type LeafCertArgs } from "./leaf-cert.ts";
import { refuse } from "./refusal.ts";

/** Arguments of {@link ServerCert}. */
export interface ServerCertArgs extends LeafCertArgs {
  /**
   * DNS names of the server; `*.` may stand for the leftmost label and does not cover the bare domain.
   *
   * @default - none
   */
  dnsNames?: string[];

  /**
   * Addresses that clients connect to without a name.
   *
   * @default - none
   */
  ipAddresses?: string[];

  /**
   * Distinguished name. Clients read the names above, not this one (RFC 9525, 6.4.4).
   *
   * @default - the first name as commonName
   */
  subject?: Subject;
}

/**
 * The certificate and key of a TLS server (extendedKeyUsage serverAuth).
 *
 * @example
 * new ServerCert("web", { issuer: issuing, dnsNames: ["*.lab.test", "lab.test"], ipAddresses: ["127.0.0.1"] });
 */
export class ServerCert extends pulumi.ComponentResource implements LeafCert {
  public readonly issuer: Issuer;
  public readonly dnsNames: string[];
  public readonly ipAddresses: string[];
  public readonly certPem: pulumi.Output<string>;
  public readonly chainPem: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly serialNumber: pulumi.Output<string>;
  public readonly notAfter: pulumi.Output<string>;
  public readonly fingerprintSha256: pulumi.Output<string>;

  constructor(name: string, args: ServerCertArgs, opts?: pulumi.ComponentResourceOptions) {
    const { dnsNames = [], ipAddresses = [] } = args;
    // What is passed here is written to the state, so no `issuer`: it holds a private key.
    super("mtls:index:ServerCert", name, { dnsNames, ipAddresses }, opts);

    const [commonName] = [...dnsNames, ...ipAddresses];
    if (!commonName) {
      refuse(
        this,
        "'dnsNames' and 'ipAddresses' are both empty: clients accept a server by these names only, give one",
      );
    }

    checkNames(this, "dnsNames", dnsNames, (name) => isDnsName(name) || isWildcardDnsName(name));
    checkNames(this, "ipAddresses", ipAddresses, isIpAddress);

    const leaf = leafCert(this, name, args, {
      subject: args.subject ?? { commonName },
      extendedKeyUsage: "serverAuth",
      dnsNames,
      ipAddresses,
      emailAddresses: [],
    });

    this.issuer = args.issuer;
    this.dnsNames = dnsNames;
    this.ipAddresses = ipAddresses;
    this.certPem = leaf.certPem;
    this.chainPem = leaf.chainPem;
    this.privateKeyPem = leaf.privateKeyPem;
    this.serialNumber = leaf.serialNumber;
    this.notAfter = leaf.notAfter;
    this.fingerprintSha256 = leaf.fingerprintSha256;

    this.registerOutputs({ certPem: this.certPem, chainPem: this.chainPem, serialNumber: this.serialNumber });
  }
}

const ALLOWED = {
  dnsNames: "a DNS name like lab.localhost, or one under a leading '*.'",
  ipAddresses: "an IPv4 or IPv6 address without brackets, port and zone",
};

function checkNames(
  cert: pulumi.Resource,
  argument: keyof typeof ALLOWED,
  names: string[],
  isName: (name: string) => boolean,
): void {
  const position = names.findIndex((name) => !isName(name));
  if (position >= 0) refuse(cert, `'${argument}[${position}]' must be ${ALLOWED[argument]}, got '${names[position]}'`);
}
