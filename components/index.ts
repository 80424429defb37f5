export * from "./client-cert.ts";
export * from "./intermediate-ca.ts";
export * from "./issuer.ts";
export * from "./key-algorithm.ts";
export type { LeafCert, LeafCertArgs } from "./leaf-cert.ts";
export * from "./nginx-mtls-site.ts";
export { RootCA, type RootCAArgs } from "./root-ca.ts";
export * from "./server-cert.ts";
export type { Subject } from "../resources/subject.ts";
