import { expect, it } from "@jest/globals";

import { configure } from "../../provider/configuration.ts";
import { UNKNOWN } from "./resources.ts";

it.each([
  [{}, {}],
  [{ dockerHost: "tcp://192.0.2.7:2375" }, { DOCKER_HOST: "tcp://192.0.2.7:2375" }],
  [
    { dockerHost: "tcp://192.0.2.7:2376", dockerCertPath: "/keys" },
    { DOCKER_HOST: "tcp://192.0.2.7:2376", DOCKER_CERT_PATH: "/keys", DOCKER_TLS_VERIFY: "1" },
  ],
  [{ dockerHost: UNKNOWN }, {}],
])("a provider with %j has its process ask the daemon at %j", (args, variables) => {
  const env = { PATH: "/bin" };
  configure(args, env);

  expect(env).toEqual({ PATH: "/bin", ...variables });
});
