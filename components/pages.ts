import { createHash } from "node:crypto";

import { accessLists, described } from "./access-list.ts";
import type { NginxConfView } from "./nginx-conf.ts";
import { mainHost, siteNames } from "./site-names.ts";
import { renderStrict } from "./strict-mustache.ts";
import { readTemplate } from "./template-files.ts";
import { MAX_CERTIFICATE_BYTES } from "./upstream-tags.ts";

/** What the pages are made from; the view of nginx.conf has all that must be there. */
export interface PagesView extends Pick<
  NginxConfView,
  "serverNames" | "ipAddresses" | "publicHttpsPort" | "verifyClient" | "verifyDepth" | "locations"
> {
  /**
   * Common names of the CAs in client-ca.crt.
   *
   * @default - the pages speak of the file
   */
  trustAnchors?: string[];
}

const PAGES = ["index.html", "errors/403.html", "errors/495.html", "errors/496.html", "errors/497.html"];
const UPSTREAM_PAGES = ["errors/431.html", "errors/502.html", "errors/504.html"];
/** Of how many who are let in the page for 403 tells: of each list, and in all. */
const MAX_ALLOWED = { each: 20, all: 1000 };
/** nginx reads the whole page for each who is refused. */
const MAX_BYTES = 1_000_000;
const STYLES = ["page.css", "landing.css"];

/**
 * Renders the pages: the landing page, and one for each way in which a request is refused for who sends it or for its TLS. With
 * upstreams also those for what nginx cannot hand on.
 *
 * What they say of the client is filled in by nginx (SSI), so the same view gives the same pages.
 *
 * @returns text by path below `pages/`
 * @throws Error in one sentence, if a name or an address is not one, or if a page had more than 1 MB.
 */
export function renderPages(view: PagesView): Record<string, string> {
  const host = mainHost(siteNames(view.serverNames, view.ipAddresses));
  const publicPort = view.publicHttpsPort !== 443 && view.publicHttpsPort;
  const lists = accessLists(view.locations ?? []);
  const told = Math.max(1, Math.min(MAX_ALLOWED.each, Math.floor(MAX_ALLOWED.all / lists.length)));
  const values = {
    host,
    origin: `https://${host}${publicPort === false ? "" : `:${publicPort}`}`,
    publicPort,
    asksForCertificate: view.verifyClient !== "off",
    verifyClient: view.verifyClient,
    verifyDepth: view.verifyDepth,
    trustAnchors: view.trustAnchors ?? [],
    accessLists: lists.map(({ number, allowed }) => ({
      number,
      allowed: allowed.slice(0, told).map(described),
      more: allowed.length > told && allowed.length - told,
    })),
    maxCertificateBytes: MAX_CERTIFICATE_BYTES,
  };
  const paths = [...PAGES, ...(view.locations?.some(({ upstream }) => upstream) ? UPSTREAM_PAGES : [])];
  const partials = styles();
  return Object.fromEntries(
    paths.map((path) => {
      const file = `pages/${path}.mustache`;
      const html = renderStrict({ file, text: readTemplate(file), partials, escape: escapeHtml }, values);
      checkSize(path, html);
      return [path, html];
    }),
  );
}

function checkSize(path: string, html: string): void {
  const bytes = Buffer.byteLength(html);
  if (bytes <= MAX_BYTES) return;
  throw new Error(
    `the page ${path} would have ${bytes} bytes, and nginx reads all of it for each visitor, so ${MAX_BYTES} is the most: ` +
      "let 'locations' have fewer different 'allow', or give the CAs of 'clientIssuers' shorter names",
  );
}

/** SHA-256 of each style sheet in the pages, base64: the content security policy allows these and no others. */
export function styleHashes(): string[] {
  return Object.values(styles()).map((css) => createHash("sha256").update(css).digest("base64"));
}

// Not Mustache's own, which also turns "/" into an entity: these pages are read in terminals, too.
function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// On one line each, so that who reads a page in a terminal soon comes to its text.
function styles(): Record<string, string> {
  return Object.fromEntries(STYLES.map((name) => [name, readTemplate(`pages/${name}`).replaceAll("\n", "")]));
}
