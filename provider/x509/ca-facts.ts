import type { NameConstraints } from "../../rules/name-constraints.ts";
import { NAME_CONSTRAINTS, nameConstraintsFrom } from "./extensions.ts";
import x509 from "./library.ts";

/** What a CA's certificate allows it to sign. Node's own class does not tell. */
export interface CaFacts {
  /** keyUsage keyCertSign; also true where the extension is missing (RFC 5280, 4.2.1.3). */
  keyCertSign: boolean;
  /** pathLenConstraint. Undefined: no limit. */
  pathLength: number | undefined;
  nameConstraints: NameConstraints | undefined;
}

/** Reads them from a PEM certificate. */
export function caFactsOf(certPem: string): CaFacts {
  const cert = new x509.X509Certificate(certPem);
  const usages = cert.getExtension(x509.KeyUsagesExtension)?.usages ?? x509.KeyUsageFlags.keyCertSign;
  const constraints = cert.getExtension(NAME_CONSTRAINTS);
  return {
    keyCertSign: (usages & x509.KeyUsageFlags.keyCertSign) !== 0,
    pathLength: cert.getExtension(x509.BasicConstraintsExtension)?.pathLength,
    nameConstraints: constraints ? nameConstraintsFrom(constraints.value) : undefined,
  };
}
