/** Sites as `NginxMtlsSite` takes them, all of them fine. */
import fc from "fast-check";

import type { AccessRule, Client } from "../../components/access-rule.ts";
import { distinguishedName, lastPartFirst } from "../../components/distinguished-name.ts";
import type { Issuer } from "../../components/issuer.ts";
import type { NginxConfView } from "../../components/nginx-conf.ts";
import { named, type SiteLocation, siteLocations } from "../../components/site-location.ts";
import { OPEN_FILES } from "../../rules/container-limits.ts";
import { sitePath as withoutSlash } from "../../rules/site-paths.ts";
import { TLS_POLICIES } from "../../rules/tls-policies.ts";
import { VERIFY_CLIENT_MODES } from "../../rules/verify-client.ts";
import { dnsName, ipAddress, serverName, sitePath, subject } from "./names.ts";
import { upstream } from "./upstreams.ts";

/** A site has at most so many. */
export const MAX_LOCATIONS = 4;

/** A CA as far as a site looks at it. */
export interface Ca {
  name: string;
  subject?: Issuer["subject"];
  /** What the certificate of one that was made elsewhere says. */
  subjectText?: string;
  issuer?: Ca;
}

/** What a site is made from. */
export interface Site extends Omit<NginxConfView, "locations"> {
  locations: SiteLocation[];
  clientIssuers: Ca[];
}

/** The name of a CA, as nginx has it. */
function nameOf({ subject, subjectText }: Ca): string {
  return subject ? distinguishedName(subject) : lastPartFirst(subjectText!);
}

/** What nginx.conf is made from. Throws what `NginxMtlsSite` refuses. */
export function viewOf({ clientIssuers, ...site }: Site): NginxConfView {
  const locations = siteLocations(site.locations, clientIssuers as unknown as Issuer[], site.verifyClient);
  return { ...site, locations: named(locations, (ca) => nameOf(ca as unknown as Ca)) };
}

const ports = fc.uniqueArray(
  fc.integer({ min: 1, max: 65_535 }).filter((port) => port !== 8081),
  {
    minLength: 2,
    maxLength: 2,
  },
);

const names = fc
  .tuple(fc.array(serverName, { maxLength: 4 }), fc.array(ipAddress, { maxLength: 3 }))
  .filter(([serverNames, addresses]) => serverNames.length + addresses.length > 0);

/** One to three CAs below roots of their own, which all have other names. */
const cas: fc.Arbitrary<Ca[]> = fc
  .uniqueArray(
    fc.oneof(
      subject.map((known) => ({ subject: known })),
      subject.map((known) => ({
        subjectText: Object.entries(known)
          .map(([type, value]) => `${type}=${value}`)
          .join(", "),
      })),
    ),
    { minLength: 2, maxLength: 6, selector: nameOf as never },
  )
  .map((found) => {
    const [roots, others] = [found.filter((_, index) => index % 2 === 0), found.filter((_, index) => index % 2 === 1)];
    return others.map((ca, index) => ({
      name: `ca-${index}`,
      ...ca,
      issuer: { name: `root-${index}`, ...roots[index]! },
    }));
  });

const client = (issuers: Ca[]): fc.Arbitrary<Client> =>
  fc.record({
    issuer: fc.constantFrom(...issuers) as unknown as fc.Arbitrary<Issuer>,
    subject,
    subjectAltNames: fc.array(
      dnsName.map((name) => `DNS:${name}` as const),
      { maxLength: 2 },
    ),
  });

const hexadecimal = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString("hex"));

function rule(issuers: Ca[], clients: Client[]): fc.Arbitrary<AccessRule> {
  const issuer = fc.constantFrom(...issuers) as unknown as fc.Arbitrary<Issuer>;
  const sans = clients.flatMap(({ subjectAltNames = [] }) => subjectAltNames);
  // Not all need to say whose certificates they mean, where there is one CA only.
  const ofIssuer = { requiredKeys: issuers.length === 1 ? [] : ["issuer"] } as { requiredKeys: never[] };
  const certificate = (key: object) =>
    fc.tuple(fc.record(key), fc.record({ issuer }, ofIssuer)).map((parts) => Object.assign({}, ...parts) as AccessRule);
  return fc.oneof(
    fc.constant({ everybody: true } as const),
    fc.record({ client: fc.constantFrom(...clients) }),
    fc.record({ group: fc.subarray(clients) }),
    ...(sans.length > 0 ? [fc.record({ san: fc.constantFrom(...sans), among: fc.constant(clients) })] : []),
    fc.record({ issuer }),
    certificate({ subject: subject.map(distinguishedName) }),
    certificate({ serialNumber: fc.integer({ min: 1, max: 20 }).chain(hexadecimal) }),
    hexadecimal(20).map((fingerprintSha1) => ({ fingerprintSha1 })),
  );
}

const location = (issuers: Ca[], clients: Client[]): fc.Arbitrary<SiteLocation> =>
  fc
    .record(
      { path: sitePath, allow: fc.array(rule(issuers, clients), { maxLength: 3 }), upstream },
      { requiredKeys: ["path"] },
    )
    .map(({ upstream, ...place }) =>
      upstream && withoutSlash(place.path) !== "/whoami" ? { ...place, upstream } : place,
    );

/** Every kind of site. */
export const site: fc.Arbitrary<Site> = cas
  .chain((clientIssuers) =>
    fc.tuple(fc.constant(clientIssuers), fc.array(client(clientIssuers), { minLength: 1, maxLength: 3 })),
  )
  .chain(([clientIssuers, clients]) =>
    fc.record({
      names,
      ports,
      publicHttpsPort: fc.oneof(fc.constant(443), fc.integer({ min: 1, max: 65_535 })),
      verifyClient: fc.constantFrom(...VERIFY_CLIENT_MODES),
      verifyDepth: fc.integer({ min: 0, max: 100 }),
      checksRevocation: fc.boolean(),
      tlsPolicy: fc.constantFrom(...TLS_POLICIES),
      http2: fc.boolean(),
      openFiles: fc.option(fc.integer(OPEN_FILES), { nil: undefined }),
      locations: fc.uniqueArray(location(clientIssuers, clients), {
        maxLength: MAX_LOCATIONS,
        selector: ({ path }) => withoutSlash(path),
      }),
      clientIssuers: fc.constant(clientIssuers),
    }),
  )
  .map(({ names: [serverNames, ipAddresses], ports: [httpPort, httpsPort], locations, ...others }) => ({
    serverNames,
    ipAddresses,
    httpPort: httpPort!,
    httpsPort: httpsPort!,
    ...others,
    // Nobody can be let in where nobody is asked who he is.
    locations: others.verifyClient === "off" ? locations.map(({ allow: _, ...place }) => place) : locations,
  }));
