/** What the linters say of the lab's certificates and CRLs, and why they stay as they are. */
import type { LinterName } from "../../verifiers/all.ts";

export interface AcceptedFinding {
  linter: LinterName;
  id: string;
  why: string;
}

/** The Baseline Requirements (BR) bind public CAs and what the web trusts; a private PKI may be read against them, not bound. */
const BASELINE_REQUIREMENTS: Record<string, string> = {
  // names
  e_dnsname_not_valid_tld: "BR 3.2.2.4: .localhost is nobody's domain (RFC 6761, 6.3), which is why the lab uses it",
  e_ext_san_contains_reserved_ip: "BR 7.1.4.2.1: the lab's server listens on a loopback address",
  w_subject_common_name_included: "BR 7.1.2.7.1: people read it in lists; who verifies reads the subjectAltName",
  e_ca_country_name_missing: "BR 7.1.2.10.2: the lab claims no organisation in a country",
  e_sub_cert_country_name_must_appear: "BR 7.1.4.2.2: the lab claims no organisation in a country",
  e_sub_cert_province_must_appear: "BR 7.1.4.2.2: the lab claims no organisation in a place",
  e_sub_cert_locality_name_must_appear: "BR 7.1.4.2.2: the lab claims no organisation in a place",
  e_ext_nc_intersects_reserved_ip: "BR 7.1.5: the root is limited to the loopback addresses of the lab's server",
  e_ext_san_uniform_resource_identifier_present: "BR 7.1.4.2.1: SPIFFE IDs and the like are URIs",
  w_sub_cert_aia_contains_internal_names: "BR 7.1.2.10.3: .localhost again",
  // keys and time
  e_algorithm_identifier_improper_encoding: "BR 7.1.3.1: lists RSA and the NIST curves only; Ed25519 is RFC 8410",
  e_signature_algorithm_not_supported: "BR 6.1.5: lists RSA and the NIST curves only; Ed25519 is RFC 8410",
  e_server_cert_valid_time_longer_than_200_days: "BR 6.3.2: the default is a year, for nothing renews between updates",
  w_server_cert_valid_time_longer_than_199_days: "BR 6.3.2: the default is a year, for nothing renews between updates",
  w_ext_subject_key_identifier_not_recommended_subscriber: "BR 7.1.2.7.6: RFC 5280, 4.2.1.2 says SHOULD for leaves",
  // services and policies of a public CA
  e_sub_ca_crl_distribution_points_missing: "BR 7.1.2.2: by default the lab publishes no CRL",
  e_missing_crl_distrib_point: "BR 7.1.2.11.2: by default the lab publishes no CRL",
  e_sub_cert_aia_missing: "BR 7.1.2.3: the lab runs no OCSP responder",
  w_sub_cert_aia_does_not_contain_issuing_ca_url: "BR 7.1.2.3: servers and clients send their intermediates",
  w_sub_ca_aia_missing: "BR 7.1.2.2: who verifies has the root",
  e_crl_next_update_invalid: "BR 4.9.7: 90 days, for nothing signs a new one between updates",
  e_cab_crl_has_valid_reason_code: "BR 7.2.2: a lab shows every reason of RFC 5280, 5.3.1",
  e_sub_ca_certificate_policies_missing: "BR 7.1.2.2: there is no policy to be held to",
  e_invalid_ca_certificate_policies: "BR 7.1.2.10.5: there is no policy to be held to",
  e_sub_cert_certificate_policies_missing: "BR 7.1.2.3: there is no policy to be held to",
  e_sub_cert_cert_policy_empty: "BR 7.1.2.3: there is no policy to be held to",
};

export const ACCEPTED_FINDINGS: AcceptedFinding[] = [
  ...Object.entries(BASELINE_REQUIREMENTS).map(([id, why]) => ({ linter: "zlint" as const, id, why })),
  {
    linter: "pkilint",
    id: "pkix.invalid_domain_name_syntax",
    why: "a wildcard is no name of RFC 5280, 4.2.1.6, but every client of TLS reads it by RFC 9525, 6.3",
  },
  {
    linter: "pkilint",
    id: "pkix.invalid_uri_syntax",
    why: "its list of schemes lacks spiffe; RFC 5280, 4.2.1.6 takes every scheme",
  },
];
