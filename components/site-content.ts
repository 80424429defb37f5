import * as pulumi from "@pulumi/pulumi";

import type { FileArgs } from "../resources/file.ts";
import type { LocationView } from "./access-list.ts";
import { issuerChains, renderClientChains } from "./client-chains.ts";
import { bundleOf, type Issuer, rootOf } from "./issuer.ts";
import { renderNginxConf, type NginxConfView } from "./nginx-conf.ts";
import { renderPages } from "./pages.ts";
import { refusing } from "./refusal.ts";
import type { ServerCert } from "./server-cert.ts";
import type { Upstream } from "./upstream.ts";
import { upstreamFolder } from "./upstream-tags.ts";

/**
 * The files of one version of a site: configuration, certificates and pages.
 *
 * @param site in whose name they are refused.
 * @param upstreams those of the view's locations, in their order.
 */
export function siteContent(
  site: pulumi.Resource,
  view: NginxConfView,
  serverCert: ServerCert,
  clientIssuers: Issuer[],
  crlPem: pulumi.Output<string> | undefined,
  locations: pulumi.Output<LocationView[]>,
  upstreams: readonly Upstream[],
): Record<string, FileArgs> {
  // What is wrong in the view is refused here, not when all names are known.
  renderNginxConf(view);
  const paths = Object.keys(renderPages(view));

  const roots = [...new Set(clientIssuers.map(rootOf))];
  const trustAnchors = pulumi.all(roots.map((root) => root.subject?.commonName ?? root.subjectText ?? root.name));
  const pages = pulumi
    .all([trustAnchors, locations])
    .apply(([names, known]) => refusing(site, () => renderPages({ ...view, trustAnchors: names, locations: known })));
  const nginxConf = locations.apply((known) => refusing(site, () => renderNginxConf({ ...view, locations: known })));
  return {
    "nginx.conf": { content: nginxConf, mode: "0644" },
    "server.crt": { content: serverCert.chainPem, mode: "0644" },
    "server.key": { content: serverCert.privateKeyPem, mode: "0600" },
    "client-ca.crt": { content: bundleOf(roots), mode: "0644" },
    ...(crlPem ? { "client-ca.crl": { content: crlPem, mode: "0644" } } : {}),
    ...(upstreams.length > 0
      ? { "client-chains.conf": { content: clientChains(site, clientIssuers), mode: "0644" } }
      : {}),
    ...(Object.assign({}, ...upstreams.map(upstreamFiles)) as Record<string, FileArgs>),
    ...Object.fromEntries(
      paths.map((path) => [`pages/${path}`, { content: pages.apply((texts) => texts[path]!), mode: "0644" }]),
    ),
  };
}

function clientChains(site: pulumi.Resource, clientIssuers: Issuer[]): pulumi.Output<string> {
  return issuerChains(clientIssuers).apply((chains) => refusing(site, () => renderClientChains(chains)));
}

/** What nginx needs to speak TLS to a service. */
function upstreamFiles({ caCertificates, clientCert }: Upstream, index: number): Record<string, FileArgs> {
  const folder = upstreamFolder(index);
  const files: Record<string, FileArgs> = {};
  if (caCertificates !== undefined) {
    const roots = Array.isArray(caCertificates) ? bundleOf([...new Set(caCertificates.map(rootOf))]) : caCertificates;
    files[`${folder}/ca.crt`] = { content: roots, mode: "0644" };
  }
  if (clientCert) {
    files[`${folder}/client.crt`] = { content: clientCert.chainPem, mode: "0644" };
    files[`${folder}/client.key`] = { content: clientCert.privateKeyPem, mode: "0600" };
  }
  return files;
}
