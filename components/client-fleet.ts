import * as pulumi from "@pulumi/pulumi";

import { type ClientCertificate, ClientCredentials, type FleetClient } from "../resources/client-credentials.ts";
import type { ClientSecrets } from "../rules/client-files.ts";
import { clientNameProblems } from "../rules/client-names.ts";
import { defaultEarlyRenewalHours } from "../rules/lifetime.ts";
import type { Pkcs12Profile } from "../rules/pkcs12-profiles.ts";
import type { Subject } from "../rules/subject.ts";
import type { Client } from "./access-rule.ts";
import { asked } from "./certificate-args.ts";
import { checkChild, type Issuer, signedBy } from "./issuer.ts";
import { DEFAULT_KEY_ALGORITHM, warnOfKey } from "./key.ts";
import { DEFAULT_VALIDITY_HOURS, type LeafCert, type LeafCertArgs } from "./leaf-cert.ts";
import { refuse } from "./refusal.ts";

/** Arguments of {@link ClientFleet}. */
export interface ClientFleetArgs extends Omit<LeafCertArgs, "uris"> {
  /**
   * Names of the clients, or more than their names: 1 to 64 letters and digits, with ._@- in between, none twice. A name is
   * the common name of the client's certificate and its directory. The order does not matter.
   */
  clients: (string | FleetClient)[];

  /**
   * What the subjects have beside the common name. No subject may be that of a CA above.
   *
   * @default - nothing
   */
  subject?: Omit<Subject, "commonName">;

  /**
   * Absolute path of a directory in which each client gets one of its own, with the files `client.crt`, `chain.crt`,
   * `client.key`, `client.p12` and `password`.
   *
   * @default - no files are written
   */
  directory?: string;

  /**
   * `compat` makes PKCS#12 files for Windows before 1709, the macOS Keychain and Android as well: 3DES and SHA-1 in place
   * of AES-256 and SHA-256.
   *
   * @default "modern"
   */
  pkcs12Profile?: Pkcs12Profile;
}

/** One client of a fleet: what a `ClientCert` has. */
export interface FleetCert extends LeafCert, Client {
  /** PKCS#12 with the chain and the key, base64. A secret. */
  pkcs12Base64: pulumi.Output<string>;
  /** Password of the PKCS#12 file, the same for the client's life. A secret. */
  pkcs12Password: pulumi.Output<string>;
}

/**
 * Certificates and keys of many TLS clients (extendedKeyUsage clientAuth), also as PKCS#12: what a `ClientCert` for each
 * would be, as one resource. So a thousand of them cost seconds. Clients come, go and are renewed one by one in place.
 *
 * @example
 * const sensors = new ClientFleet("sensors", { issuer: issuing, clients: ["sensor-1", "sensor-2"], directory });
 * sensors.client("sensor-1").serialNumber;
 */
export class ClientFleet extends pulumi.ComponentResource {
  public readonly issuer: Issuer;
  /** Of the clients, as they were listed. */
  public readonly names: string[];
  /** What everybody may know, by the clients' names. */
  public readonly certificates: pulumi.Output<Record<string, ClientCertificate>>;
  /** Keys, PKCS#12 files and passwords, by the clients' names. A secret. */
  public readonly credentials: pulumi.Output<Record<string, ClientSecrets>>;
  readonly #subject: Omit<Subject, "commonName">;

  constructor(name: string, args: ClientFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuer`: it holds a private key.
    super("mtls:index:ClientFleet", name, { subject: args.subject }, opts);

    const { issuer, clients, keyAlgorithm = DEFAULT_KEY_ALGORITHM, directory, pkcs12Profile } = args;
    const { subject = {}, validityPeriodHours = DEFAULT_VALIDITY_HOURS } = args;
    this.issuer = issuer;
    this.#subject = subject;
    this.names = clients.map((client) => (typeof client === "string" ? client : client.name));
    for (const [position, reason] of clientNameProblems(this.names)) refuse(this, `'clients[${position}]' ${reason}`);
    for (const commonName of this.names) {
      const names = { dnsNames: [], ipAddresses: [], emailAddresses: [] };
      checkChild(this, issuer, { subject: { ...subject, commonName }, validityPeriodHours, names });
    }
    warnOfKey(this, "clientAuth", keyAlgorithm);

    const { certificates, credentials } = new ClientCredentials(
      `${name}-clients`,
      {
        clients,
        subject,
        keyAlgorithm,
        ...signedBy(issuer),
        chainPem: issuer.chainPem,
        validityPeriodHours,
        earlyRenewalHours: args.earlyRenewalHours ?? defaultEarlyRenewalHours(validityPeriodHours),
        ...asked(args),
        pkcs12Profile,
        directory,
      },
      { parent: this },
    );
    this.certificates = certificates;
    this.credentials = pulumi.secret(credentials);

    // Not the certificates: the state would hold each twice.
    this.registerOutputs({ names: this.names });
  }

  /**
   * One of the clients.
   *
   * @throws where the fleet has none of this name.
   */
  client(name: string): FleetCert {
    if (!this.names.includes(name)) refuse(this, `there is no client '${name}' in this fleet: add it to 'clients'`);
    const { certPem, serialNumber, notAfter, fingerprintSha256 } = entryOf(this.certificates, name);
    const { privateKeyPem, pkcs12Base64, password: pkcs12Password } = entryOf(this.credentials, name);
    const chainPem = pulumi.interpolate`${certPem}${this.issuer.chainPem}`;
    const facts = { certPem, chainPem, serialNumber, notAfter, fingerprintSha256 };
    const subject = { ...this.#subject, commonName: name };
    return { issuer: this.issuer, subject, ...facts, privateKeyPem, pkcs12Base64, pkcs12Password };
  }
}

/** As a property it is known in a preview even where another entry is not; one that Output has itself is no entry. */
function entryOf<T extends object>(entries: pulumi.Output<Record<string, T>>, name: string): pulumi.Output<T> {
  const entry = (entries as unknown as Record<string, unknown>)[name];
  return pulumi.Output.isInstance<T>(entry) ? entry : entries.apply((all) => all[name]!);
}
