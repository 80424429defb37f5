import { createPublicKey } from "node:crypto";

import { extensionsFor, keyUsageFlags } from "./extensions.ts";
import { nameOf, subjectText } from "./issue.ts";
import { importPrivateKey, importPublicKey } from "./keys.ts";
import x509 from "./library.ts";
import type { CertificateRequest } from "./request.ts";

/** What a request for a certificate asks for; whoever signs may give less. */
export type CsrRequest = Pick<CertificateRequest, "subject" | "isCa" | "maxPathLength" | "keyUsages">;

/** Signs a PKCS#10 request (RFC 2986) with the key that it is for, and returns it as PEM with a newline at its end. */
export async function requestCertificate(request: CsrRequest, privateKeyPem: string): Promise<string> {
  const publicKeyPem = createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }) as string;
  const [privateKey, publicKey] = [await importPrivateKey(privateKeyPem), await importPublicKey(publicKeyPem)];
  const names = { extendedKeyUsages: [], dnsNames: [], ipAddresses: [] };
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name(nameOf(request.subject)),
    keys: { privateKey: privateKey.cryptoKey, publicKey: publicKey.cryptoKey },
    signingAlgorithm: privateKey.signing,
    extensions: extensionsFor({ ...request, ...names, publicKeyPem }),
  });
  return `${csr.toString("pem")}\n`;
}

/** Parses a request and returns every difference from what should be asked; empty: it asks for just that. */
export async function csrDifferences(csrPem: string, asked: CsrRequest): Promise<string[]> {
  const csr = new x509.Pkcs10CertificateRequest(csrPem);
  const extension = <T>(type: new (...args: never[]) => T) => csr.extensions.find((one) => one instanceof type) as T;
  const basic = extension(x509.BasicConstraintsExtension);
  const expected: [what: string, asked: unknown, found: unknown][] = [
    ["subject", subjectText(asked.subject), csr.subject],
    ["basicConstraints CA", asked.isCa, basic.ca],
    ["basicConstraints pathlen", asked.maxPathLength, basic.pathLength],
    ["keyUsage", keyUsageFlags(asked.keyUsages), extension(x509.KeyUsagesExtension).usages],
  ];
  const wrong = expected
    .filter(([, want, got]) => JSON.stringify(want) !== JSON.stringify(got))
    .map(([what, want, got]) => `${what} is ${JSON.stringify(got)}, asked was ${JSON.stringify(want)}`);
  if (!(await csr.verify())) wrong.push("its signature does not verify with its own key");
  return wrong;
}
