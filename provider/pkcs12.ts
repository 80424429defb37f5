import { createHash, randomBytes } from "node:crypto";

import { changedProperties, type ResourceType } from "./resource-type.ts";
import type { Pkcs12Contents } from "./x509/pkcs12.ts";

/** Octets of a password: 128 bits, so that the number of PBKDF2 rounds does not matter. */
const PASSWORD_OCTETS = 16;

/**
 * A PKCS#12 file and its password. The salts are random, so it is made once and kept in the state; it is made
 * anew only when what is in it changes.
 */
export const pkcs12: ResourceType = {
  check: (inputs) => ({ inputs, problems: [] }),
  diff: (resource, news) => ({ update: [], replace: changedProperties(resource.inputs, news) }),

  async create(inputs) {
    const { pkcs12: build } = await import("./x509/pkcs12.ts");
    const password = randomBytes(PASSWORD_OCTETS).toString("base64url");
    const file = await build({ ...(inputs as unknown as Omit<Pkcs12Contents, "password">), password });
    const id = createHash("sha256").update(file).digest("hex").slice(0, 32);
    return { id, inputs, outputs: { contentBase64: file.toString("base64"), password } };
  },
};
