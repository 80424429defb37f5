/** Distinguished names. Pure, shared by components and provider. */

/** A distinguished name (RFC 5280, 4.1.2.4). What is empty or left out is not in the name. */
export interface Subject {
  /** C: two capital letters (ISO 3166). */
  country?: string;
  /** ST */
  province?: string;
  /** L */
  locality?: string;
  /** O */
  organization?: string;
  /** OU */
  organizationalUnit?: string;
  /** CN: 1 to 64 characters. */
  commonName: string;
}

/** The attributes that are in the name, in X.500 order, as openssl's configuration files write them. */
export function attributesOf(subject: Subject): [type: string, value: string][] {
  const { country, province, locality, organization, organizationalUnit, commonName } = subject;
  const all = { C: country, ST: province, L: locality, O: organization, OU: organizationalUnit, CN: commonName };
  return Object.entries(all).flatMap(([type, value]): [string, string][] => (value ? [[type, value]] : []));
}
