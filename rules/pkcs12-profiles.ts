/** Who is to open a PKCS#12 file, which decides its algorithms: `compat` is for those who cannot read a `modern` one. */
export const PKCS12_PROFILES = ["modern", "compat"] as const;

/** One of {@link PKCS12_PROFILES}. */
export type Pkcs12Profile = (typeof PKCS12_PROFILES)[number];
