import { renderStrict } from "../../components/strict-mustache.ts";
import { readTemplate } from "../../components/template-files.ts";
import { Failure } from "../../toolchain/failure.ts";
import { shellWord } from "../../toolchain/shell-word.ts";
import { authority, inUrl, siteAddress, siteUrl } from "../site-url.ts";
import type { Given } from "./formats.ts";

const PATH = "/whoami";

/** How a value is written in a language other than those that take JSON's way. */
const LITERALS: Record<string, typeof shellWord> = { curl: shellWord, httpie: shellWord };

/** A program that asks the site who its client is: `templates/snippets/<file>.mustache` with the client's files. */
export function snippet(file: string, { stack, credentials }: Given): string {
  const { domain, httpsPort } = stack.config;
  const address = siteAddress(stack.config);
  if (file === "httpie") requireNamedAddress(stack.config.ipAddresses, address, stack.name);
  const values: Record<string, string | number> = {
    ...credentials,
    url: siteUrl(stack.config, PATH),
    path: PATH,
    serverName: domain,
    host: authority(domain, httpsPort),
    address,
    urlAddress: inUrl(address),
    port: httpsPort,
    endpoint: `${inUrl(address)}:${httpsPort}`,
    addressUrl: `https://${authority(address, httpsPort)}${PATH}`,
  };
  const literal = LITERALS[file] ?? JSON.stringify;
  const literals = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, literal(value)]));
  const template = { file: `snippets/${file}.mustache`, text: readTemplate(`snippets/${file}.mustache`) };
  return renderStrict({ ...template, escape: (value) => value }, literals);
}

/** HTTPie cannot connect to one place and ask for another, so the certificate must name the address. */
function requireNamedAddress(named: string[], address: string, stack: string): void {
  if (named.map(inUrl).includes(inUrl(address))) return;
  throw new Failure(
    `HTTPie can only ask for the address ${address}, which the server's certificate does not name: ` +
      `add it to mtls-lab:ipAddresses in Pulumi.${stack}.yaml, or take curl`,
  );
}
