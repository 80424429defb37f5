import * as pulumi from "@pulumi/pulumi";

/** The input that is a private key, as a secret. Left out where it is left out, for its absence means something. */
export function secretKey<Name extends string>(
  name: Name,
  inputs: { readonly [key in Name]?: pulumi.Input<string> },
): { [key in Name]?: pulumi.Output<string> } {
  const key = inputs[name];
  return key === undefined ? {} : ({ [name]: pulumi.secret(key) } as { [key in Name]: pulumi.Output<string> });
}
