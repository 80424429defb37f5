import { clientNameProblems } from "../../rules/client-names.ts";
import { KEY_ALGORITHMS } from "../../rules/key-algorithms.ts";
import { pemCertificates } from "../../rules/pem.ts";
import { ownProblems, renewedAtProblems } from "../certificate-check.ts";
import { publicationProblems } from "../files.ts";
import { isSameCa } from "../ca-identity.ts";
import { issuerProblems, nameProblems } from "../issuer-check.ts";
import { certificateProblem } from "../pem.ts";
import { profileProblems } from "../pkcs12.ts";
import { isKnown, type Problem, type Properties } from "../resource-type.ts";
import { clientPath, type FleetInputs, requestFor } from "./inputs.ts";

/** A client as it was given. */
interface Given {
  /** Of the name. */
  path: string;
  name: string;
  /** What is said of this client beside its name. */
  own: { renewedAt?: string };
}

/** In place of a client's name where problems of all of them are looked for: nothing can be wrong with it. */
const ANY = "client";

/** The clients by their names; what is not known yet stays as it is. */
export function byName(clients: unknown): unknown {
  const given = givenIn(clients);
  if (!isKnown(clients) || !given.every(({ name }) => isKnown(name))) return clients;
  return Object.fromEntries(given.map(({ name, own }) => [name, own]));
}

/** Everything that is wrong with a fleet's inputs by themselves. */
export function fleetProblems(given: Properties): Problem[] {
  const inputs = given as unknown as FleetInputs;
  const { keyAlgorithm, pkcs12Profile, directory, chainPem, issuerCertPem } = inputs;
  return [
    ...clientProblems(givenIn(given.clients)),
    ...(!isKnown(keyAlgorithm) || KEY_ALGORITHMS.includes(keyAlgorithm)
      ? []
      : [{ property: "keyAlgorithm", reason: `must be one of ${KEY_ALGORITHMS.join(", ")}, got '${keyAlgorithm}'` }]),
    ...ownProblems({ ...requestFor(ANY, "", { ...inputs, clients: {} }) }),
    ...chainProblems(chainPem, issuerCertPem),
    ...profileProblems("pkcs12Profile", pkcs12Profile),
    ...(directory === undefined ? [] : publicationProblems({ directory, files: {} })),
  ];
}

/** Everything for which the issuer cannot sign such certificates, as far as it is known. */
export async function fleetIssuerProblems(given: Properties): Promise<Problem[]> {
  const inputs = given as unknown as FleetInputs;
  const { issuerCertPem, issuerChainPem, issuerPrivateKeyPem } = inputs;
  const request = requestFor(ANY, "", { ...inputs, clients: {} });
  const problems = await issuerProblems({ ...request, issuerCertPem, issuerChainPem, issuerPrivateKeyPem });
  if (problems.length > 0 || !isKnown(issuerCertPem)) return problems;

  const { caFactsOf } = await import("../x509/ca-facts.ts");
  const cas = [issuerCertPem, ...pemCertificates(issuerChainPem ?? "")].map(caFactsOf);
  return givenIn(given.clients).flatMap(({ path, name }) =>
    nameProblems(cas, { ...request, subject: { commonName: name } }).map(({ reason }) => ({
      property: path,
      reason,
    })),
  );
}

function clientProblems(clients: Given[]): Problem[] {
  const wrong = clientNameProblems(clients.map(({ name }) => name));
  return [
    ...wrong
      .filter(([position]) => isKnown(clients[position]!.name))
      .map(([position, reason]) => ({ property: clients[position]!.path, reason })),
    ...clients.flatMap(({ path, own }) => renewedAtProblems(`${path.replace(/\.name$/, "")}.renewedAt`, own.renewedAt)),
  ];
}

function chainProblems(chainPem: string, issuerCertPem: string): Problem[] {
  if (!isKnown(chainPem) || chainPem === "") return [];
  const reason = certificateProblem(chainPem);
  if (reason) return [{ property: "chainPem", reason }];
  if (!isKnown(issuerCertPem) || isSameCa(chainPem, issuerCertPem)) return []; // or the one by which an older root vouches for it
  return [{ property: "chainPem", reason: "must begin with 'issuerCertPem', or be empty where a root signs" }];
}

/** A list of names or of more than names, as users write it; or by name, as the state has it. Unknown: none. */
function givenIn(clients: unknown): Given[] {
  if (Array.isArray(clients)) {
    return clients.map((client: string | { name: string; renewedAt?: string }, position) => {
      if (typeof client === "string") return { path: `clients[${position}]`, name: client, own: {} };
      const { name, ...own } = client;
      return { path: `clients[${position}].name`, name, own };
    });
  }
  if (!isKnown(clients)) return [];
  return Object.entries(clients as FleetInputs["clients"]).map(([name, own]) => ({
    path: clientPath(name),
    name,
    own,
  }));
}
