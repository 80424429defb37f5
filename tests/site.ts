import { IntermediateCA } from "../components/intermediate-ca.ts";
import type { Issuer } from "../components/issuer.ts";
import { NginxMtlsSite } from "../components/nginx-mtls-site.ts";
import type { NginxMtlsSiteArgs } from "../components/nginx-mtls-site-args.ts";
import { RootCA } from "../components/root-ca.ts";
import { ServerCert } from "../components/server-cert.ts";
import { inspect } from "./mocks.ts";
import { DEV_VIEW } from "./nginx-view.ts";

/** What a site is called. */
export type Names = Pick<ServerCert, "dnsNames" | "ipAddresses">;

/** The names in {@link DEV_VIEW}. */
export const NAMES: Names = { dnsNames: DEV_VIEW.serverNames, ipAddresses: DEV_VIEW.ipAddresses };

/** Declares a site; its server and its clients have their certificates from the same intermediate. */
export function site(args: Partial<NginxMtlsSiteArgs> = {}, names: Partial<Names> = NAMES): NginxMtlsSite {
  const issuer = hierarchy("lab", 1);
  const serverCert = new ServerCert("web", { issuer, ...names, validityPeriodHours: 24 });
  return new NginxMtlsSite("site", { serverCert, clientIssuers: [issuer], directory: "/srv/site", ...args });
}

/** Declares a root with so many intermediates below, one under the other; returns the lowest. */
export function hierarchy(root: string, intermediates: number): Issuer {
  if (intermediates === 0) return new RootCA(root, { subject: { commonName: root }, validityPeriodHours: 1000 });
  const name = `${root}-${intermediates}`;
  return new IntermediateCA(name, {
    issuer: hierarchy(root, intermediates - 1),
    subject: { commonName: name },
    maxPathLength: 10 - intermediates,
    validityPeriodHours: 1000 - intermediates,
  });
}

/** The text of one file that the site publishes. */
export function contentOf(path: string): string {
  const files = inspect("site-files").inputs.files as { value: Record<string, { content: string }> };
  return files.value[path]!.content;
}
