import { LineProgram } from "./line-program.ts";
import { derOf } from "./pem.ts";
import type { Finding, Linter } from "./verifier.ts";

const SEVERITIES: Record<string, Finding["severity"]> = { fatal: "error", error: "error", warn: "warning" };

/**
 * zlint with all its sources: RFC 5280 and its kin, and what the CA/Browser Forum and the root programs ask of public CAs. It
 * looks at each certificate and CRL alone.
 */
export class Zlint extends LineProgram implements Linter {
  async lint(pem: string): Promise<Finding[]> {
    const results = JSON.parse(await this.ask(derOf(pem).toString("base64"))) as Record<string, { result: string }>;
    return Object.entries(results).flatMap(([id, { result }]) => {
      const severity = SEVERITIES[result];
      return severity === undefined ? [] : [{ severity, id }];
    });
  }
}
