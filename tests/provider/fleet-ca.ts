import { certificate } from "../../provider/certificate.ts";
import { keyPair, type KeyPair } from "./keys.ts";
import { created } from "./resources.ts";

/** A CA that may sign clients: its certificate and its key, PEM. */
export interface FleetCa {
  certPem: string;
  key: KeyPair;
}

/** A root that signs clients itself. */
export async function fleetCa(options: { commonName?: string; key?: KeyPair; hours?: number } = {}): Promise<FleetCa> {
  const { commonName = "Root", key = keyPair(), hours = 10_000 } = options;
  const { outputs } = await created(certificate, {
    subject: { commonName },
    publicKeyPem: key.publicKeyPem,
    issuerPrivateKeyPem: key.privateKeyPem,
    isCa: true,
    keyUsages: ["keyCertSign", "cRLSign"],
    extendedKeyUsages: [],
    dnsNames: [],
    ipAddresses: [],
    nameConstraints: { permitted: { dnsNames: ["lab.test"] } },
    validityPeriodHours: hours,
    earlyRenewalHours: 0,
  });
  return { certPem: outputs.certPem as string, key };
}
