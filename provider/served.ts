/** The outputs of those resources that see to what clients find. */
import { type Expected, type Found, probe } from "./probe.ts";
import type { Properties } from "./resource-type.ts";

/** As the world has them now; empty ones where nobody answers. */
export async function servedNow(expected: Expected): Promise<Properties> {
  return outputs(await probe(expected).catch(() => ({ fingerprintSha256: "", status: 0 })));
}

/** As they must be. */
export function servedAs({
  fingerprintSha256,
  statusWithoutCertificate: status,
}: Omit<Expected, "address">): Properties {
  return outputs({ fingerprintSha256, status });
}

function outputs({ fingerprintSha256, status }: Found): Properties {
  return { servedFingerprint: fingerprintSha256, servedStatus: status };
}
