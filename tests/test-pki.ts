import type { KeyAlgorithm } from "../rules/key-algorithms.ts";
import { issue } from "../provider/x509/issue.ts";
import type { CertificateRequest, KeyUsage, Validity } from "../provider/x509/request.ts";
import { keyPair } from "./provider/keys.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate and its key, PEM. `chainPem` is what its holder sends: itself, then the intermediates. */
export interface Identity {
  certPem: string;
  privateKeyPem: string;
  chainPem: string;
}

/** What an identity is issued for; days are counted from now. */
export interface IdentityRequest extends Partial<Omit<CertificateRequest, "publicKeyPem">> {
  subject: CertificateRequest["subject"];
  /** @default "P-256" */
  keyAlgorithm?: KeyAlgorithm;
  fromDay?: number;
  toDay?: number;
  /** @default - from `fromDay` to `toDay` */
  validity?: Validity;
}

/** Makes a key and has it certified by `issuer`, or by itself if there is none. */
export async function identity(request: IdentityRequest, issuer?: Identity): Promise<Identity> {
  const { keyAlgorithm, fromDay = -1, toDay = 1, validity, ...rest } = request;
  const { publicKeyPem, privateKeyPem } = keyPair(keyAlgorithm);
  const certPem = await issue(
    {
      isCa: false,
      keyUsages: ["digitalSignature"],
      extendedKeyUsages: ["clientAuth"],
      dnsNames: [],
      ipAddresses: [],
      ...rest,
      publicKeyPem,
    },
    issuer ?? { privateKeyPem },
    validity ?? { notBefore: inDays(fromDay), notAfter: inDays(toDay) },
  );
  // A CA that has a chain is an intermediate; a root has none to send.
  const chainPem = certPem + (issuer?.chainPem ?? "");
  return { certPem, privateKeyPem, chainPem: issuer === undefined ? "" : chainPem };
}

/** A root and, below it, an intermediate that may sign leaf certificates only. */
export async function authorities(name: string): Promise<{ root: Identity; intermediate: Identity }> {
  const ca = { isCa: true, keyUsages: ["keyCertSign", "cRLSign"] as KeyUsage[], extendedKeyUsages: [], toDay: 2 };
  const root = await identity({ ...ca, subject: { commonName: `${name} Root CA` } });
  const below = { ...ca, maxPathLength: 0, subject: { commonName: `${name} Issuing CA` } };
  return { root, intermediate: await identity(below, root) };
}

/** A whole second, so many days from now. */
export function inDays(days: number): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS);
}
