export * from "./certificate.ts";
export * from "./credential-files.ts";
export * from "./file.ts";
export * from "./pkcs12.ts";
export * from "./revocation-list.ts";
export * from "./site-files.ts";
export * from "./site-reload.ts";
export * from "./subject.ts";
