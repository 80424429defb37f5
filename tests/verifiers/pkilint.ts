import { LineProgram } from "./line-program.ts";
import { withFiles } from "./scratch.ts";
import type { Finding, Linter } from "./verifier.ts";

/** What pkilint reports, as JSON. */
interface Report {
  results: { finding_descriptions: { severity: string; code: string }[] }[];
}

const SEVERITIES: Record<string, Finding["severity"]> = { FATAL: "error", ERROR: "error", WARNING: "warning" };

/** pkilint: RFC 5280 for certificates, pairs of issuer and subject, and CRLs. */
export class Pkilint extends LineProgram implements Linter {
  lint(pem: string, issuerPem: string): Promise<Finding[]> {
    return withFiles({ pem, issuerPem }, async (path) => {
      if (pem.includes("BEGIN X509 CRL")) return this.run("lint_crl", "-t", "CRL", "-p", "PKIX", path("pem"));
      const alone = await this.run("lint_pkix_cert", path("pem"));
      return [...alone, ...(await this.run("lint_pkix_signer_signee_cert_chain", path("issuerPem"), path("pem")))];
    });
  }

  private async run(program: string, ...args: string[]): Promise<Finding[]> {
    const line = JSON.stringify([program, "lint", "-s", "WARNING", "-f", "JSON", "--document-format", "PEM", ...args]);
    const { results } = JSON.parse(await this.ask(line)) as Report;
    return results
      .flatMap(({ finding_descriptions }) => finding_descriptions)
      .map(({ severity, code }) => ({ severity: SEVERITIES[severity]!, id: code }));
  }
}
