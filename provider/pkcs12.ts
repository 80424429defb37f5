import { createPrivateKey, type KeyObject, randomBytes, randomUUID, type X509Certificate } from "node:crypto";

import { PKCS12_PROFILES, type Pkcs12Profile } from "../rules/pkcs12-profiles.ts";
import { subjectOf } from "./ca-identity.ts";
import { changedProperties, isKnown, type Problem, type Properties, type ResourceType } from "./resource-type.ts";
import { certificatesOf } from "./x509/chain.ts";
import type { Pkcs12Contents } from "./x509/pkcs12.ts";

/** Inputs of `mtls:index:Pkcs12`; `resources/pkcs12.ts` documents them for users. */
type Inputs = Omit<Pkcs12Contents, "password"> & { profile: Pkcs12Profile };

/** Octets of a password: 128 bits, so that the number of rounds it is hashed does not matter. */
const PASSWORD_OCTETS = 16;

/** RFC 2985, appendix A: pkcs-9-ub-friendlyName. */
const MAX_FRIENDLY_NAME = 255;

/**
 * A PKCS#12 file and its password. The salts are random, so it is made once and kept in the state; it is made
 * anew only when what is in it changes. The password stays: people have it in their notes.
 */
export const pkcs12: ResourceType = {
  check(given) {
    const inputs = { ...given, profile: given.profile ?? "modern" };
    return {
      inputs,
      problems: [...profileProblems("profile", inputs.profile), ...nameProblems(inputs), ...pairProblems(inputs)],
    };
  },

  diff: (resource, news) => ({ update: changedProperties(resource.inputs, news), replace: [] }),

  async create(inputs) {
    return { id: randomUUID(), inputs, outputs: await outputsFor(inputs, newPassword()) };
  },

  update: ({ outputs }, news) => outputsFor(news, outputs.password as string),

  previewUpdate: ({ outputs: { password } }) => ({ password }),
};

/** Makes a password. */
export function newPassword(): string {
  return randomBytes(PASSWORD_OCTETS).toString("base64url");
}

async function outputsFor(inputs: Properties, password: string): Promise<Properties> {
  const { pkcs12: build } = await import("./x509/pkcs12.ts");
  const file = build({ ...(inputs as unknown as Inputs), password });
  return { contentBase64: file.toString("base64"), password };
}

/** What is wrong with a profile. */
export function profileProblems(property: string, profile: unknown): Problem[] {
  if (!isKnown(profile) || PKCS12_PROFILES.includes(profile as Pkcs12Profile)) return [];
  return [{ property, reason: `must be one of ${PKCS12_PROFILES.join(", ")}, got '${String(profile)}'` }];
}

function nameProblems({ friendlyName }: Properties): Problem[] {
  const { length } = friendlyName as string;
  if (!isKnown(friendlyName) || (length >= 1 && length <= MAX_FRIENDLY_NAME)) return [];
  return [{ property: "friendlyName", reason: `must have 1 to ${MAX_FRIENDLY_NAME} characters, got ${length}` }];
}

/** What is wrong with the chain, the key, and the two together, as far as they are known. */
function pairProblems({ chainPem, privateKeyPem }: Properties): Problem[] {
  const problems: Problem[] = [];
  const readIfKnown = <T>(property: string, pem: unknown, read: (pem: string) => T): T | undefined => {
    try {
      return isKnown(pem) ? read(pem as string) : undefined;
    } catch (error) {
      problems.push({ property, reason: (error as Error).message });
      return undefined;
    }
  };
  const leaf = readIfKnown("chainPem", chainPem, leafOf);
  const key = readIfKnown("privateKeyPem", privateKeyPem, keyOf);
  if (leaf && key && !leaf.checkPrivateKey(key)) {
    const reason =
      `must begin with the certificate of 'privateKeyPem', got ${subjectOf(leaf)} first: ` +
      "put the leaf first, or give the key that belongs to it";
    problems.push({ property: "chainPem", reason });
  }
  return problems;
}

/** The first certificate of a chain. Throws unless each is issued by the next. */
function leafOf(chainPem: string): X509Certificate {
  const chain = certificatesOf(chainPem);
  const [leaf, ...issuers] = chain;
  if (!leaf) throw new Error("must hold the leaf's certificate in PEM, then its intermediates, got no certificate");
  for (const [position, issuer] of issuers.entries()) {
    const cert = chain[position]!;
    if (cert.checkIssued(issuer) && cert.verify(issuer.publicKey)) continue;
    throw new Error(
      `must have each certificate before its issuer, got ${subjectOf(cert)} before ${subjectOf(issuer)}: ` +
        "put the leaf first, then its intermediates up to the root",
    );
  }
  return leaf;
}

function keyOf(privateKeyPem: string): KeyObject {
  try {
    return createPrivateKey(privateKeyPem);
  } catch {
    throw new Error("must be a private key in PEM that is not encrypted, got none that can be read");
  }
}
