/**
 * What a view means, said without the templates: the directives that depend on it, in their order. All others are the same in
 * every nginx.conf, and those of `tests/templates/cases`.
 */
import type { CertificateMatch } from "../../components/access-list.ts";
import type { NginxConfView } from "../../components/nginx-conf.ts";
import { tlsPolicy } from "../../components/tls-policy.ts";
import { block, line, pattern } from "./lines.ts";
import { MeantLocations } from "./meant-locations.ts";
import type { Directive } from "./nginx-parser.ts";

/** The directives of nginx.conf that depend on the view. */
export function meant(view: NginxConfView): Directive[] {
  const locations = new MeantLocations(view);
  const addresses = [...new Set(view.ipAddresses.map(urlHost))];
  return [
    ...(view.openFiles === undefined ? [] : [line("worker_rlimit_nofile", `${view.openFiles}`)]),
    block(
      ["http"],
      [
        ...policyOf(view),
        block(
          ["map", "$scheme://$ssl_server_name/$host", "$misdirected"],
          addresses.map((address) => line(`https:///${address}`, "")),
        ),
        ...locations.services(),
        ...servers(view, addresses, locations),
        ...locations.lists.map((list, index) => accessMap(list, index + 1)),
      ],
    ),
  ];
}

function policyOf(view: NginxConfView): Directive[] {
  const { protocols, ciphers, curves } = tlsPolicy(view.tlsPolicy);
  return [
    line("ssl_protocols", ...protocols),
    ...(ciphers.length > 0 ? [line("ssl_ciphers", ciphers.join(":"))] : []),
    ...(curves.length > 0 ? [line("ssl_ecdh_curve", curves.join(":"))] : []),
  ];
}

/** That of the health check, two for plain HTTP, the site, and one for names that are not its own. */
function servers(view: NginxConfView, addresses: string[], locations: MeantLocations): Directive[] {
  const names = [...new Set(view.serverNames.map((name) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())))];
  const wildcards = names.filter((name) => name.startsWith("*."));
  const serverName = line(
    "server_name",
    ...names.filter((name) => !name.startsWith("*.")),
    ...addresses,
    ...wildcards.map((name) => String.raw`~^[\w-]+\.\Q${name.slice(2)}\E$`),
  );
  const http2 = view.http2 ? ["http2"] : [];
  const [ofSite, ofOthers] = addresses.length > 0 ? [["default_server"], []] : [[], ["default_server"]];
  const port = view.publicHttpsPort === 443 ? "" : `:${view.publicHttpsPort}`;
  return [
    block(["server"], [line("listen", "127.0.0.1:8081")]),
    block(["server"], [line("listen", `${view.httpPort}`, "default_server"), line("return", "421")]),
    block(
      ["server"],
      [line("listen", `${view.httpPort}`), serverName, line("return", "301", `https://$host${port}$request_uri`)],
    ),
    block(
      ["server"],
      [
        line("listen", `${view.httpsPort}`, "ssl", ...http2, ...ofSite),
        serverName,
        ...clientCertificates(view),
        ...locations.directives(),
      ],
    ),
    block(
      ["server"],
      [line("listen", `${view.httpsPort}`, "ssl", ...http2, ...ofOthers), line("ssl_reject_handshake", "on")],
    ),
  ];
}

function clientCertificates({ verifyClient, verifyDepth, checksRevocation }: NginxConfView): Directive[] {
  if (verifyClient === "off") return [];
  return [
    line("ssl_client_certificate", "client-ca.crt"),
    line("ssl_verify_client", verifyClient),
    line("ssl_verify_depth", `${verifyDepth}`),
    ...(checksRevocation ? [line("ssl_crl", "client-ca.crl")] : []),
  ];
}

/** Who is let in by a list, as patterns of the client's verification, issuer, subject, serial number and fingerprint. */
function accessMap(list: CertificateMatch[], number: number): Directive {
  const patterns = [
    ...list.map((match) => "subject" in match && pattern`~^SUCCESS;${match.issuer};${match.subject};`),
    ...list.map(
      (match) => "serialNumber" in match && pattern`~^SUCCESS;${match.issuer};.*;${match.serialNumber};[^;]*$`,
    ),
    ...list.map(
      (match) => Object.keys(match).join() === "issuer" && "issuer" in match && pattern`~^SUCCESS;${match.issuer};`,
    ),
    ...list.map((match) => "fingerprintSha1" in match && pattern`~^SUCCESS;.*;${match.fingerprintSha1}$`),
  ].filter((found) => found !== false);
  const client = "$ssl_client_verify;$ssl_client_i_dn;$ssl_client_s_dn;$ssl_client_serial;$ssl_client_fingerprint";
  return block(["map", client, `$refused_${number}`], [line("default", "1"), ...patterns.map((one) => line(one, ""))]);
}

function urlHost(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]`).hostname : address;
}
