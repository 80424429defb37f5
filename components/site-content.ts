import * as pulumi from "@pulumi/pulumi";

import type { FileArgs } from "../resources/file.ts";
import type { LocationView } from "./access-list.ts";
import { bundleOf, type Issuer, rootOf } from "./issuer.ts";
import { renderNginxConf, type NginxConfView } from "./nginx-conf.ts";
import { renderPages } from "./pages.ts";
import type { ServerCert } from "./server-cert.ts";

/** The files of one version of a site: configuration, certificates and pages. */
export function siteContent(
  view: NginxConfView,
  serverCert: ServerCert,
  clientIssuers: Issuer[],
  crlPem: pulumi.Output<string> | undefined,
  locations: pulumi.Output<LocationView[]>,
): Record<string, FileArgs> {
  // What is wrong in the view is refused here, not when the names are known.
  renderNginxConf(view);
  const paths = Object.keys(renderPages(view));

  const roots = [...new Set(clientIssuers.map(rootOf))];
  const trustAnchors = pulumi.all(roots.map((root) => root.subject?.commonName ?? root.subjectText ?? root.name));
  const pages = pulumi
    .all([trustAnchors, locations])
    .apply(([names, known]) => renderPages({ ...view, trustAnchors: names, locations: known }));
  const nginxConf = locations.apply((known) => renderNginxConf({ ...view, locations: known }));
  return {
    "nginx.conf": { content: nginxConf, mode: "0644" },
    "server.crt": { content: serverCert.chainPem, mode: "0644" },
    "server.key": { content: serverCert.privateKeyPem, mode: "0600" },
    "client-ca.crt": { content: bundleOf(roots), mode: "0644" },
    ...(crlPem ? { "client-ca.crl": { content: crlPem, mode: "0644" } } : {}),
    ...Object.fromEntries(
      paths.map((path) => [`pages/${path}`, { content: pages.apply((texts) => texts[path]!), mode: "0644" }]),
    ),
  };
}
