import type { NameConstraints } from "../../rules/name-constraints.ts";
import { NAME_CONSTRAINTS, nameConstraintsFrom } from "./extensions.ts";
import x509 from "./library.ts";

/** What a CA's certificate allows it to sign. Node's own class does not tell. */
export interface CaFacts {
  /** Distinguished name, as the library writes it. */
  subject: string;
  /** basicConstraints cA. */
  isCa: boolean;
  /** keyUsage keyCertSign; also true where the extension is missing (RFC 5280, 4.2.1.3). */
  keyCertSign: boolean;
  /** keyUsage cRLSign; also true where the extension is missing. */
  cRLSign: boolean;
  /** pathLenConstraint. Undefined: no limit. */
  pathLength: number | undefined;
  nameConstraints: NameConstraints | undefined;
}

/** Reads them from a PEM certificate. */
export function caFactsOf(certPem: string): CaFacts {
  const cert = new x509.X509Certificate(certPem);
  const basic = cert.getExtension(x509.BasicConstraintsExtension);
  const usages = cert.getExtension(x509.KeyUsagesExtension)?.usages;
  const may = (usage: number) => usages === undefined || (usages & usage) !== 0;
  const constraints = cert.getExtension(NAME_CONSTRAINTS);
  return {
    subject: cert.subject,
    isCa: basic?.ca ?? false,
    keyCertSign: may(x509.KeyUsageFlags.keyCertSign),
    cRLSign: may(x509.KeyUsageFlags.cRLSign),
    pathLength: basic?.pathLength,
    nameConstraints: constraints ? nameConstraintsFrom(constraints.value) : undefined,
  };
}
