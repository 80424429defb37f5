import type { IssuerChain } from "../../components/client-chains.ts";
import { block, line, pattern } from "./lines.ts";
import type { Directive } from "./nginx-parser.ts";

/** nginx reads words of 4095 bytes; ours are not longer than this. */
const LONGEST = 4000;

/** What `client-chains.conf` is to say: all of it. */
export function meantChains(chains: IssuerChain[]): Directive[] {
  const told = new Map(chains.filter((chain) => isTold(chain, chains)).map((chain) => [chain.issuer, chain.chainPem]));
  const certificates = [...new Set([...told.values()].flatMap(base64Of))];
  const partsOf = (base64: string) => base64.match(new RegExp(`.{1,${LONGEST}}`, "g"))!;
  const variable = (base64: string, part: number) => `$ca_${certificates.indexOf(base64) + 1}_${part + 1}`;
  const written = (chainPem: string) =>
    base64Of(chainPem)
      .map(
        (base64) =>
          `:${partsOf(base64)
            .map((_, part) => variable(base64, part))
            .join("")}:`,
      )
      .join(", ");
  return [
    ...certificates.flatMap((base64) =>
      partsOf(base64).map((part, index) => block(["map", "", variable(base64, index)], [line("default", part)])),
    ),
    block(
      ["map", "$ssl_client_i_dn", "$chain_of_issuer"],
      [line("default", ""), ...[...told].map(([issuer, pem]) => line(pattern`~^${issuer}$`, written(pem)))],
    ),
  ];
}

/** nginx cannot tell CAs of one name apart, and reads no name that is too long. */
function isTold({ issuer, chainPem }: IssuerChain, chains: IssuerChain[]): boolean {
  const twins = chains.filter((other) => other.issuer === issuer);
  const isShort = longestForm(issuer) <= LONGEST;
  return base64Of(chainPem).length > 0 && isShort && twins.every((twin) => twin.chainPem === chainPem);
}

/** How long a name is where each byte that is not a letter, a digit or harmless takes four. */
function longestForm(name: string): number {
  const harmless = name.match(/[A-Za-z0-9_ ,=@:/-]/g)?.length ?? 0;
  return harmless + 4 * (Buffer.byteLength(name) - harmless);
}

/** Of every certificate in a text. */
function base64Of(chainPem: string): string[] {
  return chainPem.split("-----BEGIN CERTIFICATE-----").flatMap((part) => {
    const [base64, end] = part.split("-----END CERTIFICATE-----");
    return end === undefined || base64!.includes("-") ? [] : [base64!.replaceAll(/\s/g, "")];
  });
}
