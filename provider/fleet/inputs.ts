import type { ClientSecrets } from "../../rules/client-files.ts";
import type { IssuedCertificate } from "../../rules/issued-certificate.ts";
import type { KeyAlgorithm } from "../../rules/key-algorithms.ts";
import type { Pkcs12Profile } from "../../rules/pkcs12-profiles.ts";
import type { Subject } from "../../rules/subject.ts";
import type { Renewal } from "../issuance.ts";
import type { Properties, Resource } from "../resource-type.ts";
import type { CertificateRequest } from "../x509/request.ts";

/** What all certificates of a fleet say alike. */
type Common = Pick<CertificateRequest, "crlDistributionPoints" | "caIssuers" | "ocspResponders" | "extensions">;

/** Inputs of `mtls:index:ClientCredentials`, checked; `resources/client-credentials.ts` documents them for users. */
export interface FleetInputs extends Common, Renewal {
  /** By their names: the order in which they were listed means nothing. */
  clients: Record<string, { renewedAt?: string }>;
  subject: Omit<Subject, "commonName">;
  keyAlgorithm: KeyAlgorithm;
  issuerCertPem: string;
  issuerChainPem?: string;
  issuerPrivateKeyPem?: string;
  chainPem: string;
  pkcs12Profile: Pkcs12Profile;
  directory?: string;
}

/** What the state keeps of a fleet, by the clients' names. */
export interface FleetOutputs {
  certificates: Record<string, IssuedCertificate>;
  credentials: Record<string, ClientSecrets>;
}

/** A client as the state has it. */
export interface KnownClient {
  inputs: Properties;
  certificate: IssuedCertificate;
  credentials: ClientSecrets;
}

/** The clients that the state has, by their names; none before the first update. */
export function knownClients({ inputs, outputs }: Resource): Map<string, KnownClient> {
  const { clients } = inputs as unknown as FleetInputs;
  const { certificates = {}, credentials } = outputs as unknown as FleetOutputs;
  return new Map(
    Object.entries(certificates).map(([name, certificate]) => [
      name,
      { inputs: clients[name]!, certificate, credentials: credentials[name]! },
    ]),
  );
}

/** What is in a client's files. */
export function contentsOf({ certPem }: IssuedCertificate, credentials: ClientSecrets, chainPem: string) {
  return { certPem, chainPem: certPem + chainPem, ...credentials };
}

/** What the certificate of a client is to say. */
export function requestFor(name: string, publicKeyPem: string, inputs: FleetInputs): CertificateRequest & Renewal {
  const { subject, crlDistributionPoints, caIssuers, ocspResponders, extensions } = inputs;
  const { notBefore, validityPeriodHours, earlyRenewalHours } = inputs;
  return {
    subject: { ...subject, commonName: name },
    publicKeyPem,
    isCa: false,
    keyUsages: ["digitalSignature"],
    extendedKeyUsages: ["clientAuth"],
    dnsNames: [],
    ipAddresses: [],
    ...{ crlDistributionPoints, caIssuers, ocspResponders, extensions },
    ...{ notBefore, validityPeriodHours, earlyRenewalHours, renewedAt: renewedAt(name, inputs) },
  };
}

/** Path of a client in the inputs, as the engine writes paths. */
export function clientPath(name: string): string {
  return /^\w+$/.test(name) ? `clients.${name}` : `clients["${name}"]`;
}

/** When the renewal of a client's certificate was asked for last: of its own or of all. */
function renewedAt(name: string, { clients, renewedAt }: FleetInputs): string | undefined {
  const moments = [clients[name]?.renewedAt, renewedAt].filter((moment) => moment !== undefined);
  return moments.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}
