/** What the renderers are given: sites and views that are fine, and the same with something hostile in one place. */
import fc from "fast-check";

import type { IssuerChain } from "../../components/client-chains.ts";
import { distinguishedName, lastPartFirst } from "../../components/distinguished-name.ts";
import type { NginxConfView } from "../../components/nginx-conf.ts";
import { hostile, withHostile } from "./hostile.ts";
import { anyCharacter, subject } from "./names.ts";
import { type Site, site, viewOf } from "./sites.ts";

/** One input. `place` is what is hostile in it; undefined: nothing is, and it must be taken. */
export type Input =
  | { of: "site"; value: Site; place: string | undefined }
  | { of: "view"; value: NginxConfView; place: string }
  | { of: "chains"; value: IssuerChain[]; place: string | undefined };

const pem = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .map((der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`);

const longPem = pem.map((text) => text.replace(/\n(?=.)/, `\n${"QUJD".repeat(1500)}`));

const chains: fc.Arbitrary<IssuerChain[]> = fc.array(
  fc.record({
    issuer: fc.oneof(
      subject.map(distinguishedName),
      fc.string({ unit: anyCharacter, minLength: 1 }).map(lastPartFirst),
    ),
    chainPem: fc.array(fc.oneof({ weight: 9, arbitrary: pem }, longPem), { maxLength: 3 }).map((pems) => pems.join("")),
  }),
  { maxLength: 4 },
);

const change = fc.record({ position: fc.nat(), change: hostile });

/** A third of them is fine. */
export const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 6, arbitrary: site.map((value): Input => ({ of: "site", value, place: undefined })) },
  {
    weight: 7,
    arbitrary: fc
      .tuple(site, change)
      .map(([value, { position, change }]): Input => ({ of: "site", ...withHostile(value, position, change) })),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(site, change)
      .map(([value, { position, change }]): Input => ({ of: "view", ...withHostile(viewOf(value), position, change) })),
  },
  { weight: 1, arbitrary: chains.map((value): Input => ({ of: "chains", value, place: undefined })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        chains.filter(({ length }) => length > 0),
        change,
      )
      .map(([value, { position, change }]): Input => ({ of: "chains", ...withHostile(value, position, change) })),
  },
);
