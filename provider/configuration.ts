import { isKnown, type Properties } from "./resource-type.ts";

/** What `resources/provider.ts` documents for users, each by the variable that Docker's clients read. */
const VARIABLES = { dockerHost: "DOCKER_HOST", dockerCertPath: "DOCKER_CERT_PATH" };

/** Takes the configuration of the plugin's process: the engine starts one for each provider of a program. */
export function configure(args: Properties, env = process.env): void {
  for (const [property, variable] of Object.entries(VARIABLES)) {
    const value = args[property];
    if (typeof value === "string" && isKnown(value)) env[variable] = value;
  }
  if (args.dockerCertPath !== undefined) env.DOCKER_TLS_VERIFY = "1";
}
