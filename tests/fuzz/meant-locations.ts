import { isIP } from "node:net";

import type { CertificateMatch, LocationView } from "../../components/access-list.ts";
import type { NginxConfView } from "../../components/nginx-conf.ts";
import { block, line } from "./lines.ts";
import type { Directive } from "./nginx-parser.ts";

/** A service as nginx is to ask it. */
interface Service {
  settings: NonNullable<LocationView["upstream"]>;
  /** Where it is declared. */
  path: string;
  scheme: string;
  host: string;
  address: string;
  /** The path in its url. */
  replacement: string | undefined;
  /** Its name as an upstream of nginx. Undefined: looked up by its own. */
  group: string | undefined;
  folder: string;
}

/** What the locations of a view mean. */
export class MeantLocations {
  /** Who is let in: one list for all places that let in the same. */
  readonly lists: CertificateMatch[][];
  private readonly view: NginxConfView;
  private readonly locations: LocationView[];
  private readonly serviceAt: Map<string, Service>;

  constructor(view: NginxConfView) {
    this.view = view;
    this.locations = view.locations ?? [];
    const lists = this.locations.flatMap(({ allow }) => (allow ? [JSON.stringify(allow)] : []));
    this.lists = [...new Set(lists)].map((text) => JSON.parse(text) as CertificateMatch[]);
    const declared = this.locations.filter(({ upstream }) => upstream);
    this.serviceAt = new Map(declared.map((location, index) => [location.path, serviceOf(location, index + 1)]));
  }

  /** What holds for all services. */
  services(): Directive[] {
    const services = [...this.serviceAt.values()];
    if (services.length === 0) return [];
    return [
      line("proxy_set_header", "X-Forwarded-Host", this.host),
      line("proxy_set_header", "X-Forwarded-Port", `${this.view.publicHttpsPort}`),
      ...(services.every(({ group }) => group !== undefined)
        ? []
        : [line("resolver", "127.0.0.11", "valid=10s", "ipv6=off"), line("resolver_timeout", "5s")]),
      ...services.flatMap(({ group, address, settings: { keepAlive = 16 } }) => {
        if (group === undefined) return [];
        const kept = keepAlive > 0 ? [line("keepalive", `${keepAlive}`), line("keepalive_timeout", "4s")] : [];
        return [block(["upstream", group], [line("server", address), ...kept])];
      }),
    ];
  }

  /** The locations of the site: its own, those that are declared with the longest first, and all that is left. */
  directives(): Directive[] {
    const paths = this.locations.map(({ path }) => path).filter((path) => path !== "/");
    const ofSite = [line("ssi", "on"), line("try_files", "/index.html", "=404")];
    const root = this.service("/");
    return [
      ...(root ? [] : [block(["location", "=", "/"], [...this.access("/"), ...ofSite])]),
      block(["location", "=", "/whoami"], this.access("/whoami")),
      ...paths
        .toSorted((a, b) => b.length - a.length)
        .map((path) =>
          block(
            ["location", "~", String.raw`^\Q${path}\E(?:/|$)`],
            [...this.access(path), ...(this.service(path) ? this.proxy(path) : ofSite)],
          ),
        ),
      block(["location", "/"], [...this.access("/"), ...(root ? this.proxy("/") : [line("return", "404")])]),
    ];
  }

  private access(path: string): Directive[] {
    const allow = above(path).flatMap((place) => this.locations.find((location) => location.path === place) ?? [])[0]
      ?.allow;
    if (!allow) return [];
    const number = 1 + this.lists.findIndex((list) => JSON.stringify(list) === JSON.stringify(allow));
    return [line("set", "$access_list", `${number}`), block(["if", `$refused_${number}`], [line("return", "403")])];
  }

  private service(path: string): Service | undefined {
    return above(path).flatMap((place) => this.serviceAt.get(place) ?? [])[0];
  }

  private proxy(path: string): Directive[] {
    const { settings, scheme, address, replacement, group, folder, ...service } = this.service(path)!;
    const [from, to] = replacement === undefined ? ["/", "/"] : [withSlash(service.path), withSlash(replacement)];
    const isWithoutSlash = replacement !== undefined && path === service.path && path !== "/";
    const { serverName = service.host, hasClientCert, timeoutSeconds = 60, maxBodySize = "16m" } = settings;
    const ownCertificate = [
      line("proxy_ssl_certificate", `${folder}/client.crt`),
      line("proxy_ssl_certificate_key", `${folder}/client.key`),
    ];
    return [
      block(["if", "$client_cert_is_too_large"], [line("return", "431")]),
      ...(isWithoutSlash ? [block(["if", "$uri", "=", path], [line("return", "308", `${path}/$is_args$args`)])] : []),
      line("set", "$upstream_host", settings.host ?? this.host),
      line("set", "$web_socket", settings.webSocket === false ? "off" : "on"),
      ...(group === undefined ? [line("set", "$upstream", address)] : []),
      line("rewrite", String.raw`(?s)^\Q${from}\E(.*)$`, `${to}$1`, "break"),
      line("proxy_pass", `${scheme}://${group ?? "$upstream"}`),
      line("proxy_redirect", `${scheme}://${address}${to}`, from),
      ...(replacement === undefined
        ? []
        : [
            line("proxy_redirect", `$scheme://${this.host}${to}`, from),
            line("proxy_redirect", to, from),
            line("proxy_cookie_path", to, from),
          ]),
      ...(scheme === "http"
        ? []
        : [
            line("proxy_ssl_verify", "on"),
            line("proxy_ssl_trusted_certificate", `${folder}/ca.crt`),
            line("proxy_ssl_name", serverName),
            ...(hasClientCert ? ownCertificate : []),
          ]),
      line("proxy_send_timeout", `${timeoutSeconds}s`),
      line("proxy_read_timeout", `${timeoutSeconds}s`),
      line("client_max_body_size", maxBodySize),
      line("add_header", "Cache-Control", ""),
      line("charset", "off"),
    ];
  }

  /** The site's own name and port, as the client has asked for it. */
  private get host(): string {
    return this.view.publicHttpsPort === 443 ? "$host" : `$host:${this.view.publicHttpsPort}`;
  }
}

function serviceOf({ path, upstream }: LocationView, number: number): Service {
  const settings = upstream!;
  const [, scheme, given, port, replacement] = /^(https?):\/\/(.*?)(?::(\d+))?(\/.*)?$/.exec(settings.url)!;
  const host = given!.startsWith("[") ? new URL(`http://${given}`).hostname : given!;
  const isKnown =
    isIP(host.replace(/[[\]]/g, "")) > 0 || host === "host.docker.internal" || (settings.keepAlive ?? 0) > 0;
  return {
    settings,
    path,
    scheme: scheme!,
    host,
    address: `${host}:${Number(port ?? (scheme === "http" ? 80 : 443))}`,
    replacement,
    group: isKnown ? `upstream_${number}` : undefined,
    folder: `upstreams/${number}`,
  };
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

/** A path and those above it, from the nearest to the root. */
function above(path: string): string[] {
  const segments = path.split("/");
  return segments.map((_, index) => segments.slice(0, segments.length - index).join("/") || "/");
}
