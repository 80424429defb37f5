// Verifies certificate chains with Go's crypto/x509. Each line of standard input is a question, see ../chain-program.ts;
// each line of standard output the answer: nothing, or why not.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

var usages = map[string]x509.ExtKeyUsage{
	"sslclient": x509.ExtKeyUsageClientAuth,
	"sslserver": x509.ExtKeyUsageServerAuth,
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		answer := ""
		if err := verify(strings.Split(lines.Text(), "\t")); err != nil {
			answer = strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(answer)
	}
}

func verify(fields []string) error {
	at, err := time.Parse(time.RFC3339, fields[2])
	if err != nil {
		return err
	}
	root, err := parseAll(fields[3], x509.ParseCertificate)
	if err != nil {
		return err
	}
	chain, err := parseAll(fields[4], x509.ParseCertificate)
	if err != nil {
		return err
	}
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   at,
		DNSName:       fields[1],
		KeyUsages:     []x509.ExtKeyUsage{usages[fields[0]]},
	}
	options.Roots.AddCert(root[0])
	for _, intermediate := range chain[1:] {
		options.Intermediates.AddCert(intermediate)
	}
	chains, err := chain[0].Verify(options)
	if err != nil || fields[5] == "unchecked" {
		return err
	}
	lists, err := parseAll(fields[5], x509.ParseRevocationList)
	if err != nil {
		return err
	}
	return checkRevocation(chains[0], lists, at)
}

// Package x509 reads CRLs and checks their signatures, but leaves it to the caller to look certificates up in them.
func checkRevocation(chain []*x509.Certificate, lists []*x509.RevocationList, at time.Time) error {
	for position, certificate := range chain[:len(chain)-1] {
		list, err := listOf(chain[position+1], lists)
		if err != nil {
			return err
		}
		if at.Before(list.ThisUpdate) || at.After(list.NextUpdate) {
			return fmt.Errorf("the CRL of %s is not current", list.Issuer)
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(certificate.SerialNumber) == 0 {
				return fmt.Errorf("%s is revoked", certificate.Subject)
			}
		}
	}
	return nil
}

func listOf(issuer *x509.Certificate, lists []*x509.RevocationList) (*x509.RevocationList, error) {
	err := errors.New("no CRL of " + issuer.Subject.String())
	for _, list := range lists {
		if string(list.RawIssuer) != string(issuer.RawSubject) {
			continue
		}
		if err = list.CheckSignatureFrom(issuer); err == nil {
			return list, nil
		}
	}
	return nil, err
}

func parseAll[T any](field string, parse func([]byte) (T, error)) ([]T, error) {
	var all []T
	for _, text := range strings.Fields(field) {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, err
		}
		one, err := parse(der)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
