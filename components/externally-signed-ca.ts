import { isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { CaCertificate } from "../resources/ca-certificate.ts";
import { CertificateRequest } from "../resources/certificate-request.ts";
import { CredentialFiles } from "../resources/credential-files.ts";
import type { KeyAlgorithm } from "../rules/key-algorithms.ts";
import type { Subject } from "../rules/subject.ts";
import { CA_KEY_USAGES } from "./ca.ts";
import type { IssuerArgs } from "./certificate-args.ts";
import { bundleOf, chainOf, type Issuer } from "./issuer.ts";
import { DEFAULT_KEY_ALGORITHM, privateKey } from "./key.ts";
import { refuse } from "./refusal.ts";

/** Arguments of {@link ExternallySignedCA}. */
export interface ExternallySignedCAArgs extends IssuerArgs {
  /** Distinguished name to ask for. */
  subject: Subject;

  /** Absolute path of a directory to write the request to, as `<name>.csr`. */
  directory: string;

  /** @default "P-256" */
  keyAlgorithm?: KeyAlgorithm;

  /**
   * How many CAs to ask for below this one (RFC 5280, 4.2.1.9). What counts is what the certificate says.
   *
   * @default 0 - it signs leaf certificates only
   */
  maxPathLength?: number;

  /**
   * The answer to the request: the certificate, PEM, and no other. Goes with `issuer`.
   *
   * @default - not there yet: key and request are made, and a child of this CA is refused
   */
  certPem?: pulumi.Input<string>;

  /**
   * The CA that signed the answer, most often an `ImportedCA` without a key. Goes with `certPem`.
   *
   * @default - not known yet
   */
  issuer?: Issuer;
}

/**
 * A CA whose certificate somebody else signs, who never sees its key. The first update makes the key and the request, and
 * says what to do with it; with the answer as `certPem`, later ones issue what is below.
 *
 * @example
 * const corporate = new ImportedCA("corporate", { certPem: readFileSync("corporate.crt", "utf8") });
 * const subject = { commonName: "Lab Issuing CA" };
 * const issuing = new ExternallySignedCA("issuing", { subject, directory, issuer: corporate, certPem });
 * if (issuing.isSigned) new ServerCert("web", { issuer: issuing, dnsNames: ["web.lab.test"] });
 */
export class ExternallySignedCA extends pulumi.ComponentResource implements Issuer {
  public readonly name: string;
  public readonly subject = undefined;
  /** Whether the answer is there. */
  public readonly isSigned: boolean;
  /** The request (PKCS#10), PEM. */
  public readonly requestPem: pulumi.Output<string>;
  public readonly privateKeyPem: pulumi.Output<string>;
  public readonly validityPeriodHours = undefined;
  public readonly maxPathLength = undefined;
  public readonly nameConstraints = undefined;
  public readonly crlDistributionPoints: string[] | undefined;
  public readonly caIssuers: string[] | undefined;
  public readonly ocspResponders: string[] | undefined;
  readonly #toDo: string;
  readonly #answer: { cert: CaCertificate; issuer: Issuer } | undefined;

  constructor(name: string, args: ExternallySignedCAArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is passed here is written to the state, so no `issuer`: it may hold a private key.
    super("mtls:index:ExternallySignedCA", name, { subject: args.subject, directory: args.directory }, opts);

    const { subject, directory, keyAlgorithm = DEFAULT_KEY_ALGORITHM, maxPathLength = 0, certPem, issuer } = args;
    if (!isAbsolute(directory)) refuse(this, `'directory' must be an absolute path, got '${directory}'`);
    if ((certPem === undefined) !== (issuer === undefined)) {
      const [given, missing] = certPem === undefined ? ["issuer", "certPem"] : ["certPem", "issuer"];
      refuse(this, `'${given}' is given without '${missing}': give both, the certificate and the CA that signed it`);
    }

    const key = privateKey(`${name}-key`, keyAlgorithm, { parent: this });
    const privateKeyPem = pulumi.secret(key.privateKeyPemPkcs8);
    const { requestPem } = new CertificateRequest(
      `${name}-request`,
      { subject, privateKeyPem, isCa: true, maxPathLength, keyUsages: CA_KEY_USAGES },
      { parent: this },
    );
    const file = `${name}.csr`;
    const files = { [file]: { content: requestPem, mode: "0644" } };
    new CredentialFiles(`${name}-files`, { directory, files }, { parent: this });

    this.#toDo = `have ${join(directory, file)} signed by a CA, and give the certificate as 'certPem' and that CA as 'issuer'`;
    if (certPem !== undefined && issuer !== undefined) {
      const chainPem = bundleOf(chainOf(issuer));
      const cert = new CaCertificate(`${name}-cert`, { certPem, privateKeyPem, chainPem }, { parent: this });
      this.#answer = { cert, issuer };
    } else {
      void pulumi.log.info(`what to do now: ${this.#toDo}`, this);
    }

    this.name = name;
    this.isSigned = certPem !== undefined;
    this.requestPem = requestPem;
    this.privateKeyPem = privateKeyPem;
    this.crlDistributionPoints = args.crlDistributionPoints;
    this.caIssuers = args.caIssuers;
    this.ocspResponders = args.ocspResponders;

    this.registerOutputs({ requestPem });
  }

  public get issuer(): Issuer {
    return this.answer().issuer;
  }

  public get certPem(): pulumi.Output<string> {
    return this.answer().cert.certPem;
  }

  public get chainPem(): pulumi.Output<string> {
    const { cert, issuer } = this.answer();
    return pulumi.interpolate`${cert.certPem}${issuer.chainPem}`;
  }

  public get serialNumber(): pulumi.Output<string> {
    return this.answer().cert.serialNumber;
  }

  public get subjectText(): pulumi.Output<string> {
    return this.answer().cert.subject;
  }

  private answer(): { cert: CaCertificate; issuer: Issuer } {
    return this.#answer ?? refuse(this, `it has no certificate yet: ${this.#toDo}`);
  }
}
