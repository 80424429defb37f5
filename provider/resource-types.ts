import { caCertificate } from "./ca-certificate.ts";
import { certificate } from "./certificate.ts";
import { certificateRequest } from "./certificate-request.ts";
import { clientCredentials } from "./client-credentials.ts";
import { credentialFiles } from "./credential-files.ts";
import { dockerNetwork } from "./docker-network.ts";
import { pkcs12 } from "./pkcs12.ts";
import { revocationList } from "./revocation-list.ts";
import type { ResourceType } from "./resource-type.ts";
import { siteFiles } from "./site-files.ts";
import { siteReload } from "./site-reload.ts";
import { siteRollout } from "./site-rollout.ts";
import { siteUpload } from "./site-upload.ts";

/** Every resource type of the plugin by its token. */
export const resourceTypes: Record<string, ResourceType> = {
  "mtls:index:CaCertificate": caCertificate,
  "mtls:index:Certificate": certificate,
  "mtls:index:CertificateRequest": certificateRequest,
  "mtls:index:ClientCredentials": clientCredentials,
  "mtls:index:CredentialFiles": credentialFiles,
  "mtls:index:DockerNetwork": dockerNetwork,
  "mtls:index:Pkcs12": pkcs12,
  "mtls:index:RevocationList": revocationList,
  "mtls:index:SiteFiles": siteFiles,
  "mtls:index:SiteReload": siteReload,
  "mtls:index:SiteRollout": siteRollout,
  "mtls:index:SiteUpload": siteUpload,
};
